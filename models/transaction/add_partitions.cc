#include "models/transaction/add_partitions.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

namespace {

Error wrong_pair(const TransactionMetadata& metadata, ProducerIdAndEpoch producer) {
  if (producer.id != metadata.producer.id) return Error::kInvalidProducerIdMapping;
  if (producer.epoch != metadata.producer.epoch) return Error::kProducerFenced;
  return Error::kNone;
}

}  // namespace

AddDecision decide_add_partitions(const TransactionMetadata& metadata, ProducerIdAndEpoch producer,
                                  const List<TopicPartition>& partitions, bool pending_first) {
  if (pending_first && metadata.pending) return {Error::kConcurrentTransactions};
  const Error wrong = wrong_pair(metadata, producer);
  if (wrong != Error::kNone) return {wrong};
  if (metadata.pending || metadata.preparing()) return {Error::kConcurrentTransactions};
  EOSIM_ASSERT(metadata.idle() || metadata.state == TransactionState::kOngoing);
  return {.already_registered = metadata.state == TransactionState::kOngoing &&
                                contains_all(metadata.partitions, partitions)};
}

List<PartitionError> verify_partitions(const TransactionMetadata& metadata,
                                       ProducerIdAndEpoch producer,
                                       const List<TopicPartition>& partitions, Error missing) {
  const Error wrong = wrong_pair(metadata, producer);
  if (wrong != Error::kNone) return for_each_partition(partitions, wrong);
  if (metadata.preparing()) return for_each_partition(partitions, Error::kConcurrentTransactions);
  List<PartitionError> results;
  for (const TopicPartition& partition : partitions) {
    const bool registered =
        std::binary_search(metadata.partitions.begin(), metadata.partitions.end(), partition);
    results.push_back({partition, registered ? Error::kNone : missing});
  }
  return results;
}

List<PartitionError> for_each_partition(const List<TopicPartition>& partitions, Error error) {
  List<PartitionError> results;
  for (const TopicPartition& partition : partitions) results.push_back({partition, error});
  return results;
}

}  // namespace eosim::kafka
