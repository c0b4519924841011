#include "models/log/truncation.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

Divergence find_divergence(const EpochCache& leader, Offset leader_end, Offset fetch_offset,
                           LeaderEpoch last_fetched) {
  if (!last_fetched.valid()) return {};  // an empty log parts from nothing
  const std::optional<EpochEnd> end = leader.end_offset_for(last_fetched, leader_end);
  if (!end) return {true, std::nullopt};
  if (end->epoch < last_fetched || end->end_offset < fetch_offset) return {true, end};
  return {};
}

Offset truncation_offset(const EpochCache& follower, Offset follower_end, EpochEnd diverging) {
  EOSIM_ASSERT(diverging.epoch.valid() && diverging.end_offset.valid());
  const std::optional<EpochEnd> own = follower.end_offset_for(diverging.epoch, follower_end);
  if (!own) return std::min(diverging.end_offset, follower_end);
  const Offset cut = std::min(own->end_offset, follower_end);
  // Another epoch than the leader's: nothing is known of it yet but that ours ends here.
  return own->epoch == diverging.epoch ? std::min(cut, diverging.end_offset) : cut;
}

}  // namespace eosim::kafka
