#include "models/client/produce_outcome.h"

#include "models/client/rpc_reaction.h"

namespace eosim::kafka {
namespace {

// The leader has no state for this producer id (brokers up to 2.4).
RetryDecision unknown_producer(const RefusedBatch& batch) {
  // Without the log's start nothing can be told: ask again until it comes.
  if (!batch.log_start_offset.valid()) return {.retry = true};
  // An earlier batch of the partition was truncated too and has restarted all of them.
  if (batch.rewritten) return {.retry = true};
  const bool bumps = !batch.transactional && batch.can_bump;
  if (batch.last_acked_offset < batch.log_start_offset) {
    // Retention took what was acknowledged, and with it the leader's state: nothing was lost.
    return {.retry = true, .request_bump = bumps, .restart_sequences = !bumps};
  }
  return {.retry = bumps, .request_bump = bumps};
}

RetryDecision out_of_order(const RefusedBatch& batch) {
  // Not the next one: an earlier batch must fail first, then this one's turn comes.
  if (!batch.partition_unresolved && (batch.rewritten || !batch.next_in_sequence)) {
    return {.retry = true};
  }
  if (batch.transactional || !batch.can_bump) return {};
  return {.retry = true, .request_bump = !batch.partition_unresolved || batch.follows_unresolved};
}

}  // namespace

RetryDecision decide_retry(const RefusedBatch& batch) {
  // Up to 2.4 an idempotent producer drops its id; what had been sent with it is not sent again.
  if (!batch.transactional && !batch.can_bump && !batch.current_producer) return {};
  if (batch.error == Error::kUnknownProducerId) return unknown_producer(batch);
  if (batch.error == Error::kOutOfOrderSequenceNumber) return out_of_order(batch);
  return {.retry = is_retriable(batch.error)};
}

FailedBatchReaction reaction_to_failed_batch(Error error, const Switches& switches,
                                             bool knows_bumps) {
  switch (error) {
    case Error::kProducerFenced:
      return FailedBatchReaction::kFatalFenced;
    case Error::kInvalidProducerEpoch:
      return switches.as<Severity>(Switch::kLeader47) == Severity::kFatal
                 ? FailedBatchReaction::kFatalFenced
                 : FailedBatchReaction::kAbortable;
    case Error::kUnsupportedVersion:
    case Error::kClusterAuthorizationFailed:
    case Error::kTransactionalIdAuthorizationFailed:
      return FailedBatchReaction::kFatal;
    case Error::kInvalidProducerIdMapping:
      // Fatal in 4.0+. Before KIP-360 the code is as fatal from the coordinator, and leaders do not
      // know it.
      return knows_bumps && pid_mapping_is_fatal(switches) ? FailedBatchReaction::kFatal
                                                           : FailedBatchReaction::kAbortable;
    default:
      return FailedBatchReaction::kAbortable;
  }
}

Error error_of_failed_batch(Error error, const Switches& switches) {
  const bool wrapped = is_retriable(error) || error == Error::kInvalidTxnState;
  return wrapped && switches.on(Switch::kWrapTransactionAbortable) ? Error::kTransactionAbortable
                                                                   : error;
}

}  // namespace eosim::kafka
