// What the answers to transactional requests do (transactions.md 2.13 and 5.4). Which reaction an
// error has stands in rpc_reaction.cc; what a reaction is, here.
#include <algorithm>
#include <utility>

#include "models/client/transaction_manager.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using S = ProducerClientState;

// KAFKA-5477: the markers of the transaction before are usually written within this.
constexpr int32_t kAddPartitionsRetryMs = 20;

}  // namespace

void TransactionManager::abort_with(const TxnRequest& request, CallResult error) {
  end_result(request.result, error);
  to_abortable(error);
}

void TransactionManager::fail_with(const TxnRequest& request, CallResult error) {
  end_result(request.result, error);
  to_fatal(error);
}

bool TransactionManager::react(TxnRequest& request, Reaction reaction, Error error) {
  switch (reaction) {
    case Reaction::kDone:
    case Reaction::kAbortableAtEnd:
      return false;
    case Reaction::kRetry:
      retry(std::move(request));
      break;
    case Reaction::kRediscover:
      rediscover(std::move(request));
      break;
    case Reaction::kAbortable:
      abort_with(request, {Thrown::kAbortable, error});
      break;
    case Reaction::kAbortableBump:
      if (!can_recover()) {
        fail_with(request, {Thrown::kFatal, error});
        break;
      }
      // Also of a commit, which then fails; the abort of the application brings the new epoch. An
      // abort that goes on asks for none: nobody would send it.
      if (!is_aborting() && can_bump_epoch()) epoch_bump_required_ = true;
      abort_with(request, {Thrown::kAbortable, error});
      break;
    case Reaction::kCommitFailed:
      abort_with(request, {Thrown::kCommitFailed, error});
      break;
    case Reaction::kFencedInstance:
      abort_with(request, {Thrown::kFencedInstanceId, error});
      break;
    case Reaction::kFatal:
      fail_with(request, {Thrown::kFatal, error});
      break;
    case Reaction::kFatalFenced:
      fail_with(request, {Thrown::kProducerFenced, error});
      break;
  }
  return true;
}

void TransactionManager::on_unsupported_version(const TxnRequest& request) {
  fail_with(request, {Thrown::kFatal, Error::kUnsupportedVersion});
}

void TransactionManager::on_find_coordinator(TxnRequest request,
                                             const FindCoordinatorResponse& response) {
  if (react(request, reaction_to(request.rpc, response.error, switches_), response.error)) return;
  EOSIM_ASSERT(response.broker.valid());
  if (request.lookup == CoordinatorType::kTransaction) {
    transaction_coordinator_ = response.broker;
  } else {
    group_coordinator_ = response.broker;
  }
}

void TransactionManager::on_init_producer_id(TxnRequest request,
                                             const InitProducerIdResponse& response) {
  if (react(request, reaction_to(request.rpc, response.error, switches_), response.error)) return;
  EOSIM_ASSERT(response.producer.id.valid() && response.producer.epoch.valid());
  if (has_error()) {
    end_result(request.result, last_error_);
    return;
  }
  producer_ = response.producer;
  // Illegal where complete_transaction() says so: then nobody is told, and the call times out.
  if (!io_transition(S::kReady)) return;
  if (request.epoch_bump) {
    take_pair(response.producer);
    forget_transaction();  // where the EndTxn was left out, nothing else has done so
  } else {
    choose_protocol(true);
  }
  events_.push_back(
      make_event(Event::kProducerInitialized,
                 {static_cast<int64_t>(tid_.id), producer_.id.value, producer_.epoch.value}));
  end_result(request.result, {});
}

// Everything of the old pair is over: all partitions begin again at sequence 0.
void TransactionManager::take_pair(ProducerIdAndEpoch producer) {
  producer_ = producer;
  sequences_.forget_all();
  unresolved_.clear();
}

void TransactionManager::on_add_partitions(TxnRequest request,
                                           const AddPartitionsToTxnResponse& response) {
  Error failed = Error::kNone;
  request.backoff_ms = retry_backoff_ms_;
  for (const PartitionError& answer : response.partitions) {
    const Reaction reaction = reaction_to(request.rpc, answer.error, switches_);
    if (answer.error == Error::kConcurrentTransactions && partitions_.empty()) {
      request.backoff_ms = std::min(kAddPartitionsRetryMs, retry_backoff_ms_);
    }
    if (react(request, reaction, answer.error)) return;
    // The other partitions of a refused request say only that they were not looked at.
    const bool tells_more = failed == Error::kNone || failed == Error::kOperationNotAttempted;
    if (answer.error != Error::kNone && tells_more) failed = answer.error;
  }
  // Gone from the pending ones in any case: batches that are being retried on partitions added
  // before must be able to go on while the transaction is being aborted.
  for (const PartitionError& answer : response.partitions) {
    pending_partitions_.erase(
        std::remove(pending_partitions_.begin(), pending_partitions_.end(), answer.partition),
        pending_partitions_.end());
  }
  if (failed != Error::kNone) {
    abort_with(request, {Thrown::kAbortable, failed});
    return;
  }
  for (const PartitionError& answer : response.partitions) {
    const auto place = std::lower_bound(partitions_.begin(), partitions_.end(), answer.partition);
    if (place == partitions_.end() || *place != answer.partition) {
      partitions_.insert(place, answer.partition);
    }
  }
  transaction_started_ = true;
}

void TransactionManager::on_add_offsets(TxnRequest request,
                                        const AddOffsetsToTxnResponse& response) {
  if (react(request, reaction_to(request.rpc, response.error, switches_), response.error)) return;
  transaction_started_ = true;
  enqueue_txn_offset_commit(request.result, request.group, request.offsets);
}

void TransactionManager::on_txn_offset_commit(TxnRequest request,
                                              const TxnOffsetCommitResponse& response) {
  bool looked_up = false;
  bool settled = false;
  for (const PartitionError& answer : response.partitions) {
    const Reaction reaction = reaction_to(request.rpc, answer.error, switches_);
    if (reaction == Reaction::kDone) {
      std::erase_if(pending_offsets_,
                    [&](const OffsetAndEpoch& o) { return o.partition == answer.partition; });
    } else if (reaction == Reaction::kRediscover) {
      if (!looked_up) look_up(CoordinatorType::kGroup, request.group.group);
      looked_up = true;
    } else if (reaction != Reaction::kRetry) {
      settled = react(request, reaction, answer.error);
      EOSIM_ASSERT(settled);
      break;
    }
  }
  if (settled) {
    pending_offsets_.clear();
  } else if (pending_offsets_.empty()) {
    end_result(request.result, {});
  } else {
    request.offsets = pending_offsets_;
    retry(std::move(request));
  }
}

void TransactionManager::on_end_txn(TxnRequest request, const EndTxnResponse& response) {
  const Reaction reaction = reaction_to(request.rpc, response.error, switches_, !request.committed);
  if (react(request, reaction, response.error)) return;
  if (response.producer.id.valid()) take_pair(response.producer);  // v5+: every end bumps
  if (is_completing()) complete_transaction();
  end_result(request.result, {});
}

}  // namespace eosim::kafka
