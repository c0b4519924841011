// A static member that comes back: JoinGroup without a member id, with an instance id that the
// group knows (KIP-345; groups-streams-replication.md 1.12,
// GroupCoordinator.updateStaticMemberAndRebalance).
#pragma once

#include "models/group/group_step.h"

namespace eosim::kafka {

// The member gets the new id; whoever used the old one is fenced from now on.
void replace_static_member(GroupStep& step, Group& group, RequestToken token,
                           const JoinGroupRequest& request, Name new_id);
// The record that says so is written, or not.
void on_static_swap_stored(GroupStep& step, Group& group, const StaticSwapStore& store,
                           Error error);

}  // namespace eosim::kafka
