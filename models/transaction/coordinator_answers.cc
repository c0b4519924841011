// What callers are told, and in which words (transactions.md 2.1).
#include <algorithm>

#include "models/transaction/add_partitions.h"
#include "models/transaction/transaction_coordinator.h"
#include "sim/assert.h"

namespace eosim::kafka {

Error TransactionCoordinator::visible_error(const Caller& caller, Error error) const {
  if (error != Error::kProducerFenced) return error;
  // The version from which a client understands code 90.
  const int16_t first_version = caller.rpc == Rpc::kInitProducerId ? 4 : 2;
  const bool told =
      config_.switches.as<FenceCode>(Switch::kTcFenceCode) == FenceCode::kProducerFenced &&
      caller.version >= first_version;
  return told ? Error::kProducerFenced : Error::kInvalidProducerEpoch;
}

void TransactionCoordinator::note_refusal(const Caller& caller, Name transactional_id, Error told,
                                          Effects& effects) {
  if (told == Error::kNone) return;
  effects.push_back(
      make_event(Event::kTransactionRefused,
                 {transactional_id.id, static_cast<int64_t>(caller.rpc), static_cast<int64_t>(told),
                  caller.producer.id.value, caller.producer.epoch.value}));
}

void TransactionCoordinator::answer(const Caller& caller, Name transactional_id, Error error,
                                    ProducerIdAndEpoch producer, Effects& effects) {
  if (!caller.is_client) return;  // a scan: errors are only logged, the next scan tries again
  if (caller.rpc == Rpc::kAddPartitionsToTxn) {
    return answer_partitions(caller, transactional_id, for_each_partition(caller.partitions, error),
                             effects);
  }
  const Error told = visible_error(caller, error);
  note_refusal(caller, transactional_id, told, effects);
  if (told != Error::kNone) producer = {};
  switch (caller.rpc) {
    case Rpc::kInitProducerId: {
      EOSIM_ASSERT((told == Error::kNone) == producer.id.valid());
      EOSIM_ASSERT(told != Error::kNone || producer.epoch.value >= 0);
      InitProducerIdResponse response;
      response.error = told;
      response.producer = producer;
      effects.push_back(AnswerEffect<InitProducerIdResponse>{caller.token, response});
      return;
    }
    case Rpc::kAddOffsetsToTxn: {
      AddOffsetsToTxnResponse response;
      response.error = told;
      effects.push_back(AnswerEffect<AddOffsetsToTxnResponse>{caller.token, response});
      return;
    }
    default: {
      EOSIM_ASSERT(caller.rpc == Rpc::kEndTxn);
      EndTxnResponse response;
      response.error = told;
      response.producer = producer;
      effects.push_back(AnswerEffect<EndTxnResponse>{caller.token, response});
    }
  }
}

void TransactionCoordinator::answer_partitions(const Caller& caller, Name transactional_id,
                                               List<PartitionError> results, Effects& effects) {
  EOSIM_ASSERT(caller.rpc == Rpc::kAddPartitionsToTxn);
  Error worst = Error::kNone;
  for (PartitionError& result : results) {
    result.error = visible_error(caller, result.error);
    if (worst == Error::kNone || worst == Error::kOperationNotAttempted) worst = result.error;
  }
  note_refusal(caller, transactional_id, worst, effects);
  if (caller.batch == 0) {
    AddPartitionsToTxnResponse response;
    response.partitions = std::move(results);
    effects.push_back(AnswerEffect<AddPartitionsToTxnResponse>{caller.token, std::move(response)});
    return;
  }
  const auto at = batches_.find(caller.batch);
  EOSIM_ASSERT(at != batches_.end() && at->second.undecided > 0);
  PendingBatch& batch = at->second;
  batch.response.transactions.at(caller.slot).partitions = std::move(results);
  if (--batch.undecided > 0) return;
  effects.push_back(
      AnswerEffect<AddPartitionsToTxnResponse>{batch.request, std::move(batch.response)});
  batches_.erase(at);
}

}  // namespace eosim::kafka
