// The rules of AddPartitionsToTxn and AddOffsetsToTxn for a known transactional id
// (transactions.md 2.4, steps 6 to 12), and of a partition leader's question whether partitions are
// in the transaction (2.4, verifyOnly; KIP-890).
#pragma once

#include "models/protocol/messages.h"
#include "models/transaction/transaction_metadata.h"

namespace eosim::kafka {

struct AddDecision {
  Error error = Error::kNone;
  bool already_registered = false;  // NONE without writing anything
};

// `pending_first`: steps 6 and 9, whether a transition under way is noticed before a wrong pair.
AddDecision decide_add_partitions(const TransactionMetadata& metadata, ProducerIdAndEpoch producer,
                                  const List<TopicPartition>& partitions, bool pending_first);

// Reads and changes nothing, also not while a transition is pending: the leader's append finds out.
// One result for each partition; what is not in the transaction gets `missing`.
List<PartitionError> verify_partitions(const TransactionMetadata& metadata,
                                       ProducerIdAndEpoch producer,
                                       const List<TopicPartition>& partitions, Error missing);

// The same error for all of them.
List<PartitionError> for_each_partition(const List<TopicPartition>& partitions, Error error);

}  // namespace eosim::kafka
