#include "models/transaction/bumping_end_txn.h"

#include "sim/assert.h"

namespace eosim::kafka {

namespace {

using enum TransactionState;

struct Retry {
  bool bump = false;      // the end that it repeats has raised the epoch
  bool overflow = false;  // that end has led to a new producer id (3.9)
  bool any() const { return bump || overflow; }
};

Retry retry_of(const TransactionMetadata& metadata, ProducerIdAndEpoch producer) {
  return {.bump = metadata.producer.epoch.value == producer.epoch.value + 1,
          .overflow = metadata.previous_producer_id == producer.id &&
                      producer.epoch.value == INT16_MAX - 1 && metadata.producer.epoch.value == 0};
}

bool epoch_valid(const TransactionMetadata& metadata, ProducerEpoch epoch, const Retry& retry) {
  if (metadata.preparing()) return retry.bump;
  if (metadata.state == kEmpty || metadata.state == kOngoing) {
    return epoch == metadata.producer.epoch;
  }
  return retry.any() || epoch == metadata.producer.epoch;
}

// The table by state. An id that is idle can be aborted, as a transaction without partitions.
EndDecision by_state(TransactionState state, ControlType result, bool retry) {
  EOSIM_ASSERT(state != kDead && state != kPrepareEpochFence);  // pending states only (1.3)
  const bool commit = result == ControlType::kCommit;
  const EndDecision prepare{.prepare = true};
  const EndDecision invalid{.error = Error::kInvalidTxnState};
  const EndDecision concurrent{.error = Error::kConcurrentTransactions};
  const EndDecision repeated{.error = Error::kNone};
  switch (state) {
    case kOngoing:
      return prepare;
    case kPrepareCommit:
      return commit ? concurrent : invalid;
    case kPrepareAbort:
      return commit ? invalid : concurrent;
    case kCompleteCommit:
      if (retry) return commit ? repeated : invalid;
      return commit ? invalid : prepare;
    case kCompleteAbort:
      if (retry) return commit ? invalid : repeated;
      return commit ? invalid : prepare;
    default:
      return commit ? invalid : prepare;  // Empty
  }
}

}  // namespace

EndDecision decide_bumping_end(const TransactionMetadata& metadata, ProducerIdAndEpoch producer,
                               ControlType result, bool from_client, bool pending_first) {
  const bool fence = metadata.pending == kPrepareEpochFence;
  EOSIM_ASSERT(!fence || (!from_client && metadata.state == kOngoing));
  const Retry retry = fence ? Retry{} : retry_of(metadata, producer);
  const bool busy = metadata.pending.has_value() && !fence;
  const EndDecision concurrent{.error = Error::kConcurrentTransactions};
  // First, for a producer whose new id is promised and not yet in the cache (KAFKA-18464).
  if (busy && pending_first) return concurrent;
  if (producer.id != metadata.producer.id && !retry.overflow) {
    return {.error = Error::kInvalidProducerIdMapping};
  }
  const bool valid = fence ? producer.epoch >= metadata.producer.epoch
                           : epoch_valid(metadata, producer.epoch, retry);
  if (!valid) return {.error = Error::kProducerFenced};
  if (busy) return concurrent;
  EndDecision decision = by_state(metadata.state, result, retry.any());
  decision.needs_producer_id = decision.prepare && !fence && exhausted(metadata.producer.epoch);
  return decision;
}

}  // namespace eosim::kafka
