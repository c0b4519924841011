#include "models/log/stored_log.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

void put_hole(std::vector<sim::DiskEntry>& file, int64_t offsets) {
  EOSIM_ASSERT(offsets >= 0);
  for (; offsets > UINT32_MAX; offsets -= UINT32_MAX) file.push_back({UINT32_MAX, UINT32_MAX});
  if (offsets > 0) file.push_back({UINT32_MAX, static_cast<uint32_t>(offsets)});
}

// Of a producer in a snapshot: five fields of 64 bits, then four of 32 in two entries.
constexpr size_t kEntriesOfProducer = 7;
constexpr uint32_t kClosing = uint32_t{1} << 31;

sim::DiskEntry wide(int64_t value) {
  const auto bits = static_cast<uint64_t>(value);
  return {static_cast<uint32_t>(bits >> 32), static_cast<uint32_t>(bits)};
}
int64_t wide(const sim::DiskEntry& entry) {
  return static_cast<int64_t>(uint64_t{entry.id} << 32 | entry.bytes);
}
sim::DiskEntry pair(int32_t first, int32_t second) {
  return {static_cast<uint32_t>(first), static_cast<uint32_t>(second)};
}

SnapshotEntry read_producer(std::span<const sim::DiskEntry> at) {
  SnapshotEntry read;
  read.id = ProducerId{wide(at[0])};
  read.last_timestamp_ms = wide(at[1]);
  read.open_transaction = Offset{wide(at[2])};
  read.last_batch.last_offset = Offset{wide(at[3])};
  read.last_batch.timestamp_ms = wide(at[4]);
  read.epoch = ProducerEpoch{static_cast<int16_t>(static_cast<int32_t>(at[5].id))};
  read.coordinator_epoch = CoordinatorEpoch{static_cast<int32_t>(at[5].bytes)};
  read.last_batch.last_sequence = Sequence{static_cast<int32_t>(at[6].id)};
  read.last_batch.offset_delta = static_cast<int32_t>(at[6].bytes);
  return read;
}

}  // namespace

void put_snapshot(std::vector<sim::DiskEntry>& file, const ProducerSnapshot& snapshot,
                  bool begins_segment) {
  EOSIM_ASSERT(snapshot.entries.size() < kClosing && snapshot.offset.value <= UINT32_MAX);
  const auto count = static_cast<uint32_t>(snapshot.entries.size());
  file.push_back(
      {begins_segment ? count : count | kClosing, static_cast<uint32_t>(snapshot.offset.value)});
  for (const SnapshotEntry& entry : snapshot.entries) {
    file.push_back(wide(entry.id.value));
    file.push_back(wide(entry.last_timestamp_ms));
    file.push_back(wide(entry.open_transaction.value));
    file.push_back(wide(entry.last_batch.last_offset.value));
    file.push_back(wide(entry.last_batch.timestamp_ms));
    file.push_back(pair(entry.epoch.value, entry.coordinator_epoch.value));
    file.push_back(pair(entry.last_batch.last_sequence.value, entry.last_batch.offset_delta));
  }
}

void take_snapshots(std::span<const sim::DiskEntry> file, Offset end, StoredLog& log) {
  while (!file.empty()) {
    const sim::DiskEntry head = file.front();
    const size_t count = head.id & ~kClosing;
    EOSIM_ASSERT(file.size() > count * kEntriesOfProducer);
    ProducerSnapshot snapshot;
    snapshot.offset = Offset{head.bytes};
    for (size_t i = 0; i < count; ++i) {
      snapshot.entries.push_back(read_producer(file.subspan(1 + i * kEntriesOfProducer)));
    }
    file = file.subspan(1 + count * kEntriesOfProducer);
    if (snapshot.offset > end) continue;
    if ((head.id & kClosing) != 0) {
      log.closing = std::move(snapshot);
    } else {
      log.snapshots.push_back(std::move(snapshot));
    }
  }
}

std::vector<sim::DiskEntry> to_file(std::span<const LogEntry> entries, Offset from, Offset end) {
  std::vector<sim::DiskEntry> file;
  file.reserve(entries.size() + 1);
  for (const LogEntry& entry : entries) {
    put_hole(file, entry.base_offset - from);
    file.push_back({entry.batch.index, entry.bytes});
    from = entry.end_offset();
  }
  put_hole(file, end - from);
  return file;
}

StoredLog from_file(std::span<const sim::DiskEntry> file, std::span<const EpochStart> epochs,
                    const BatchStore& store) {
  StoredLog log;
  log.batches.reserve(file.size());
  log.epochs.assign(epochs.begin(), epochs.end());
  Offset at{0};
  bool begun = false;
  for (const sim::DiskEntry& entry : file) {
    const BatchId batch{entry.id};
    if (!batch.valid()) {
      at = at + entry.bytes;
      continue;
    }
    const auto after = std::ranges::upper_bound(epochs, at, {}, &EpochStart::start_offset);
    EOSIM_ASSERT(!epochs.empty());
    // A segment may begin below the start of the log, to which the first epoch was moved.
    const LeaderEpoch epoch = after == epochs.begin() ? after->epoch : std::prev(after)->epoch;
    if (!begun) log.start = at;
    begun = true;
    log.batches.push_back({batch, epoch, at});
    at = at + store[batch].count;
  }
  if (!begun) log.start = at;
  log.end = at;
  return log;
}

}  // namespace eosim::kafka
