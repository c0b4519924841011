// The tables of groups-streams-replication.md 1.2-1.5, 2.2, 2.3 and 2.8 as request x state x
// answer: which cells there are, and in which one a request meets the coordinator.
#pragma once

#include "models/group/group_coordinator.h"
#include "models/protocol/coverage.h"
#include "models/protocol/messages.h"

namespace eosim::kafka {

const CoverageTable& group_coverage();

// Before the request is handled. Invalid: it names no group at all.
Encounter met_by(const GroupCoordinator& coordinator, const Names& names,
                 const JoinGroupRequest& request);
Encounter met_by(const GroupCoordinator& coordinator, const Names& names,
                 const SyncGroupRequest& request);
Encounter met_by(const GroupCoordinator& coordinator, const Names& names,
                 const HeartbeatRequest& request);
Encounter met_by(const GroupCoordinator& coordinator, const Names& names,
                 const LeaveGroupRequest& request);
Encounter met_by(const GroupCoordinator& coordinator, const Names& names,
                 const OffsetCommitRequest& request);
Encounter met_by(const GroupCoordinator& coordinator, const Names& names,
                 const TxnOffsetCommitRequest& request);
Encounter met_by(const GroupCoordinator& coordinator, const Names& names,
                 const OffsetFetchRequest& request);

}  // namespace eosim::kafka
