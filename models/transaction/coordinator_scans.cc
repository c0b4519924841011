// Timers: the scan for timed-out transactions, the scan for ids that nobody uses, and the sender
// that wakes up by itself (transactions.md 3.7, 3.8, 3.10).
#include <algorithm>

#include "models/transaction/transaction_coordinator.h"
#include "models/transaction/transaction_log.h"
#include "sim/assert.h"

namespace eosim::kafka {

namespace {

// Fixed rate: a process that was paused goes on with the next full interval.
void advance(sim::SteadyTime& deadline, sim::SteadyTime now, int64_t interval_ms) {
  const sim::Duration interval = sim::milliseconds(interval_ms);
  EOSIM_ASSERT(interval.ns > 0 && deadline <= now);
  const int64_t missed = (now - deadline).ns / interval.ns;
  deadline = deadline + interval * (missed + 1);
}

}  // namespace

void TransactionCoordinator::on_start(const CoordinatorEnv& env) {
  const sim::SteadyTime now = env.clock.steady;
  next_abort_scan_ = now + sim::milliseconds(config_.abort_timed_out_interval_ms);
  next_expiry_scan_ = now + sim::milliseconds(config_.remove_expired_interval_ms);
  last_wake_ = now;
}

sim::SteadyTime TransactionCoordinator::next_deadline() const {
  sim::SteadyTime deadline = std::min(next_abort_scan_, next_expiry_scan_);
  deadline = std::min(deadline, channel_.next_deadline());
  // With nothing to do the sender's poll returns after request.timeout.ms.
  if (!append_retries_.empty() || channel_.has_unresolved()) {
    deadline = std::min(deadline, last_wake_ + sim::milliseconds(config_.request_timeout_ms));
  }
  return deadline;
}

void TransactionCoordinator::on_deadline(const CoordinatorEnv& env, Effects& effects) {
  const sim::SteadyTime now = env.clock.steady;
  const bool sender_due = channel_.next_deadline() <= now ||
                          ((!append_retries_.empty() || channel_.has_unresolved()) &&
                           last_wake_ + sim::milliseconds(config_.request_timeout_ms) <= now);
  if (next_abort_scan_ <= now) {
    advance(next_abort_scan_, now, config_.abort_timed_out_interval_ms);
    abort_timed_out(env, effects);
  }
  if (next_expiry_scan_ <= now) {
    advance(next_expiry_scan_, now, config_.remove_expired_interval_ms);
    remove_expired(env, effects);
  }
  if (sender_due) wake_sender(env, effects);
  EOSIM_ASSERT(next_deadline() > now);
}

void TransactionCoordinator::abort_timed_out(const CoordinatorEnv& env, Effects& effects) {
  const int64_t now_ms = env.clock.wall.ms();
  const auto timed_out = [&](const TransactionMetadata& metadata) {
    return !metadata.pending && metadata.state == TransactionState::kOngoing &&
           metadata.start_ms + metadata.timeout_ms < now_ms;
  };
  for (const TransactionCache::Key& key : cache_.by_text(env.names, timed_out)) {
    const TransactionCache::Found found = cache_.find(key.partition, key.transactional_id);
    if (found.error != Error::kNone) continue;  // being loaded again
    EOSIM_ASSERT(found.metadata != nullptr);
    // An id whose epochs are used up is an illegal state, and Kafka's scan dies of it. Those behind
    // it wait for the next scan, which comes to the same id first.
    if (!fence(env, Caller{}, *found.metadata, effects)) return;
  }
}

// An id whose first InitProducerId failed has epoch -1. Before 3.5 that ended the scan: what it had
// gathered by then was never appended, and stays Dead until it is loaded again (KAFKA-14880).
void TransactionCoordinator::remove_expired(const CoordinatorEnv& env, Effects& effects) {
  const int64_t now_ms = env.clock.wall.ms();
  const auto expired = [&](const TransactionMetadata& metadata) {
    return !metadata.pending && metadata.idle() &&
           metadata.last_update_ms <= now_ms - config_.transactional_id_expiration_ms;
  };
  const bool unused_too = config_.switches.on(Switch::kExpireUnusedTids);
  const TxnLogValueVersion version = value_version();
  std::map<int32_t, PendingAppend> open;  // by transaction partition
  std::map<int32_t, uint32_t> bytes;
  for (const TransactionCache::Key& key : cache_.by_text(env.names, expired)) {
    const TransactionCache::Found found = cache_.find(key.partition, key.transactional_id);
    if (found.error != Error::kNone) continue;
    if (!unused_too && !found.metadata->producer.epoch.valid()) return;
    prepare_dead(*found.metadata);
    PendingAppend& pending = open[key.partition];
    uint32_t& size = bytes[key.partition];
    const uint32_t added = record_bytes(env.names, tombstone_record(key.transactional_id), version);
    if (size + added + kBatchOverheadBytes > kTransactionBatchBytesMax) {
      append(env, std::exchange(pending, {}), effects);
      size = 0;
    }
    size += added;
    pending.purpose = AppendPurpose::kTombstones;
    pending.partition = key.partition;
    pending.epoch = found.epoch;
    pending.expiring.push_back({key.transactional_id, found.metadata->producer.epoch});
  }
  for (auto& [partition, pending] : open) append(env, std::move(pending), effects);
}

}  // namespace eosim::kafka
