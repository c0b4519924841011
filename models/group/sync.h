// SyncGroup: the leader's assignment is written to the log, then handed out
// (groups-streams-replication.md 1.4, 1.7; GroupCoordinator.doSyncGroup).
#pragma once

#include "models/group/group_step.h"

namespace eosim::kafka {

void refuse_sync(GroupEffects& effects, RequestToken token, Error error);
void handle_sync(GroupStep& step, Group& group, RequestToken token,
                 const SyncGroupRequest& request);
// The record is written, or not.
void on_assignment_stored(GroupStep& step, Group& group, const AssignmentStore& store, Error error);

}  // namespace eosim::kafka
