// The life of an append to the transaction log (transactions.md 3.4): written with the
// transaction's own timeout, acknowledged into the cache, or taken back.
#include "models/transaction/append_errors.h"
#include "models/transaction/end_txn.h"
#include "models/transaction/transaction_coordinator.h"
#include "models/transaction/transaction_log.h"
#include "sim/assert.h"

namespace eosim::kafka {

void TransactionCoordinator::append(const CoordinatorEnv& env, PendingAppend pending,
                                    Effects& effects) {
  const uint64_t token = next_append_token_++;
  AppendEffect effect;
  effect.partition = {config_.transaction_topic, pending.partition};
  effect.token = token;
  List<TransactionLogRecord> records;
  if (pending.purpose == AppendPurpose::kTombstones) {
    for (const ExpiringId& expiring : pending.expiring) {
      records.push_back(tombstone_record(expiring.transactional_id));
    }
    effect.timeout = sim::milliseconds(config_.request_timeout_ms);
  } else {
    const TransactionMetadata* metadata = cache_.peek(pending.partition, pending.transactional_id);
    EOSIM_ASSERT(metadata != nullptr && metadata->pending == pending.transit.state);
    if (config_.switches.on(Switch::kPreviousIdRenewed)) {
      pending.transit.previous_producer_id = metadata->producer.id;
    }
    records.push_back(to_record(pending.transactional_id, pending.transit, value_version()));
    effect.timeout = sim::milliseconds(pending.transit.timeout_ms);
  }
  pending.batch = env.batches.put(make_transaction_log_batch(env.names, std::move(records),
                                                             value_version(), env.clock.wall.ms()));
  effect.batch = pending.batch;
  const bool added = appends_.emplace(token, std::move(pending)).second;
  EOSIM_ASSERT(added);
  effects.push_back(effect);
}

void TransactionCoordinator::on_append_done(const CoordinatorEnv& env, uint64_t token,
                                            Error append_error, Effects& effects) {
  const auto at = appends_.find(token);
  EOSIM_ASSERT(at != appends_.end());
  const PendingAppend pending = std::move(at->second);
  appends_.erase(at);
  if (pending.purpose == AppendPurpose::kTombstones) {
    return finish_tombstones(pending, append_error, effects);
  }
  const Error outcome = finish_transition(pending, append_error, effects);
  switch (pending.purpose) {
    case AppendPurpose::kInit:
      return answer(pending.caller, pending.transactional_id, outcome, pending.transit.producer,
                    effects);
    case AppendPurpose::kAddPartitions:
      return answer(pending.caller, pending.transactional_id, outcome, {}, effects);
    case AppendPurpose::kPrepare:
      return finish_prepare(env, pending, outcome, effects);
    case AppendPurpose::kComplete:
      return finish_complete(env, pending, outcome, effects);
    case AppendPurpose::kTombstones:
      break;
  }
}

// Steps 4 and 5. A transition of a partition that is no longer ours, or ours again under another
// epoch, touches nothing: the log has the record, and whoever loads it sees it.
Error TransactionCoordinator::finish_transition(const PendingAppend& pending, Error append_error,
                                                Effects& effects) {
  const Error error = transaction_append_error(append_error);
  const TransactionCache::Found found =
      cache_.find_same_epoch(pending.partition, pending.transactional_id, pending.epoch);
  if (error != Error::kNone) {
    const bool retried =
        pending.purpose == AppendPurpose::kComplete && error == Error::kCoordinatorNotAvailable;
    if (found.error != Error::kNone) return error;
    EOSIM_ASSERT(found.metadata->pending == pending.transit.state);
    if (may_be_in_log(append_error)) found.metadata->taken_back.push_back(pending.batch);
    if (!retried) found.metadata->pending.reset();
    if (pending.fence_raised_epoch) found.metadata->failed_epoch_fence = true;
    return error;
  }
  if (found.error != Error::kNone) return found.error;
  TransactionMetadata& metadata = *found.metadata;
  const int64_t from =
      metadata.producer.epoch.valid() ? static_cast<int64_t>(metadata.state) : int64_t{-1};
  complete_transition(metadata, pending.transit, pending.batch);
  effects.push_back(
      make_event(Event::kTransactionTransition,
                 {metadata.transactional_id.id, from, static_cast<int64_t>(metadata.state),
                  metadata.producer.id.value, metadata.producer.epoch.value, pending.batch.index}));
  return Error::kNone;
}

// 3.5 steps 9 and 10: the decision is durable. The client is answered now, markers come later.
void TransactionCoordinator::finish_prepare(const CoordinatorEnv& env, const PendingAppend& pending,
                                            Error error, Effects& effects) {
  const Name tid = pending.transactional_id;
  if (error != Error::kNone) return answer(pending.caller, tid, error, {}, effects);
  const TransactionCache::Found found =
      cache_.find_same_epoch(pending.partition, tid, pending.epoch);
  EOSIM_ASSERT(found.error == Error::kNone);
  TransactionMetadata& metadata = *found.metadata;
  const Error recheck =
      recheck_prepared(metadata, pending.ended, pending.transit.state, pending.path);
  if (recheck != Error::kNone) {
    effects.push_back(stuck_event(tid, metadata.producer, recheck));
    return answer(pending.caller, tid, recheck, {}, effects);
  }
  metadata.failed_epoch_fence = false;
  const TransactionTransit complete = prepare_complete(metadata, env.clock.wall.ms());
  if (pending.fence) {
    // Whoever asked for the id of a fenced producer has to come again (3.6 step 6).
    answer(pending.caller, tid, Error::kConcurrentTransactions, {}, effects);
  } else {
    // What the client goes on with is what the end will leave behind (KAFKA-18660).
    const bool told = pending.path == EndPath::kBumping;
    answer(pending.caller, tid, Error::kNone, told ? complete.producer : ProducerIdAndEpoch{},
           effects);
  }
  start_markers(env, pending.partition, pending.epoch, metadata, complete, effects);
  wake_sender(env, effects);
}

void TransactionCoordinator::finish_complete(const CoordinatorEnv&, const PendingAppend& pending,
                                             Error error, Effects& effects) {
  if (error == Error::kNone) return;
  if (error == Error::kCoordinatorNotAvailable) {
    append_retries_.push_back(pending.completion);
    return;
  }
  const TransactionCache::Found found =
      cache_.find_same_epoch(pending.partition, pending.transactional_id, pending.epoch);
  if (found.error != Error::kNone) return;  // whoever leads the partition now goes on
  effects.push_back(stuck_event(pending.transactional_id, pending.transit.producer, error));
}

void TransactionCoordinator::finish_tombstones(const PendingAppend& pending, Error append_error,
                                               Effects& effects) {
  for (const ExpiringId& expiring : pending.expiring) {
    const TransactionCache::Found found =
        cache_.find_same_epoch(pending.partition, expiring.transactional_id, pending.epoch);
    if (found.error != Error::kNone) continue;
    TransactionMetadata& metadata = *found.metadata;
    const bool removed = append_error == Error::kNone &&
                         metadata.pending == TransactionState::kDead &&
                         metadata.producer.epoch == expiring.epoch;
    if (!removed) {
      metadata.pending.reset();
      if (may_be_in_log(append_error)) metadata.taken_back.push_back(pending.batch);
      continue;
    }
    effects.push_back(make_event(Event::kTransactionExpired,
                                 {expiring.transactional_id.id, metadata.producer.id.value}));
    cache_.erase(pending.partition, expiring.transactional_id);
  }
}

}  // namespace eosim::kafka
