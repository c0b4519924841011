#include "models/transaction/add_partitions.h"

#include "sim/assert.h"

namespace eosim::kafka {

AddDecision decide_add_partitions(const TransactionMetadata& metadata, ProducerIdAndEpoch producer,
                                  const List<TopicPartition>& partitions) {
  if (producer.id != metadata.producer.id) return {Error::kInvalidProducerIdMapping};
  if (producer.epoch != metadata.producer.epoch) return {Error::kProducerFenced};
  if (metadata.pending || metadata.preparing()) return {Error::kConcurrentTransactions};
  EOSIM_ASSERT(metadata.idle() || metadata.state == TransactionState::kOngoing);
  return {.already_registered = metadata.state == TransactionState::kOngoing &&
                                contains_all(metadata.partitions, partitions)};
}

}  // namespace eosim::kafka
