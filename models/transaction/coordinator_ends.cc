// EndTxn of clients, and the abort inside a fence (transactions.md 2.9, 3.5, 3.6).
#include "models/transaction/bumping_end_txn.h"
#include "models/transaction/end_txn.h"
#include "models/transaction/transaction_coordinator.h"
#include "sim/assert.h"

namespace eosim::kafka {

namespace {

constexpr int16_t kFirstBumpingVersion = 5;  // of EndTxn

}  // namespace

void TransactionCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                        const EndTxnRequest& request, Effects& effects) {
  EndAsked asked;
  asked.transactional_id = request.transactional_id;
  asked.producer = request.producer;
  asked.result = request.committed ? ControlType::kCommit : ControlType::kAbort;
  asked.path = request.header.version >= kFirstBumpingVersion ? EndPath::kBumping : EndPath::kPlain;
  asked.instance = request.instance;
  end_transaction(env, caller_of(token, request, request.producer), asked, effects);
}

EndDecision TransactionCoordinator::decide(const TransactionMetadata& metadata,
                                           const EndAsked& asked) const {
  const bool from_client = !asked.fence;
  if (asked.path == EndPath::kBumping) {
    return decide_bumping_end(metadata, asked.producer, asked.result, from_client, pending_first());
  }
  return decide_end(metadata, asked.producer, asked.result, from_client,
                    config_.switches.as<ClientEndTxnEpoch>(Switch::kClientEndtxnEpoch));
}

bool TransactionCoordinator::end_transaction(const CoordinatorEnv& env, Caller caller,
                                             const EndAsked& asked, Effects& effects) {
  const Name tid = asked.transactional_id;
  const auto conclude = [&](Error error, ProducerIdAndEpoch producer = {}) {
    answer(caller, tid, error, producer, effects);
    return true;
  };
  if (env.names.text(tid).empty()) return conclude(Error::kInvalidRequest);
  const int32_t partition = partition_of(env.names, tid);
  const TransactionCache::Found found = cache_.find(partition, tid);
  if (found.error != Error::kNone) return conclude(found.error);
  if (found.metadata == nullptr) return conclude(Error::kInvalidProducerIdMapping);
  TransactionMetadata& metadata = *found.metadata;
  const EndDecision decision = decide(metadata, asked);
  if (!decision.prepare) {
    const bool repeated = decision.error == Error::kNone && asked.path == EndPath::kBumping;
    return conclude(decision.error, repeated ? metadata.producer : ProducerIdAndEpoch{});
  }
  ProducerId next;
  if (decision.needs_producer_id) {
    const auto id = generate_producer_id(env, effects);
    if (!id) return conclude(Error::kCoordinatorLoadInProgress);
    next = *id;
  }
  if (asked.fence) clear_for_abort(metadata, asked);
  if (asked.path == EndPath::kBumping && metadata.producer.epoch.value == INT16_MAX) {
    conclude(Error::kUnknownServerError);  // no epoch is left (KAFKA-19367, KAFKA-20090)
    return false;
  }
  PendingAppend pending;
  pending.purpose = AppendPurpose::kPrepare;
  pending.partition = partition;
  pending.epoch = found.epoch;
  pending.transactional_id = tid;
  const int64_t now_ms = env.clock.wall.ms();
  pending.transit = asked.path == EndPath::kBumping
                        ? prepare_bumping_end(metadata, asked.result, next, now_ms, asked.instance)
                        : prepare_end(metadata, asked.result, now_ms);
  pending.caller = std::move(caller);
  pending.ended = asked.producer;
  pending.path = asked.path;
  pending.fence = asked.fence;
  pending.fence_raised_epoch = asked.fence && asked.raises_cached_epoch;
  append(env, std::move(pending), effects);
  return true;
}

// Step 7 of the first table. On the other path the Prepare record raises the epoch, and a cache
// that had raised it before would raise it twice (3.6 steps 4 and 5).
void TransactionCoordinator::clear_for_abort(TransactionMetadata& metadata, const EndAsked& asked) {
  EOSIM_ASSERT(metadata.pending == TransactionState::kPrepareEpochFence);
  if (!asked.raises_cached_epoch) {
    metadata.pending.reset();
    return;
  }
  raise_epoch_for_fence(metadata, asked.producer.epoch,
                        config_.switches.as<FenceLastEpoch>(Switch::kFenceLastEpoch));
}

// transactions.md 3.6: from PrepareEpochFence to the append of PrepareAbort it is one step.
bool TransactionCoordinator::fence(const CoordinatorEnv& env, Caller caller,
                                   TransactionMetadata& metadata, Effects& effects) {
  EOSIM_ASSERT(!metadata.pending && metadata.state == TransactionState::kOngoing);
  const Name tid = metadata.transactional_id;
  const ProducerIdAndEpoch fenced = metadata.producer;
  const auto epoch = fence_epoch(metadata, config_.switches.on(Switch::kFailedFenceGuard));
  if (!epoch) {
    answer(caller, tid, Error::kUnknownServerError, {}, effects);
    return false;
  }
  EndAsked asked;
  asked.transactional_id = tid;
  asked.producer = {fenced.id, *epoch};
  asked.result = ControlType::kAbort;
  // Not a client's: the server's own level decides, whatever the client speaks (6.7).
  asked.path = ends_with_new_epoch(config_.switches) ? EndPath::kBumping : EndPath::kPlain;
  asked.fence = true;
  asked.raises_cached_epoch =
      asked.path == EndPath::kPlain || config_.switches.on(Switch::kFenceDoubleBump);
  metadata.pending = TransactionState::kPrepareEpochFence;
  if (*epoch != fenced.epoch) {
    effects.push_back(make_event(
        Event::kTransactionFenced,
        {tid.id, fenced.id.value, fenced.epoch.value, epoch->value, caller.is_client ? 0 : 1}));
  }
  return end_transaction(env, std::move(caller), asked, effects);
}

}  // namespace eosim::kafka
