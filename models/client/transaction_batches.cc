// What a producer's state and its batches have to do with each other: which may be sent, retried,
// renumbered, and what a failed one does (transactions.md 5.5, 5.7-5.9).
#include <algorithm>
#include <utility>

#include "models/client/transaction_manager.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using S = ProducerClientState;

// An epoch that a client may still raise by itself (Short.MAX_VALUE is the last).
constexpr int16_t kEpochMax = INT16_MAX;

}  // namespace

const TransactionManager::Unresolved* TransactionManager::find_unresolved(
    TopicPartition partition) const {
  for (const Unresolved& unresolved : unresolved_) {
    if (unresolved.partition == partition) return &unresolved;
  }
  return nullptr;
}

void TransactionManager::erase_unresolved(TopicPartition partition) {
  std::erase_if(unresolved_, [&](const Unresolved& u) { return u.partition == partition; });
}

// The four rules of 5.5, by number.
bool TransactionManager::may_drain(const ProducerBatch& head, const BatchTable& batches) const {
  if (has_fatal_error()) return false;
  if (transactional() && !in_transaction(head.partition)) return false;  // 1
  if (!producer_.id.valid()) return false;                               // 2
  const PartitionSequences* partition = sequences_.find(head.partition);
  const bool in_flight = partition != nullptr && !partition->in_flight.empty();
  if (!head.has_sequence()) {
    if (in_flight && partition->producer != producer_) return false;  // 3
    return find_unresolved(head.partition) == nullptr;
  }
  // 4: a retry goes out only when nothing before it is on its way.
  if (!in_flight) return true;
  EOSIM_ASSERT(batches.contains(partition->in_flight.front()));
  return partition->in_flight.front() == head.number;
}

bool TransactionManager::may_retry(const ProducerBatch& batch, Error error, Offset log_start,
                                   BatchTable& batches) {
  const Unresolved* unresolved = find_unresolved(batch.partition);
  const PartitionSequences* partition = sequences_.find(batch.partition);
  const RetryDecision decision = decide_retry({
      .error = error,
      .log_start_offset = log_start,
      .transactional = transactional(),
      .can_bump = can_bump_epoch(),
      .rewritten = batch.rewritten,
      .next_in_sequence = sequences_.is_next(batch.partition, batch.base_sequence),
      .partition_unresolved = unresolved != nullptr,
      .follows_unresolved = unresolved != nullptr && unresolved->next == batch.base_sequence,
      .current_producer = batch.producer == producer_,
      .last_acked_offset = partition == nullptr ? Offset{} : partition->last_acked_offset,
  });
  if (decision.restart_sequences) sequences_.restart(batches, batch.partition, producer_);
  if (decision.request_bump) request_bump_for(batch.partition);
  return decision.retry;
}

void TransactionManager::acknowledged(const ProducerBatch& batch, Offset base_offset) {
  sequences_.acknowledged(batch, base_offset);
  restart_after_completion(batch.partition);
}

void TransactionManager::fail_transaction(Error error) {
  if (can_bump_epoch() && !is_completing()) epoch_bump_required_ = true;
  const Thrown thrown = error == Error::kInvalidProducerEpoch       ? Thrown::kInvalidProducerEpoch
                        : error == Error::kOutOfOrderSequenceNumber ? Thrown::kOutOfOrderSequence
                                                                    : Thrown::kAbortable;
  to_abortable({thrown, error_of_failed_batch(error, switches_)});
}

void TransactionManager::batch_failed(const ProducerBatch& batch, Error error, bool adjust,
                                      BatchTable& batches) {
  const FailedBatchReaction reaction = reaction_to_failed_batch(error, switches_, knows_bumps());
  if (reaction == FailedBatchReaction::kFatalFenced) {
    to_fatal({Thrown::kProducerFenced, error});
  } else if (reaction == FailedBatchReaction::kFatal) {
    to_fatal({Thrown::kFatal, error});
  } else if (transactional()) {
    fail_transaction(error);
  }
  if (!batch.has_sequence()) return;
  sequences_.remove_in_flight(batch);
  restart_after_completion(batch.partition);
  if (has_fatal_error()) return;
  if (error == Error::kOutOfOrderSequenceNumber && !transactional()) {
    can_bump_epoch() ? request_bump_for(batch.partition) : restart_id();
  } else if (error == Error::kUnknownProducerId) {
    // The leader takes a sequence 0 now; what is in flight fails in the same way.
    sequences_.restart(batches, batch.partition, producer_);
  } else if (adjust && !transactional() && can_bump_epoch()) {
    request_bump_for(batch.partition);
  } else if (adjust && batch.producer == producer_) {
    sequences_.close_gap(batches, batch);
  }
}

void TransactionManager::mark_unresolved(const ProducerBatch& expired) {
  EOSIM_ASSERT(expired.has_sequence());
  const Sequence next = sequence_plus(expired.last_sequence(), 1);
  for (Unresolved& unresolved : unresolved_) {
    if (unresolved.partition != expired.partition) continue;
    unresolved.next = std::max(unresolved.next, next);
    return;
  }
  unresolved_.push_back({expired.partition, next});
}

// What it throws is a KafkaException ("The client hasn't received acknowledgment for some
// previously sent messages"), also to a commit that waits, and no TimeoutException.
bool TransactionManager::resolve_sequences() {
  if (unresolved_.empty() || has_fatal_error()) return false;
  const bool fatal = switches_.as<Severity>(Switch::kUnresolvedSequences) == Severity::kFatal;
  if (fatal && transactional()) {
    // Up to 2.4: nothing that was sent may be of unknown outcome.
    unresolved_.clear();
    to_fatal({Thrown::kFatal, Error::kRequestTimedOut, true});
    return true;
  }
  // While an abort or an initialisation goes on, the error would be lost, and with it the bump: the
  // mark stays for the next transaction.
  const bool may_fail = state_ == S::kInTransaction || state_ == S::kCommittingTransaction ||
                        state_ == S::kAbortableError || !transactional();
  bool changed = false;
  const std::vector<Unresolved> before = unresolved_;
  for (const Unresolved& unresolved : before) {
    const TopicPartition partition = unresolved.partition;
    if (sequences_.has_in_flight(partition)) continue;
    const PartitionSequences& sequences = sequences_.at(partition);
    if (sequences_.is_next(partition, sequences.next)) {
      erase_unresolved(partition);  // what followed was accepted, so it was too
    } else if (!may_fail) {
      continue;
    } else if (fatal) {
      restart_id();
      return true;
    } else if (!transactional()) {
      request_bump_for(partition);
      erase_unresolved(partition);
    } else if (can_recover()) {
      erase_unresolved(partition);
      if (can_bump_epoch()) epoch_bump_required_ = true;
      to_abortable({Thrown::kAbortable, Error::kRequestTimedOut, true});
    } else {
      to_fatal({Thrown::kFatal, Error::kRequestTimedOut, true});
      return true;
    }
    changed = true;
  }
  return changed;
}

// When a partition that did not ask for a local bump goes over to the new epoch: when its last
// batch in flight is done, which misses a partition that has none (KAFKA-12152; its next batch goes
// out with the new epoch and the old sequence), or when its next batch is drained.
bool TransactionManager::resets_at_completion() const {
  return switches_.as<SequenceReset>(Switch::kSequenceReset) == SequenceReset::kCompletion;
}

void TransactionManager::restart_after_completion(TopicPartition partition) {
  if (!resets_at_completion() || transactional() || !producer_.id.valid()) return;
  sequences_.go_over_if_idle(partition, producer_);
}

void TransactionManager::request_bump_for(TopicPartition partition) {
  EOSIM_ASSERT(!transactional());
  epoch_bump_required_ = true;
  if (std::find(to_rewrite_.begin(), to_rewrite_.end(), partition) == to_rewrite_.end()) {
    to_rewrite_.push_back(partition);
  }
}

// Up to 2.4 an idempotent producer has no other cure than a new id.
void TransactionManager::restart_id() {
  EOSIM_ASSERT(!transactional());
  producer_ = {};
  sequences_.forget_all();
  unresolved_.clear();
  if (state_ == S::kReady) transition(S::kUninitialized);
}

void TransactionManager::prepare_idempotent(BatchTable& batches) {
  EOSIM_ASSERT(!transactional());
  if (epoch_bump_required_ && producer_.id.valid()) {
    epoch_bump_required_ = false;
    if (producer_.epoch.value == kEpochMax) {
      producer_ = {};
      transition(S::kUninitialized);
    } else {
      producer_.epoch = next_epoch(producer_.epoch);
    }
    for (const TopicPartition partition : to_rewrite_) {
      sequences_.restart(batches, partition, producer_);
      erase_unresolved(partition);
    }
    to_rewrite_.clear();
  }
  if (producer_.id.valid() || state_ != S::kUninitialized) return;
  transition(S::kInitializing);
  enqueue_init_producer_id(0, {});
}

}  // namespace eosim::kafka
