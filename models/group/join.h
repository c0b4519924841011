// JoinGroup (groups-streams-replication.md 1.5; GroupCoordinator.doUnknownJoinGroup and
// doJoinGroup). The checks before the group lookup are the coordinator's.
#pragma once

#include "models/group/group_step.h"

namespace eosim::kafka {

Error check_session_timeout(const GroupCoordinatorConfig& config, const JoinGroupRequest& request);
void refuse_join(GroupEffects& effects, RequestToken token, Name member_id, Error error);
void handle_join(GroupStep& step, Group& group, RequestToken token,
                 const JoinGroupRequest& request);

}  // namespace eosim::kafka
