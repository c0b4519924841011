// What each member of a group keeps of what it says that it has
// (AbstractStickyAssignor.allSubscriptionsEqual and populatePreviousAssignment of the releases).
#pragma once

#include <set>

#include "models/client/partition_assignor.h"

namespace eosim::kafka {

// AbstractStickyAssignor.MemberData. An unset generation: not told, or none.
struct MemberData {
  List<TopicPartition> partitions;
  Generation generation;
};

struct ClaimedPartitions {
  List<List<TopicPartition>> owned;  // by member; of known topics that it subscribes to
  std::set<TopicPartition> doubly;   // claimed by two at once: nobody's, and not handed over either
};

ClaimedPartitions settle_claims(StickyClaims claims, const GroupSubscription& group,
                                const List<MemberData>& members);

}  // namespace eosim::kafka
