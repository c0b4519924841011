// The sequence numbers of one producer, by partition (TxnPartitionMap; transactions.md 5.1, 5.5,
// 5.7): what the next batch gets, what was acknowledged last, which batches are on their way.
#pragma once

#include <vector>

#include "models/client/producer_batch.h"

namespace eosim::kafka {

struct PartitionSequences {
  TopicPartition partition;
  ProducerIdAndEpoch producer;  // whose sequences these are
  Sequence next{0};
  Sequence last_acked;
  Offset last_acked_offset;
  std::vector<uint64_t> in_flight;  // numbers of batches with a sequence, in order of sequence
};

class SequenceTable {
 public:
  PartitionSequences& at(TopicPartition partition);  // made if it is new
  const PartitionSequences* find(TopicPartition partition) const;
  void forget(TopicPartition partition);
  void forget_all() { partitions_.clear(); }

  bool has_in_flight(TopicPartition partition) const;
  // The sequence would be accepted next by a leader that has what was acknowledged.
  bool is_next(TopicPartition partition, Sequence sequence) const;

  // Gives a drained batch its sequence. A partition that is still on another pair starts again at
  // 0, unless that is not to be done here.
  void assign(ProducerBatch& batch, ProducerIdAndEpoch producer, bool restart_stale = true);
  // Starts the partition again at 0 under this pair if it is on another and has nothing in flight.
  void go_over_if_idle(TopicPartition partition, ProducerIdAndEpoch producer);
  void acknowledged(const ProducerBatch& batch, Offset base_offset);
  void remove_in_flight(const ProducerBatch& batch);
  // The batch is cut into these; the first of them has its number.
  void split(const ProducerBatch& batch, const std::vector<uint64_t>& pieces);
  // The broker refused the batch for good: the sequences after it close the gap.
  void close_gap(BatchTable& batches, const ProducerBatch& refused);
  // All that is in flight is numbered again from 0.
  void restart(BatchTable& batches, TopicPartition partition, ProducerIdAndEpoch producer);

 private:
  static void go_over(PartitionSequences& partition, ProducerIdAndEpoch producer);

  std::vector<PartitionSequences> partitions_;  // by partition
};

}  // namespace eosim::kafka
