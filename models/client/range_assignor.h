// RangeAssignor, the default everywhere: each topic by itself, its partitions in contiguous
// runs, the first members get one more where it does not divide evenly. Members are ordered as
// Kafka's AbstractPartitionAssignor.MemberInfo orders them: those with an instance id first, by its
// text, then the others by the text of their member id.
#pragma once

#include "models/client/partition_assignor.h"

namespace eosim::kafka {

// What several assignors need.
bool subscribes(const GroupSubscription::Member& member, TopicId topic);
// Indices into `members`, in Kafka's order.
List<size_t> order_of_members(const Names& names, const List<GroupSubscription::Member>& members);
List<MemberAssignment> empty_assignments(const List<GroupSubscription::Member>& members);

// One entry a member, in the order of `members`; partitions sorted. A topic that is subscribed and
// not in `topics` is unknown to the leader's metadata and gives nothing.
List<MemberAssignment> range_assign(const Names& names,
                                    const List<GroupSubscription::Member>& members,
                                    const List<TopicSize>& topics);

}  // namespace eosim::kafka
