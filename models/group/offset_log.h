// What a partition of __consumer_offsets says, as a pure function of its log
// (groups-streams-replication.md 2.7, GroupMetadataManager.doLoadGroupsAndOffsets): the caches of a
// coordinator after a load are this fold.
#pragma once

#include <span>
#include <vector>

#include "models/group/group_offsets.h"
#include "models/protocol/batch.h"

namespace eosim::kafka {

struct OffsetsLogEntry {
  Offset base_offset;
  BatchId batch;
};

struct FoldedGroup {
  Name name;
  bool has_record = false;  // the last group record is no tombstone
  GroupRecord record;
  GroupOffsets offsets;
};

// Groups in the order in which the log first names them; those of which nothing is left are absent.
std::vector<FoldedGroup> fold_offsets_log(const BatchStore& batches,
                                          std::span<const OffsetsLogEntry> log);

}  // namespace eosim::kafka
