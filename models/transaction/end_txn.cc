#include "models/transaction/end_txn.h"

#include "sim/assert.h"

namespace eosim::kafka {

namespace {

using enum TransactionState;

// Table 3.2, rows EndTxn commit and EndTxn abort. A repeat of a decision that stands is accepted.
EndDecision by_state(TransactionState state, ControlType result) {
  EOSIM_ASSERT(state != kDead && state != kPrepareEpochFence);  // pending states only (1.3)
  const bool commit = result == ControlType::kCommit;
  switch (state) {
    case kEmpty:
      return {.error = Error::kInvalidTxnState};
    case kOngoing:
      return {.prepare = true};
    case kPrepareCommit:
      return {.error = commit ? Error::kConcurrentTransactions : Error::kInvalidTxnState};
    case kPrepareAbort:
      return {.error = commit ? Error::kInvalidTxnState : Error::kConcurrentTransactions};
    case kCompleteCommit:
      return {.error = commit ? Error::kNone : Error::kInvalidTxnState};
    case kCompleteAbort:
      return {.error = commit ? Error::kInvalidTxnState : Error::kNone};
    case kDead:
    case kPrepareEpochFence:
      break;
  }
  return {.error = Error::kUnknownServerError};
}

bool epoch_refused(ProducerEpoch epoch, ProducerEpoch cached, bool from_client,
                   ClientEndTxnEpoch rule) {
  if (from_client && rule == ClientEndTxnEpoch::kEqual) return epoch != cached;
  return epoch < cached;
}

}  // namespace

EndDecision decide_end(const TransactionMetadata& metadata, ProducerIdAndEpoch producer,
                       ControlType result, bool from_client, ClientEndTxnEpoch epoch_rule) {
  if (producer.id != metadata.producer.id) return {.error = Error::kInvalidProducerIdMapping};
  if (epoch_refused(producer.epoch, metadata.producer.epoch, from_client, epoch_rule)) {
    return {.error = Error::kProducerFenced};
  }
  if (metadata.pending && metadata.pending != kPrepareEpochFence) {
    return {.error = Error::kConcurrentTransactions};
  }
  return by_state(metadata.state, result);
}

std::optional<ProducerEpoch> fence_epoch(const TransactionMetadata& metadata,
                                         bool failed_fence_guard) {
  EOSIM_ASSERT(metadata.state == kOngoing);
  EOSIM_ASSERT(metadata.producer.epoch.valid());
  if (metadata.producer.epoch.value == INT16_MAX) return std::nullopt;
  if (failed_fence_guard && metadata.failed_epoch_fence) return metadata.producer.epoch;
  return next_epoch(metadata.producer.epoch);
}

void raise_epoch_for_fence(TransactionMetadata& metadata, ProducerEpoch epoch,
                           FenceLastEpoch rule) {
  EOSIM_ASSERT(metadata.pending == kPrepareEpochFence);
  EOSIM_ASSERT(epoch >= metadata.producer.epoch);
  metadata.pending.reset();
  metadata.last_producer_epoch =
      rule == FenceLastEpoch::kOld ? metadata.producer.epoch : ProducerEpoch{};
  metadata.epoch_ahead_of_log |= metadata.producer.epoch != epoch;
  metadata.producer.epoch = epoch;
}

Error recheck_prepared(const TransactionMetadata& metadata, ProducerIdAndEpoch ended,
                       TransactionState prepared, EndPath path) {
  if (metadata.producer.id != ended.id) return Error::kInvalidProducerIdMapping;
  // Variants A and B: a client that named a higher epoch ends here (KAFKA-9600).
  const bool bumped =
      path == EndPath::kBumping && metadata.producer.epoch == next_epoch(ended.epoch);
  if (metadata.producer.epoch != ended.epoch && !bumped) return Error::kProducerFenced;
  if (metadata.pending) return Error::kConcurrentTransactions;
  if (metadata.state != prepared) return Error::kInvalidTxnState;
  return Error::kNone;
}

}  // namespace eosim::kafka
