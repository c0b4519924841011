// RangeAssignor, the default of 2.4 and 2.5: each topic by itself, its partitions in contiguous
// runs, the first members get one more where it does not divide evenly. Members are ordered as
// Kafka's AbstractPartitionAssignor.MemberInfo orders them: those with an instance id first, by its
// text, then the others by the text of their member id.
#pragma once

#include "models/protocol/messages.h"
#include "models/protocol/names.h"

namespace eosim::kafka {

struct TopicSize {
  TopicId topic;
  int32_t partitions = 0;
};

// One entry a member, in the order of `members`; partitions sorted. A topic that is subscribed and
// not in `topics` is unknown to the leader's metadata and gives nothing.
List<MemberAssignment> range_assign(const Names& names,
                                    const List<JoinGroupResponse::Member>& members,
                                    const List<TopicSize>& topics);

}  // namespace eosim::kafka
