// The join phase: how a rebalance starts, when it ends, what its end does
// (groups-streams-replication.md 1.5, 1.6; GroupCoordinator.prepareRebalance and onCompleteJoin).
#pragma once

#include "models/group/group_step.h"

namespace eosim::kafka {

void restart_session(const GroupStep& step, Member& member);
// Starts a rebalance if the state allows one; in PreparingRebalance one is going on already.
void maybe_start_rebalance(GroupStep& step, Group& group);
// Ends the join phase if everybody is there and the timer allows an early end.
void try_complete_join(GroupStep& step, Group& group);
void on_join_timer(GroupStep& step, Group& group);
void on_pending_sync_timer(GroupStep& step, Group& group);

void remove_member(GroupStep& step, Group& group, Name member_id, RemovalReason reason);
// Takes a member out, with what follows from that in each state (1.8, 1.9).
void evict_member(GroupStep& step, Group& group, Name member_id, RemovalReason reason);

// What a member is told of the group's generation; the list of members is for who assigns.
JoinGroupResponse join_result(const Group& group, const Member& member, bool with_members);
SyncGroupResponse sync_result(const Group& group, const Member& member);

// Answers all parked Syncs; those members' sessions start again.
void answer_syncs(GroupStep& step, Group& group, Error error);
void clear_assignments(Group& group);

}  // namespace eosim::kafka
