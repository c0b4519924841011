// The rules of AddPartitionsToTxn and AddOffsetsToTxn for a known transactional id
// (transactions.md 2.4, steps 7 to 12, variants A to D).
#pragma once

#include "models/protocol/errors.h"
#include "models/transaction/transaction_metadata.h"

namespace eosim::kafka {

struct AddDecision {
  Error error = Error::kNone;
  bool already_registered = false;  // NONE without writing anything
};

AddDecision decide_add_partitions(const TransactionMetadata& metadata, ProducerIdAndEpoch producer,
                                  const List<TopicPartition>& partitions);

}  // namespace eosim::kafka
