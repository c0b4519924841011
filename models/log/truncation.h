// Where a follower cuts its log when the leader's parts from it (KIP-101, 279, 595;
// groups-streams-replication.md 6.3, 6.6; Kafka's ReplicaFetcherThread and
// AbstractFetcherThread.getOffsetTruncationState).
#pragma once

#include <optional>

#include "models/log/epoch_cache.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

// The leader's side: nothing if a follower that asks for `fetch_offset`, and whose last batch is of
// `last_fetched`, agrees with the log so far; else the greatest epoch that both may have, and where
// it ends here. None at all in `end`: the epoch is unknown here (OFFSET_OUT_OF_RANGE).
struct Divergence {
  bool diverges = false;
  std::optional<EpochEnd> end;
};
Divergence find_divergence(const EpochCache& leader, Offset leader_end, Offset fetch_offset,
                           LeaderEpoch last_fetched);

// The follower's side: the offset to truncate to. It fetches from there next, which asks again if
// the logs still part.
Offset truncation_offset(const EpochCache& follower, Offset follower_end, EpochEnd diverging);

}  // namespace eosim::kafka
