// A log as a disk has it (groups-streams-replication.md 6.8), and what is read back from there.
//
// The entries of the log's file are the batches, in order. Where a cleaner or the move of the log's
// start left offsets without a batch, the file has a hole: an entry without id whose size is the
// number of the offsets that it skips. A batch's leader epoch stands in the file of the epochs.
// Snapshots of producers stand in one file, one behind the other: a head with the offset and the
// number of producers, and seven entries for each of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/log/epoch_cache.h"
#include "models/log/log_entry.h"
#include "models/log/producer_snapshot.h"
#include "models/protocol/types.h"
#include "sim/disk.h"

namespace eosim::kafka {

struct StoredBatch {
  BatchId batch;
  LeaderEpoch leader_epoch;
  Offset base_offset{};  // unset: right after the one before
};

struct StoredLog {
  Offset start{0};
  Offset end;  // unset: where the last batch ends
  std::vector<StoredBatch> batches;
  std::vector<EpochStart> epochs;  // none: those of the batches
  // Files beside the segments, by offset; a segment begins with each.
  std::vector<ProducerSnapshot> snapshots;
  // What a clean stop left at the end of the log as it was then; no segment begins with it.
  std::optional<ProducerSnapshot> closing;
};

// For `entries` of a log that begin at or after `from`, where the file ends.
std::vector<sim::DiskEntry> to_file(std::span<const LogEntry> entries, Offset from, Offset end);
// Batches with offsets and epochs, and the end of the log. The start is that of the first batch;
// where it was moved to stands in a checkpoint of its own, if anywhere.
StoredLog from_file(std::span<const sim::DiskEntry> file, std::span<const EpochStart> epochs,
                    const BatchStore& store);

// Appends a snapshot to its file.
void put_snapshot(std::vector<sim::DiskEntry>& file, const ProducerSnapshot& snapshot,
                  bool begins_segment);
// Those at or below the end of the log: a loss of power may have cut what others are of.
void take_snapshots(std::span<const sim::DiskEntry> file, Offset end, StoredLog& log);

}  // namespace eosim::kafka
