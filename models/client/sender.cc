// The loop and the transactional requests. Batches: sender_batches.cc.
#include "models/client/sender.h"

#include "models/client/retry_count.h"

#include <algorithm>
#include <span>
#include <utility>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

constexpr uint64_t kMetadataTag = 1;
constexpr uint64_t kTransactionTag = 2;  // then those of Produce requests

// From the next version on a request is one of TV2 (transactions.md 2.1).
constexpr int16_t kEndTxnMaxBeforeV2 = 4;
constexpr int16_t kTxnOffsetCommitMaxBeforeV2 = 4;

// A producer has one connection to a broker, for data and as coordinator: the node that
// FindCoordinator names keeps its id (unlike in the consumer).
constexpr Lane kLane = Lane::kData;

NetworkClientConfig network_config(const ProducerConfig& config) {
  NetworkClientConfig network;
  network.client_id = config.client_id;
  network.kind = config.kind;
  network.versions = config.versions;
  network.request_timeout_ms = config.request_timeout_ms;
  network.reconnect_backoff_ms = config.reconnect_backoff_ms;
  network.reconnect_backoff_max_ms = config.reconnect_backoff_max_ms;
  network.component = config.component;
  network.actor = config.sender;
  return network;
}

bool has_membership(const GroupMetadata& group) {
  return group.generation.valid() || group.member_id.valid() || group.instance_id.valid();
}

}  // namespace

ProducerCore::ProducerCore(ProducerConfig c)
    : config(std::move(c)),
      network(network_config(config)),
      metadata(config.metadata_max_age_ms, config.retry_backoff_ms),
      accumulator(config),
      manager(config) {
  EOSIM_ASSERT(config.acks == -1 || config.acks == 1);
  EOSIM_ASSERT(!config.transactional() || config.acks == -1);
  for (const BrokerAddress& broker : config.brokers) network.know(broker.id, broker.process);
}

void Sender::wake(sim::Context& context, const ProducerCore& core) {
  if (wake_pending_) return;
  wake_pending_ = true;
  context.wake(core.config.sender, client_tag(ClientTimer::kSenderWake, core.config.component));
}

void Sender::on_timer(const sim::TimerTag& tag) {
  if (tag.kind == static_cast<uint32_t>(ClientTimer::kSenderWake)) wake_pending_ = false;
  if (tag.kind == static_cast<uint32_t>(ClientTimer::kSenderDeadline)) {
    timer_at_ = sim::kSteadyNever;
  }
}

void Sender::run(sim::Context& context, ProducerCore& core) {
  bool again = true;
  while (again) {
    switch (phase_) {
      case Phase::kSleeping:
        again = step_sleeping(context, core);
        break;
      case Phase::kConnecting:
        again = step_connecting(context, core);
        break;
      case Phase::kFree:
      case Phase::kInFlight:
        again = iterate(context, core);
        break;
    }
    emit_events(context, core);
  }
  give_back_settled(kafka_shared(context), core);
  if (phase_ != Phase::kSleeping) core.metadata.maybe_request(context, core.network, kMetadataTag);
  arm_timer(context, core);
}

bool Sender::iterate(sim::Context& context, ProducerCore& core) {
  TransactionManager& manager = core.manager;
  manager.resolve_sequences();
  if (manager.has_fatal_error()) {
    fail_batches(context, core, manager.last_error().error);
    return false;
  }
  const Error refused = manager.last_error().error;
  if (manager.start_over_if_refused()) fail_batches(context, core, refused);
  if (!manager.transactional()) manager.prepare_idempotent(core.accumulator.batches());
  if (phase_ == Phase::kInFlight) return false;
  if (manager.has_abortable_error() || manager.is_aborting()) {
    for (const uint64_t number : core.accumulator.unsent()) {
      tell_failed(context, core, number, manager.last_error().error);
    }
  }
  TransactionManager::Next next = manager.next_request(core.accumulator.has_incomplete());
  if (next.request) {
    begin(context, core, std::move(*next.request));
    return true;
  }
  return next.progress || send_batches(context, core);
}

void Sender::begin(sim::Context& context, ProducerCore& core, TxnRequest request) {
  const auto type = TransactionManager::coordinator_type(request, core.manager.transactional());
  const std::optional<BrokerId> target =
      type ? core.manager.coordinator(*type) : core.network.least_loaded(context);
  if (!target && type) {
    core.manager.rediscover(std::move(request));
    return;
  }
  current_ = std::move(request);
  if (!target) {
    give_up_connecting(context, core);
    return;
  }
  if (type && core.network.backing_off(context, *target, kLane)) {
    // The lookup named a broker that could not be reached a moment ago. Kafka's loop would ask
    // again at once, as often as a round trip allows; here it sleeps, which changes nothing but
    // their number.
    give_up_connecting(context, core);
    sleep(context, core, core.config.retry_backoff_ms);
    return;
  }
  target_ = *target;
  enter(context, core, Phase::kConnecting);
  phase_until_ = context.steady() + sim::milliseconds(core.config.request_timeout_ms);
}

bool Sender::step_connecting(sim::Context& context, ProducerCore& core) {
  EOSIM_ASSERT(current_.has_value());
  if (core.network.ready(context, target_, kLane)) {
    const auto type = TransactionManager::coordinator_type(*current_, core.manager.transactional());
    if (type == CoordinatorType::kTransaction) {
      core.manager.coordinator_ready(core.network.version(target_, kLane, Rpc::kInitProducerId));
    }
    if (current_->retry) {
      sleep(context, core, current_->backoff_ms);
    } else {
      transmit(context, core);
    }
    return true;
  }
  const bool failed = core.network.backing_off(context, target_, kLane);
  if (!failed && context.steady() < phase_until_) return false;
  give_up_connecting(context, core);
  return true;
}

void Sender::give_up_connecting(sim::Context& context, ProducerCore& core) {
  TxnRequest request = *std::exchange(current_, std::nullopt);
  enter(context, core, Phase::kFree);
  if (TransactionManager::coordinator_type(request, core.manager.transactional())) {
    core.manager.rediscover(std::move(request));
    return;
  }
  // No broker can be reached: not to go round without end, the loop sleeps.
  core.metadata.request_update();
  core.manager.retry(std::move(request));
  sleep(context, core, core.config.retry_backoff_ms);
}

void Sender::enter(sim::Context& context, const ProducerCore& core, Phase phase) {
  const auto blocks = [](Phase p) { return p == Phase::kConnecting || p == Phase::kSleeping; };
  const sim::SteadyTime now = context.steady();
  if (blocks(phase_) && core.config.kind == ClientKind::kProducer) {
    kafka_shared(context).counters.blocked(ThreadKind::kSender, now - phase_since_);
  }
  phase_since_ = now;
  phase_ = phase;
}

void Sender::sleep(sim::Context& context, const ProducerCore& core, int32_t milliseconds) {
  enter(context, core, Phase::kSleeping);
  phase_until_ = context.steady() + sim::milliseconds(milliseconds);
}

bool Sender::step_sleeping(sim::Context& context, ProducerCore& core) {
  if (context.steady() < phase_until_) return false;
  enter(context, core, Phase::kFree);
  if (current_) transmit(context, core);
  return true;
}

void Sender::transmit(sim::Context& context, ProducerCore& core) {
  TxnRequest& request = *current_;
  if (request.retry) count_retry(context, request.rpc);
  const Name tid = core.config.transactional_id;
  enter(context, core, Phase::kInFlight);
  const auto send = [&](auto message, int16_t max_version = INT16_MAX) {
    core.network.send(context, target_, kLane, std::move(message), kTransactionTag, 0, max_version);
  };
  switch (request.rpc) {
    case Rpc::kFindCoordinator: {
      const bool group = request.lookup == CoordinatorType::kGroup;
      send(FindCoordinatorRequest{{}, request.lookup, group ? request.group.group : tid});
      break;
    }
    case Rpc::kInitProducerId: {
      const int32_t timeout_ms = tid.valid() ? core.config.transaction_timeout_ms : INT32_MAX;
      send(InitProducerIdRequest{{}, tid, timeout_ms, request.producer});
      break;
    }
    case Rpc::kAddPartitionsToTxn:
      send(AddPartitionsToTxnRequest{
          {}, tid, request.producer, request.partitions, request.instance});
      break;
    case Rpc::kAddOffsetsToTxn:
      send(
          AddOffsetsToTxnRequest{{}, tid, request.producer, request.group.group, request.instance});
      break;
    case Rpc::kTxnOffsetCommit: {
      // KIP-447: membership that the coordinator cannot read must not be dropped in silence.
      const auto version = core.network.version(target_, kLane, Rpc::kTxnOffsetCommit);
      GroupMetadata group = request.group;
      const bool too_old = version && *version < 3 && has_membership(group);
      if (too_old && core.config.downgrades_txn_commit) {
        group = {group.group, {}, {}, {}};
      } else if (too_old) {
        enter(context, core, Phase::kFree);
        core.manager.on_unsupported_version(*std::exchange(current_, std::nullopt));
        return;
      }
      send(TxnOffsetCommitRequest{{},
                                  tid,
                                  group.group,
                                  request.producer,
                                  group.generation,
                                  group.member_id,
                                  group.instance_id,
                                  request.offsets,
                                  request.instance},
           request.v2 ? INT16_MAX : kTxnOffsetCommitMaxBeforeV2);
      break;
    }
    default:
      EOSIM_ASSERT(request.rpc == Rpc::kEndTxn);
      if (!core.manager.was_end_sent()) {
        core.manager.end_sent();
        context.emit(event_id(Event::kTransactionEndSent),
                     {static_cast<int64_t>(core.instance.number), static_cast<int64_t>(tid.id),
                      request.committed ? 1 : 0});
      }
      send(EndTxnRequest{{}, tid, request.producer, request.committed, request.instance},
           request.v2 ? INT16_MAX : kEndTxnMaxBeforeV2);
  }
}

void Sender::on_completions(sim::Context& context, ProducerCore& core,
                            const Completions& completions) {
  for (const Completion& completion : completions) {
    if (completion.kind == Completion::Kind::kDisconnected ||
        completion.kind == Completion::Kind::kTimedOut) {
      core.metadata.request_update();
    }
    if (completion.tag == kMetadataTag) {
      core.metadata.on_completion(context, core.network, completion);
    } else if (completion.tag == kTransactionTag) {
      on_transactional(context, core, completion);
    } else {
      on_produced(context, core, completion);
    }
    emit_events(context, core);
  }
}

void Sender::on_transactional(sim::Context& context, ProducerCore& core,
                              const Completion& completion) {
  EOSIM_ASSERT(phase_ == Phase::kInFlight && current_ && current_->rpc == completion.rpc);
  enter(context, core, Phase::kFree);
  TxnRequest request = *std::exchange(current_, std::nullopt);
  if (completion.kind == Completion::Kind::kUnsupportedVersion) {
    core.manager.on_unsupported_version(request);
    return;
  }
  if (completion.kind != Completion::Kind::kResponse) {
    core.manager.rediscover(std::move(request));
    return;
  }
  const Bodies& bodies = kafka_shared(context).bodies;
  TransactionManager& manager = core.manager;
  const uint32_t body = completion.body;
  switch (request.rpc) {
    case Rpc::kFindCoordinator:
      return manager.on_find_coordinator(request, bodies.get<FindCoordinatorResponse>(body));
    case Rpc::kInitProducerId:
      return manager.on_init_producer_id(request, bodies.get<InitProducerIdResponse>(body));
    case Rpc::kAddPartitionsToTxn:
      return manager.on_add_partitions(request, bodies.get<AddPartitionsToTxnResponse>(body));
    case Rpc::kAddOffsetsToTxn:
      return manager.on_add_offsets(request, bodies.get<AddOffsetsToTxnResponse>(body));
    case Rpc::kTxnOffsetCommit:
      return manager.on_txn_offset_commit(request, bodies.get<TxnOffsetCommitResponse>(body));
    default:
      return manager.on_end_txn(request, bodies.get<EndTxnResponse>(body));
  }
}

void Sender::emit_events(sim::Context& context, ProducerCore& core) {
  for (const EmittedEvent& event : core.manager.take_events()) {
    context.emit(event_id(event.event), std::span(event.values).first(event.count));
  }
}

void Sender::arm_timer(sim::Context& context, const ProducerCore& core) {
  const sim::SteadyTime now = context.steady();
  sim::SteadyTime next = sim::kSteadyNever;
  // What is overdue waits for something else: a connection, an answer.
  const auto consider = [&](sim::SteadyTime at) {
    if (at > now) next = std::min(next, at);
  };
  if (phase_ == Phase::kSleeping || phase_ == Phase::kConnecting) consider(phase_until_);
  if (phase_ != Phase::kSleeping) consider(core.metadata.due());
  if (phase_ == Phase::kFree && !core.manager.has_fatal_error()) {
    const bool flush = core.flush || core.manager.is_completing();
    consider(core.accumulator.ready(core.metadata, now, flush).next);
    consider(core.accumulator.next_expiry());
  }
  // A timer that fires too early only looks again.
  if (next >= timer_at_) return;
  if (timer_at_ != sim::kSteadyNever) context.cancel(timer_);
  timer_at_ = next;
  timer_ = context.set_timer(core.config.sender, next - now,
                             client_tag(ClientTimer::kSenderDeadline, core.config.component));
}

void Sender::stop(sim::Context& context, const ProducerCore& core) {
  if (timer_at_ != sim::kSteadyNever) context.cancel(timer_);
  timer_at_ = sim::kSteadyNever;
  enter(context, core, Phase::kFree);
  current_.reset();
  produce_requests_.clear();
}

std::string Sender::waits_for(const ProducerCore& core) const {
  if (current_) {
    const std::string rpc(rpc_name(current_->rpc));
    if (phase_ == Phase::kConnecting) return "a connection for " + rpc;
    if (phase_ == Phase::kSleeping) return "its sleep before it repeats " + rpc;
    return "the answer to " + rpc;
  }
  if (core.accumulator.has_incomplete()) {
    return std::to_string(core.accumulator.incomplete()) + " batches";
  }
  return core.manager.has_pending_requests() ? "its turn to send a request" : "nothing";
}

}  // namespace eosim::kafka
