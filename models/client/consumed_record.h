// What a consumer returns of a record: where it is, not a copy of it.
#pragma once

#include "models/protocol/batch.h"

namespace eosim::kafka {

// One record that a poll returned. The Record is read in the store:
// std::get<List<Record>>(shared.batches[batch].payload)[index]; the batch is kept until the next
// poll().
struct ConsumedRecord {
  TopicPartition partition;
  Offset offset;
  BatchId batch;
  int32_t index = 0;
  LeaderEpoch leader_epoch;  // of the batch
};

}  // namespace eosim::kafka
