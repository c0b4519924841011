#include "models/log/epoch_cache.h"

#include <algorithm>
#include <iterator>

#include "sim/assert.h"

namespace eosim::kafka {

void EpochCache::assign(LeaderEpoch epoch, Offset start_offset) {
  EOSIM_ASSERT(epoch.valid() && start_offset.valid());
  if (!starts_.empty() && starts_.back().epoch == epoch) return;
  const auto gives_way = [&](const EpochStart& start) {
    return start.epoch >= epoch || start.start_offset >= start_offset;
  };
  while (!starts_.empty() && gives_way(starts_.back())) starts_.pop_back();
  starts_.push_back({epoch, start_offset});
}

void EpochCache::truncate_end(Offset end) {
  while (!starts_.empty() && starts_.back().start_offset >= end) starts_.pop_back();
}

void EpochCache::truncate_start(Offset start) {
  const auto after = std::ranges::upper_bound(starts_, start, {}, &EpochStart::start_offset);
  if (after == starts_.begin()) return;
  const auto current = std::prev(after);
  current->start_offset = start;
  starts_.erase(starts_.begin(), current);
}

void EpochCache::load(std::span<const EpochStart> starts, Offset log_end) {
  starts_.clear();
  for (const EpochStart& start : starts) {
    if (start.start_offset < log_end) assign(start.epoch, start.start_offset);
  }
}

std::optional<EpochEnd> EpochCache::end_offset_for(LeaderEpoch asked, Offset log_end) const {
  if (!asked.valid() || starts_.empty()) return std::nullopt;
  if (asked == starts_.back().epoch) return EpochEnd{asked, log_end};
  const auto next = std::ranges::upper_bound(starts_, asked, {}, &EpochStart::epoch);
  if (next == starts_.end()) return std::nullopt;
  const LeaderEpoch floor = next == starts_.begin() ? asked : std::prev(next)->epoch;
  return EpochEnd{floor, next->start_offset};
}

}  // namespace eosim::kafka
