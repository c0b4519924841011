// The start of a log: what is too old, too much, or deleted by its users (transactions.md 4.9;
// Kafka's UnifiedLog.deleteOldSegments and maybeIncrementLogStartOffset).
#include <algorithm>

#include "models/log/partition_log.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// How many segments from the start on cleanup.policy=delete no longer wants.
size_t unwanted(const LogConfig& config, std::span<const Segment> segments, int64_t bytes,
                int64_t now_ms) {
  if (!config.deletes) return 0;
  size_t old = 0;
  if (config.retention_ms >= 0) {
    while (old < segments.size() && now_ms - segments[old].max_timestamp_ms > config.retention_ms) {
      ++old;
    }
  }
  size_t over = 0;
  if (config.retention_bytes >= 0) {
    int64_t excess = bytes - config.retention_bytes;
    while (over < segments.size() && excess > 0 && segments[over].bytes <= excess) {
      excess -= segments[over++].bytes;
    }
  }
  return std::max(old, over);
}

}  // namespace

bool PartitionLog::move_start(const Switches& switches, Offset offset) {
  EOSIM_ASSERT(offset <= high_watermark_);
  if (offset <= start_) return false;
  start_moved(switches, offset);
  return true;
}

Released PartitionLog::delete_old_segments(const Switches& switches, int64_t now_ms) {
  size_t count = unwanted(config_, segments_, bytes(), now_ms);
  while (count + 1 < segments_.size() && segments_[count + 1].base <= start_) ++count;
  const auto end_of = [&](size_t segment) {
    return segment + 1 < segments_.size() ? segments_[segment + 1].base : end_;
  };
  while (count > 0 && end_of(count - 1) > high_watermark_) --count;
  Released released;
  if (count == 0 || (count == segments_.size() && entries_.empty())) return released;
  // There is always an active segment, which begins where the log ends if all others go.
  if (count == segments_.size()) {
    begin_segment(end_);
  }
  cut_start(count, released);
  if (segments_.front().base > start_) start_moved(switches, segments_.front().base);
  return released;
}

void PartitionLog::cut_start(size_t count, Released& released) {
  EOSIM_ASSERT(count < segments_.size());
  const size_t entries = segments_[count].first_entry;
  for (size_t i = 0; i < entries; ++i) released.push_back(entries_[i].batch);
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<ptrdiff_t>(entries));
  segments_.erase(segments_.begin(), segments_.begin() + static_cast<ptrdiff_t>(count));
  for (Segment& segment : segments_) segment.first_entry -= entries;
}

void PartitionLog::start_moved(const Switches& switches, Offset offset) {
  start_ = offset;
  first_dirty_ = std::max(first_dirty_, start_);
  epochs_.truncate_start(start_);
  transactions_.log_start_moved(start_);
  // Up to 2.3 a producer went with its last data (KIP-360 kept it).
  if (switches.on(Switch::kPlEvictStateOnLogStart)) {
    for (const ProducerEntry& gone : producers_.evict_before(start_)) {
      if (gone.open_transaction.valid()) transactions_.forget(gone.id, gone.open_transaction);
    }
  }
  check_invariants();
}

void PartitionLog::replace_cleaned(size_t replaced, std::vector<Segment> segments,
                                   std::vector<LogEntry> entries) {
  EOSIM_ASSERT(replaced > 0 && replaced < segments_.size());
  EOSIM_ASSERT(!segments.empty() && segments.front().base == segments_.front().base);
  const size_t old_entries = segments_[replaced].first_entry;
  first_dirty_ = segments_[replaced].base;
  EOSIM_ASSERT(first_dirty_ <= last_stable_offset());
  EOSIM_ASSERT(entries.size() <= old_entries);
  const size_t gone = old_entries - entries.size();
  std::ranges::copy(entries, entries_.begin());
  entries_.erase(entries_.begin() + static_cast<ptrdiff_t>(entries.size()),
                 entries_.begin() + static_cast<ptrdiff_t>(old_entries));
  const auto rest = segments_.begin() + static_cast<ptrdiff_t>(replaced);
  for (auto kept = rest; kept != segments_.end(); ++kept) kept->first_entry -= gone;
  segments.insert(segments.end(), std::make_move_iterator(rest),
                  std::make_move_iterator(segments_.end()));
  segments_ = std::move(segments);
  check_invariants();
}

}  // namespace eosim::kafka
