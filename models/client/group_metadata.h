// What a consumer tells a transactional producer about its membership (KIP-447): the triple that
// fences TxnOffsetCommit by generation (groups-streams-replication.md 3.8).
#pragma once

#include "models/protocol/types.h"

namespace eosim::kafka {

// Defaults are those of `new ConsumerGroupMetadata(groupId)`: unfenced.
struct GroupMetadata {
  Name group;
  Generation generation;
  Name member_id;
  Name instance_id;
  friend constexpr bool operator==(const GroupMetadata&, const GroupMetadata&) = default;
};

}  // namespace eosim::kafka
