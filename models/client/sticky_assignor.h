// AbstractStickyAssignor with its two faces: "sticky" (eager; what a member had is in its user
// data) and "cooperative-sticky" (what it has is in its subscription; what would go from one member
// to another is given to nobody until it is free, KIP-429).
//
// Which claims count differs by release (switch sticky_claims). Before 2.8.1 cooperative members
// did not say from which generation their claims are, and two of them could both keep a partition
// (KAFKA-12984); then two claims of one generation cancel each other; since KIP-792 a claim yields
// only to one of a later generation.
#pragma once

#include "models/client/partition_assignor.h"

namespace eosim::kafka {

// StickyAssignor's user data, version 1: the generation, then what was assigned in it.
UserData sticky_user_data(const List<TopicPartition>& assigned, Generation generation);

List<MemberAssignment> sticky_assign(StickyClaims claims, const GroupSubscription& group);
List<MemberAssignment> cooperative_sticky_assign(StickyClaims claims,
                                                 const GroupSubscription& group);

}  // namespace eosim::kafka
