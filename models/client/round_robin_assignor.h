// RoundRobinAssignor: all partitions of all topics in one order, dealt out one by one to the
// members in theirs (that of range_assignor.h), past those that do not subscribe to the topic.
#pragma once

#include "models/client/partition_assignor.h"

namespace eosim::kafka {

List<MemberAssignment> round_robin_assign(const Names& names, const GroupSubscription& group);

}  // namespace eosim::kafka
