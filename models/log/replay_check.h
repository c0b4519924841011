// Whether what a log knows is what its batches say (invariant P16; checkers and tests).
#pragma once

#include <string>

#include "models/log/partition_log.h"

namespace eosim::kafka {

// The same log, read back from nothing but its batches, or from the snapshots of its segments, too.
PartitionLog replayed(const Switches& switches, const BatchStore& store, const PartitionLog& log);
PartitionLog replayed_from_snapshots(const Switches& switches, const BatchStore& store,
                                     const PartitionLog& log);

// Both read back as the same log, under the same switches.
bool replays_alike(const PartitionLog& a, const PartitionLog& b);

// The first thing in which a log that lived and one that was read back differ; empty: they agree.
// Allowed are: fewer known batches of a producer; producers that had expired, which are back;
// producers whose batches the log no longer has; in a cleaned log, an older coordinator's epoch, as
// the marker that had the newer may be gone. Of a log whose start has moved, or that was
// cleaned, the index of the aborted is compared from there on where everything still is.
std::string replay_difference(const PartitionLog& live, const PartitionLog& replayed);

}  // namespace eosim::kafka
