// Staying in a group and leaving it: Heartbeat, LeaveGroup, and the timers of members
// (groups-streams-replication.md 1.8, 1.9, 1.15).
#pragma once

#include "models/group/group_step.h"

namespace eosim::kafka {

Error handle_heartbeat(GroupStep& step, Group& group, const HeartbeatRequest& request);
LeaveGroupResponse handle_leave(GroupStep& step, Group& group, const LeaveGroupRequest& request);

// Fires the earliest timer of the group, which is due.
void fire_group_timer(GroupStep& step, Group& group);

// Leadership of the group's partition is lost (1.13): the group dies, what is parked is answered.
void unload_group(Group& group, GroupEffects& effects);

}  // namespace eosim::kafka
