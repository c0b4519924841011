#include "models/log/stored_log.h"

#include <algorithm>
#include <iterator>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

void put_hole(std::vector<sim::DiskEntry>& file, int64_t offsets) {
  EOSIM_ASSERT(offsets >= 0);
  for (; offsets > UINT32_MAX; offsets -= UINT32_MAX) file.push_back({UINT32_MAX, UINT32_MAX});
  if (offsets > 0) file.push_back({UINT32_MAX, static_cast<uint32_t>(offsets)});
}

}  // namespace

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
