// Offsets that nobody needs any more, and groups of which nothing is left
// (groups-streams-replication.md 1.13; GroupMetadataManager.cleanupGroupMetadata).
#pragma once

#include "models/group/group_step.h"

namespace eosim::kafka {

// Forgets the group's offsets that are older than offsets.retention.minutes, with a tombstone for
// each. An offset of a partition with a pending commit stays. true: the group has neither members
// nor offsets now, its own tombstone is written, and the caller forgets it.
bool expire_group(GroupStep& step, Group& group);

}  // namespace eosim::kafka
