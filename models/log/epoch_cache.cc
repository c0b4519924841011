#include "models/log/epoch_cache.h"

#include <algorithm>
#include <iterator>

#include "sim/assert.h"

namespace eosim::kafka {

void EpochCache::assign(LeaderEpoch epoch, Offset start_offset) {
  EOSIM_ASSERT(epoch.valid() && start_offset.valid());
  if (latest() == epoch) return;
  EOSIM_ASSERT(starts_.empty() || starts_.back().epoch < epoch);
  while (!starts_.empty() && starts_.back().start_offset >= start_offset) starts_.pop_back();
  starts_.push_back({epoch, start_offset});
}

std::optional<EpochEnd> EpochCache::end_offset_for(LeaderEpoch asked, Offset log_end) const {
  if (!asked.valid() || starts_.empty()) return std::nullopt;
  if (asked == starts_.back().epoch) return EpochEnd{asked, log_end};
  const auto next = std::ranges::upper_bound(starts_, asked, {}, &EpochStart::epoch);
  if (next == starts_.end()) return std::nullopt;
  const LeaderEpoch floor = next == starts_.begin() ? asked : std::prev(next)->epoch;
  return EpochEnd{floor, next->start_offset};
}

std::optional<LeaderEpoch> EpochCache::latest() const {
  if (starts_.empty()) return std::nullopt;
  return starts_.back().epoch;
}

}  // namespace eosim::kafka
