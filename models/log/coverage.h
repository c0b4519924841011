// The tables of transactions.md 4.2-4.6 as batch x state of its producer x answer: which cells
// there are, and in which one a batch meets the leader of a partition.
#pragma once

#include "models/log/partition_log.h"
#include "models/protocol/coverage.h"

namespace eosim::kafka {

const CoverageTable& leader_coverage();

// Before it is appended. Null: the partition is not led here.
Encounter met_by(const PartitionLog* led, const RecordBatch& batch, Origin origin);

}  // namespace eosim::kafka
