// What makes a partition part of a transaction, or asks whether it is (transactions.md 2.4, 2.5):
// AddPartitionsToTxn of clients (up to version 3) and of partition leaders (from version 4 on,
// KIP-890), and AddOffsetsToTxn.
#include <algorithm>

#include "models/transaction/add_partitions.h"
#include "models/transaction/transaction_coordinator.h"
#include "sim/assert.h"

namespace eosim::kafka {

namespace {

constexpr int16_t kFirstLeaderVersion = 4;     // a list of transactions, verify_only
constexpr int16_t kFirstAbortableVersion = 5;  // the leader understands TRANSACTION_ABORTABLE

bool exists(const MetadataImage& metadata, TopicPartition partition) {
  if (partition.topic.value >= metadata.topics.size() || partition.partition < 0) return false;
  const auto& partitions = metadata.topics[partition.topic.value].partitions;
  return static_cast<size_t>(partition.partition) < partitions.size();
}

// Step 2: one unknown partition keeps all others from being tried. Empty: all exist.
List<PartitionError> unknown_partitions(const MetadataImage& metadata,
                                        const List<TopicPartition>& partitions) {
  List<PartitionError> results;
  bool all_exist = true;
  for (const TopicPartition& partition : partitions) {
    const bool known = exists(metadata, partition);
    all_exist = all_exist && known;
    results.push_back(
        {partition, known ? Error::kOperationNotAttempted : Error::kUnknownTopicOrPartition});
  }
  if (all_exist) results.clear();
  return results;
}

}  // namespace

void TransactionCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                        const AddPartitionsToTxnRequest& request,
                                        Effects& effects) {
  if (request.header.version >= kFirstLeaderVersion) return ask_for(env, token, request, effects);
  Caller caller = caller_of(token, request, request.producer);
  caller.partitions = request.partitions;
  List<PartitionError> unknown = unknown_partitions(env.metadata, request.partitions);
  if (!unknown.empty()) {
    return answer_partitions(caller, request.transactional_id, std::move(unknown), effects);
  }
  add_partitions(env, std::move(caller), request.transactional_id, request.partitions,
                 request.instance, effects);
}

// The form of partition leaders: each transaction is decided by itself, one answer tells of all.
void TransactionCoordinator::ask_for(const CoordinatorEnv& env, RequestToken token,
                                     const AddPartitionsToTxnRequest& request, Effects& effects) {
  if (request.transactions.empty()) {
    effects.push_back(AnswerEffect<AddPartitionsToTxnResponse>{token, {}});
    return;
  }
  const uint64_t number = next_batch_++;
  PendingBatch& batch = batches_[number];
  batch.request = token;
  batch.undecided = request.transactions.size();
  for (const auto& transaction : request.transactions) {
    batch.response.transactions.push_back({transaction.transactional_id, {}});
  }
  for (size_t i = 0; i < request.transactions.size(); ++i) {
    const AddPartitionsToTxnRequest::Transaction& transaction = request.transactions[i];
    Caller caller = caller_of(token, request, transaction.producer);
    caller.partitions = transaction.partitions;
    caller.batch = number;
    caller.slot = i;
    List<PartitionError> unknown = unknown_partitions(env.metadata, transaction.partitions);
    if (!unknown.empty()) {
      answer_partitions(caller, transaction.transactional_id, std::move(unknown), effects);
    } else if (transaction.verify_only) {
      verify(env, caller, transaction.transactional_id, effects);
    } else {
      add_partitions(env, std::move(caller), transaction.transactional_id, transaction.partitions,
                     transaction.instance, effects);
    }
  }
}

void TransactionCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                        const AddOffsetsToTxnRequest& request, Effects& effects) {
  const TopicPartition offsets{config_.offsets_topic,
                               env.names.partition_for(request.group, config_.offsets_partitions)};
  add_partitions(env, caller_of(token, request, request.producer), request.transactional_id,
                 {offsets}, request.instance, effects);
}

void TransactionCoordinator::add_partitions(const CoordinatorEnv& env, Caller caller,
                                            Name transactional_id,
                                            const List<TopicPartition>& partitions,
                                            const Ghost<TransactionInstance>& instance,
                                            Effects& effects) {
  const auto conclude = [&](Error error) { answer(caller, transactional_id, error, {}, effects); };
  if (env.names.text(transactional_id).empty()) return conclude(Error::kInvalidRequest);
  const int32_t partition = partition_of(env.names, transactional_id);
  const TransactionCache::Found found = cache_.find(partition, transactional_id);
  if (found.error != Error::kNone) return conclude(found.error);
  if (found.metadata == nullptr) return conclude(Error::kInvalidProducerIdMapping);
  const AddDecision decision =
      decide_add_partitions(*found.metadata, caller.producer, partitions, pending_first());
  if (decision.already_registered) {
    found.metadata->instance = newer(found.metadata->instance, instance);
  }
  if (decision.error != Error::kNone || decision.already_registered) {
    return conclude(decision.error);
  }
  // A leader registers for a client of version 2; AddOffsetsToTxn is of older clients always.
  const bool leader = caller.batch != 0;
  const int16_t version = leader ? kBumpingTransactionVersion : static_cast<int16_t>(0);
  PendingAppend pending;
  pending.purpose = AppendPurpose::kAddPartitions;
  pending.partition = partition;
  pending.epoch = found.epoch;
  pending.transactional_id = transactional_id;
  pending.transit =
      prepare_ongoing(*found.metadata, partitions, env.clock.wall.ms(), instance, version);
  pending.caller = std::move(caller);
  append(env, std::move(pending), effects);
}

// Answers from the cache, also that of a coordinator that another broker has succeeded (3.1).
void TransactionCoordinator::verify(const CoordinatorEnv& env, const Caller& caller,
                                    Name transactional_id, Effects& effects) {
  const auto conclude = [&](Error error) {
    answer_partitions(caller, transactional_id, for_each_partition(caller.partitions, error),
                      effects);
  };
  if (env.names.text(transactional_id).empty()) return conclude(Error::kInvalidRequest);
  const TransactionCache::Found found =
      cache_.find(partition_of(env.names, transactional_id), transactional_id);
  if (found.error != Error::kNone) return conclude(found.error);
  if (found.metadata == nullptr) return conclude(Error::kInvalidProducerIdMapping);
  const bool abortable = config_.switches.as<VerifyFailError>(Switch::kVerifyFailError) ==
                             VerifyFailError::kTransactionAbortable &&
                         caller.version >= kFirstAbortableVersion;
  const Error missing = abortable ? Error::kTransactionAbortable : Error::kInvalidTxnState;
  answer_partitions(caller, transactional_id,
                    verify_partitions(*found.metadata, caller.producer, caller.partitions, missing),
                    effects);
}

}  // namespace eosim::kafka
