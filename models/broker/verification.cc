// Before the first write of a transaction the leader asks the transaction coordinator (KIP-890;
// transactions.md 4.11). The request waits with its guards; then what was verified is appended, and
// the rest is answered with an error.
#include <algorithm>
#include <utility>

#include "models/broker/respond.h"
#include "models/broker/verification_rules.h"
#include "models/group/coverage.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// Whether its transactional batches are of more than one producer, or epoch.
bool writes_of_several(const BatchStore& batches, const ProduceRequest& request) {
  ProducerIdAndEpoch first;
  for (const ProduceRequest::Partition& partition : request.partitions) {
    const RecordBatch& batch = batches[partition.batch];
    if (!batch.transactional) continue;
    if (first.id.valid() && batch.producer != first) return true;
    first = batch.producer;
  }
  return false;
}

}  // namespace

// Step 1 for one partition: null if nothing is to be verified.
bool Broker::begin_verification(sim::Context& context, PendingVerification& pending,
                                TopicPartition partition, ProducerIdAndEpoch producer,
                                Sequence first) {
  const bool adds = pending.mode == VerificationMode::kAdd;
  const VerificationStart start =
      replicas_.begin_verification(partition, {producer, first, context.wall().ms(), adds});
  pending.guarded.push_back({partition, start.guard, start.error});
  return start.guard.valid();
}

// Steps 1 to 3 of a Produce. false: it can be appended as it is.
bool Broker::verify_produce(sim::Context& context, RequestToken token,
                            const ProduceRequest& request, sim::SteadyTime since) {
  PendingVerification pending;
  pending.mode = produce_verification(
      config_.switches, config_.transaction_partition_verification_enable, request.header.version);
  if (pending.mode == VerificationMode::kNone || !request.transactional_id.valid()) return false;
  if (writes_of_several(shared(context).batches, request)) {
    // One question is of one transaction: Kafka refuses the request (ReplicaManager.handleProduce).
    for (const ProduceRequest::Partition& partition : request.partitions) {
      pending.guarded.push_back({partition.partition, {}, Error::kInvalidProducerIdMapping});
    }
    append_verified(context, token, request, pending.guarded);
    return true;
  }
  AddPartitionsToTxnRequest::Transaction question;
  for (const ProduceRequest::Partition& partition : request.partitions) {
    const RecordBatch& batch = shared(context).batches[partition.batch];
    if (!batch.transactional || !replicas_.leads(partition.partition)) continue;
    question.producer = batch.producer;
    question.instance = batch.instance;
    if (begin_verification(context, pending, partition.partition, batch.producer,
                           batch.base_sequence)) {
      question.partitions.push_back(partition.partition);
    }
  }
  const bool refused = std::ranges::any_of(
      pending.guarded, [](const Guarded& guarded) { return guarded.error != Error::kNone; });
  if (question.partitions.empty() && !refused) return false;
  question.transactional_id = request.transactional_id;
  pending.token = token;
  pending.produce = request;
  pending.since = since;
  for (const auto& partition : request.partitions) {
    shared(context).batches.retain(partition.batch);
  }
  ask_coordinator(context, std::move(pending), std::move(question));
  return true;
}

// The same of a TxnOffsetCommit, whose one partition is that of its group.
bool Broker::verify_offsets(sim::Context& context, RequestToken token,
                            const TxnOffsetCommitRequest& request) {
  PendingVerification pending;
  pending.mode = offset_verification(
      config_.switches, config_.transaction_partition_verification_enable, request.header.version);
  if (pending.mode == VerificationMode::kNone || !request.transactional_id.valid()) return false;
  if (!request.group.valid()) return false;
  const TopicPartition partition{
      config_.consumer_offsets,
      shared(context).names.partition_for(
          request.group,
          static_cast<int32_t>(
              image(context).topics[config_.consumer_offsets.value].partitions.size()))};
  // Who does not coordinate the group says so at once. (The new coordinator asks first.)
  const bool asks_first = groups_->config().new_coordinator();
  const bool owned = groups_->ownership(partition.partition) == GroupCoordinator::Ownership::kOwned;
  if (!replicas_.leads(partition) || (!owned && !asks_first)) return false;
  AddPartitionsToTxnRequest::Transaction question;
  const bool guarded = begin_verification(context, pending, partition, request.producer, {});
  if (!guarded && pending.guarded.front().error == Error::kNone) return false;
  if (guarded) question.partitions.push_back(partition);
  question.transactional_id = request.transactional_id;
  question.producer = request.producer;
  question.instance = request.instance;
  pending.token = token;
  pending.offsets = request;
  pending.since = context.steady();
  ask_coordinator(context, std::move(pending), std::move(question));
  return true;
}

void Broker::ask_coordinator(sim::Context& context, PendingVerification pending,
                             AddPartitionsToTxnRequest::Transaction question) {
  question.verify_only = pending.mode != VerificationMode::kAdd;
  const bool ask = !question.partitions.empty();
  const SlotId id = verifications_.put(std::move(pending));
  if (!ask) {
    verified_.push_back({id.packed(), Error::kNone, {}});
    return;
  }
  const MetadataImage& cluster = image(context);
  const auto& partitions = cluster.topics[config_.transaction_state.value].partitions;
  const int32_t number = shared(context).names.partition_for(
      question.transactional_id, static_cast<int32_t>(partitions.size()));
  const BrokerId coordinator = partitions.at(static_cast<size_t>(number)).leader;
  const PeerState* peer = coordinator.valid() ? replicas_.peers().find(coordinator) : nullptr;
  if (peer == nullptr || !peer->alive) {
    verified_.push_back({id.packed(), Error::kCoordinatorNotAvailable, {}});
    return;
  }
  verification_sender_.ask(coordinator, peer->process, id.packed(), std::move(question),
                           verified_.waiting());
}

// Steps 4 to 7.
void Broker::on_verified(sim::Context& context, const VerificationOutcome& outcome) {
  const SlotId id = SlotId::unpacked(outcome.question);
  PendingVerification pending = verifications_.take(id);
  bool concurrent = false;
  for (Guarded& guarded : pending.guarded) {
    if (!guarded.guard.valid()) continue;
    Error error = outcome.error;
    for (const PartitionError& answer : outcome.partitions) {
      if (answer.partition == guarded.partition) error = answer.error;
    }
    guarded.error = verification_error(pending.mode, error);
    concurrent = concurrent || guarded.error == Error::kConcurrentTransactions;
  }
  if (pending.offsets) return finish_offset_verification(context, std::move(pending));
  const ProduceRequest& request = *pending.produce;
  if (concurrent && pending.mode == VerificationMode::kAdd &&
      context.steady() - pending.since < verification_patience()) {
    const SlotId again = verifications_.put(std::move(pending));
    context.set_timer(context.actor(),
                      sim::milliseconds(config_.add_partitions_to_txn_retry_backoff_ms),
                      timer_tag(BrokerTimer::kVerification, again));
    return;
  }
  for (Guarded& guarded : pending.guarded) {
    guarded.error = produce_error_of_verification(config_.switches, pending.mode, guarded.error);
  }
  append_verified(context, pending.token, request, pending.guarded);
  for (const auto& partition : request.partitions) {
    shared(context).batches.release(partition.batch);
  }
}

sim::Duration Broker::verification_patience() const {
  return sim::milliseconds(
      std::min(config_.add_partitions_to_txn_retry_backoff_max_ms, config_.request_timeout_ms));
}

// The transaction before has not ended yet: the same again.
void Broker::on_verification_retry(sim::Context& context, SlotId id) {
  const PendingVerification pending = verifications_.take(id);
  const ProduceRequest& request = *pending.produce;
  if (!verify_produce(context, pending.token, request, pending.since)) {
    append_verified(context, pending.token, request, {});
  }
  for (const auto& partition : request.partitions) {
    shared(context).batches.release(partition.batch);
  }
}

void Broker::finish_offset_verification(sim::Context& context, PendingVerification pending) {
  const TxnOffsetCommitRequest& request = *pending.offsets;
  const Guarded& guarded = pending.guarded.front();
  pending.token.met = met_by(*groups_, shared(context).names, request);
  if (guarded.error == Error::kNone) {
    offsets_guard_ = guarded.guard;
    GroupCoordinator::Effects effects;
    groups_->on_request(environment(context), pending.token, request, effects);
    carry_out(context, effects);
    offsets_guard_ = {};
    return;
  }
  const Error error = offset_error_of_verification(config_.switches, pending.mode,
                                                   request.header.version, guarded.error);
  TxnOffsetCommitResponse response;
  for (const OffsetAndEpoch& offset : request.offsets) {
    response.partitions.push_back({offset.partition, error});
  }
  note_answer(shared(context).coverage, pending.token.met, response);
  context.emit(event_id(Event::kOffsetRefused),
               {request.group.id, static_cast<int64_t>(error), request.producer.id.value,
                request.generation.value, request.member_id.id});
  respond(context, pending.token, std::move(response));
}

}  // namespace eosim::kafka
