// What a coordinator that starts now would read from a partition's log, held against the one that
// lives (groups-streams-replication.md 1.13, 2.7, O8; checker K9).
#pragma once

#include <optional>
#include <span>
#include <string>

#include "models/group/group_coordinator.h"

namespace eosim::kafka {

// For a partition that this broker leads, at any moment between two steps; while it is not loaded
// there is nothing to compare. `log` is the whole log up to its end.
//
// Groups: what the last record says is what a Stable group is, member for member, and what an Empty
// one was; a generation may be ahead of it while a join phase goes on. Offsets: what is committed
// and what is pending, with its positions. Not compared, for each partition by itself: appends that
// are undecided, markers that the cache has not been told of, and what Group::record_in_doubt and
// GroupOffsets::in_doubt() name. A pending offset of the cache whose record is not in the log is a
// mismatch unless its append is undecided. None: equal. Else: the first difference by name.
std::optional<std::string> replay_mismatch(const GroupCoordinator& live, int32_t partition,
                                           const BatchStore& batches, const Names& names,
                                           std::span<const OffsetsLogEntry> log);

}  // namespace eosim::kafka
