#include "models/app/operator_process.h"

#include <algorithm>
#include <utility>

#include "models/protocol/events.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

constexpr sim::Duration kPatience = sim::seconds(60);
constexpr sim::Duration kRetryBackoff = sim::milliseconds(100);

bool in_progress(TransactionState state) {
  return state == TransactionState::kOngoing || state == TransactionState::kPrepareCommit ||
         state == TransactionState::kPrepareAbort;
}

}  // namespace

std::unique_ptr<sim::Process> OperatorProcess::clone() const {
  return std::make_unique<OperatorProcess>(*this);
}

std::unique_ptr<sim::Process> OperatorProcess::restarted() const {
  return std::make_unique<OperatorProcess>(config_);
}

void OperatorProcess::start(sim::Context& context) {
  NetworkClientConfig made;
  made.client_id = kafka_shared(context).names.intern(config_.name);
  made.kind = ClientKind::kOperator;
  made.versions = config_.versions;
  network_ = NetworkClient(made);
  for (const BrokerAddress& broker : config_.brokers) network_.know(broker.id, broker.process);
}

void OperatorProcess::step(sim::Context& context, const sim::Step& step) {
  switch (step.kind) {
    case sim::StepKind::kStart:
      return start(context);
    case sim::StepKind::kControl:
      wanted_.push_back(TopicPartition::unpacked(static_cast<int64_t>(step.tag.large)));
      if (phase_ == Phase::kIdle) next(context);
      return;
    case sim::StepKind::kMessage:
      return on_ended(context, network_.on_message(context, step.message));
    case sim::StepKind::kClosed:
      return on_ended(context, network_.on_closed(context, step.connection));
    case sim::StepKind::kTimer:
      if (step.tag.kind != static_cast<uint32_t>(ClientTimer::kApplication)) {
        return on_ended(context, network_.on_timer(context, step.tag));
      }
      EOSIM_ASSERT(phase_ == Phase::kRest);
      return begin(context);
    case sim::StepKind::kDiskDone:
    case sim::StepKind::kStop:
      return;
  }
}

void OperatorProcess::next(sim::Context& context) {
  phase_ = Phase::kIdle;
  if (wanted_.empty()) return;
  give_up_at_ = context.steady() + kPatience;
  begin(context);
}

void OperatorProcess::finish(sim::Context& context) {
  wanted_.erase(wanted_.begin());
  next(context);
}

void OperatorProcess::rest(sim::Context& context) {
  if (context.steady() >= give_up_at_) return finish(context);
  phase_ = Phase::kRest;
  context.set_timer(context.actor(), kRetryBackoff, client_tag(ClientTimer::kApplication, 0));
}

template <class Request>
void OperatorProcess::send(sim::Context& context, BrokerId broker, Request request) {
  request.header.client_id = kafka_shared(context).names.intern(config_.name);
  network_.send(context, broker, Lane::kData, std::move(request), ++question_);
}

void OperatorProcess::begin(sim::Context& context) {
  open_.clear();
  running_.clear();
  const std::optional<BrokerId> any = network_.least_loaded(context);
  if (!any) return rest(context);
  phase_ = Phase::kLeader;
  send(context, *any, MetadataRequest{});
}

// One question is open at a time; of what else ends here nobody waits for an answer.
void OperatorProcess::on_ended(sim::Context& context, const Completions& ended) {
  for (const Completion& completion : ended) {
    const bool waited = completion.tag == question_ && phase_ != Phase::kIdle &&
                        phase_ != Phase::kRest && completion.rpc != Rpc::kApiVersions;
    if (!waited) continue;
    if (completion.kind == Completion::Kind::kUnsupportedVersion) {
      finish(context);
      continue;
    }
    if (completion.kind != Completion::Kind::kResponse) {
      rest(context);
      continue;
    }
    const Bodies& bodies = kafka_shared(context).bodies;
    switch (completion.rpc) {
      case Rpc::kMetadata:
        on_leader(context, bodies.get<MetadataResponse>(completion.body));
        break;
      case Rpc::kDescribeProducers:
        on_producers(context, bodies.get<DescribeProducersResponse>(completion.body));
        break;
      case Rpc::kListTransactions:
        on_list(context, completion.broker, bodies.get<ListTransactionsResponse>(completion.body));
        break;
      case Rpc::kDescribeTransactions:
        on_transactions(context, bodies.get<DescribeTransactionsResponse>(completion.body));
        break;
      case Rpc::kWriteTxnMarkers:
        on_marker(context, bodies.get<WriteTxnMarkersResponse>(completion.body));
        break;
      default:
        EOSIM_ASSERT(false);
    }
  }
}

void OperatorProcess::on_leader(sim::Context& context, const MetadataResponse& response) {
  const MetadataImage& cluster = kafka_shared(context).metadata[response.image];
  const TopicPartition partition = wanted_.front();
  const TopicMetadata& topic = cluster.topics.at(partition.topic.value);
  leader_ = topic.partitions.at(static_cast<size_t>(partition.partition)).leader;
  to_list_.clear();
  for (const BrokerMetadata& broker : cluster.brokers) {
    if (broker.alive) to_list_.push_back(broker.id);
  }
  if (!leader_.valid()) return rest(context);
  phase_ = Phase::kProducers;
  DescribeProducersRequest request;
  request.partitions = {partition};
  send(context, leader_, std::move(request));
}

void OperatorProcess::on_producers(sim::Context& context,
                                   const DescribeProducersResponse& response) {
  if (response.partitions.front().error != Error::kNone) return rest(context);
  for (const auto& producer : response.partitions.front().producers) {
    if (producer.open_transaction.valid()) open_.push_back({producer});
  }
  if (open_.empty()) return finish(context);
  std::ranges::sort(open_, {}, [](const Open& one) { return one.producer.open_transaction; });
  phase_ = Phase::kLists;
  ask_next_coordinator(context);
}

// Every broker, because any of them may be the coordinator; then those that named somebody.
void OperatorProcess::ask_next_coordinator(sim::Context& context) {
  if (!to_list_.empty()) {
    ListTransactionsRequest request;
    for (const Open& open : open_) request.producers.push_back(open.producer.producer.id);
    return send(context, to_list_.front(), std::move(request));
  }
  if (!running_.empty()) {
    phase_ = Phase::kTransactions;
    DescribeTransactionsRequest request;
    request.transactional_ids = {running_.front().transactional_id};
    return send(context, running_.front().coordinator, std::move(request));
  }
  std::erase_if(open_, [](const Open& open) { return open.known; });
  phase_ = Phase::kMarkers;
  abort_next(context);
}

void OperatorProcess::on_list(sim::Context& context, BrokerId broker,
                              const ListTransactionsResponse& response) {
  if (response.error != Error::kNone) return rest(context);
  for (const auto& transaction : response.transactions) {
    running_.push_back({broker, transaction.transactional_id});
  }
  to_list_.erase(to_list_.begin());
  ask_next_coordinator(context);
}

void OperatorProcess::on_transactions(sim::Context& context,
                                      const DescribeTransactionsResponse& response) {
  const auto& transaction = response.transactions.front();
  // Who has lost the id since then is asked again, from the beginning.
  if (transaction.error != Error::kNone) return rest(context);
  const auto& partitions = transaction.partitions;
  const bool here = std::ranges::find(partitions, wanted_.front()) != partitions.end();
  for (Open& open : open_) {
    const bool its = open.producer.producer.id == transaction.producer.id;
    open.known = open.known || (its && here && in_progress(transaction.state));
  }
  running_.erase(running_.begin());
  ask_next_coordinator(context);
}

void OperatorProcess::abort_next(sim::Context& context) {
  if (open_.empty()) return finish(context);
  const DescribeProducersResponse::Producer& hanging = open_.front().producer;
  TxnMarkerEntry marker;
  marker.producer = hanging.producer;
  // A producer without any marker in this partition: the tool says 0.
  marker.coordinator_epoch = std::max(hanging.coordinator_epoch, CoordinatorEpoch{0});
  marker.result = ControlType::kAbort;
  marker.partitions = {wanted_.front()};
  WriteTxnMarkersRequest request;
  request.markers = {std::move(marker)};
  send(context, leader_, std::move(request));
}

void OperatorProcess::on_marker(sim::Context& context, const WriteTxnMarkersResponse& response) {
  const Error error = response.markers.front().partitions.front().error;
  const ProducerIdAndEpoch producer = open_.front().producer.producer;
  context.emit(event_id(Event::kOperatorAborted),
               {wanted_.front().packed(), producer.id.value, producer.epoch.value,
                static_cast<int64_t>(error)});
  if (error == Error::kNotLeaderOrFollower || error == Error::kRequestTimedOut) {
    return rest(context);
  }
  open_.erase(open_.begin());
  abort_next(context);
}

std::string OperatorProcess::describe() const {
  switch (phase_) {
    case Phase::kIdle:
      return "has nothing to do";
    case Phase::kLeader:
      return "looks for a leader";
    case Phase::kProducers:
      return "asks the leader for its producers";
    case Phase::kLists:
    case Phase::kTransactions:
      return "asks coordinators for their transactions";
    case Phase::kMarkers:
      return "aborts a transaction";
    case Phase::kRest:
      return "rests before it begins again";
  }
  return "";
}

}  // namespace eosim::kafka
