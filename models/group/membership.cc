#include "models/group/membership.h"

#include "models/group/join.h"
#include "models/group/rebalance.h"
#include "models/group/sync.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using enum GroupState;

// Before 2.6.1 a member that waits for its leader's assignment was told to rejoin.
Error heartbeat_in_completing(GroupStep& step, Member& member) {
  switch (step.config.switches.as<HeartbeatInCompleting>(Switch::kHeartbeatInCompleting)) {
    case HeartbeatInCompleting::kError:
      return Error::kRebalanceInProgress;
    case HeartbeatInCompleting::kOk:
      restart_session(step, member);
      return Error::kNone;
  }
  EOSIM_ASSERT(false && "a value of heartbeat_in_completing");
  return Error::kNone;
}

Error leave(GroupStep& step, Group& group, const LeaveGroupRequest::Member& who) {
  Name id = who.member_id;
  if (!id.valid() && who.instance_id.valid()) {
    // An administrator removes a static member by its instance id.
    const Member* mapped = group.find_instance(who.instance_id);
    if (mapped == nullptr) return Error::kUnknownMemberId;
    id = mapped->id;
  }
  if (group.remove_pending_member(id)) {
    try_complete_join(step, group);
    return Error::kNone;
  }
  const Error unknown = group.check_member(id, who.instance_id, step.unknown_instance());
  if (unknown == Error::kNone) evict_member(step, group, id, RemovalReason::kLeft);
  return unknown;
}

void on_session_expired(GroupStep& step, Group& group, Member& member) {
  if (member.awaiting() && !member.is_new) {
    // The wait keeps it alive; its end starts a new session.
    member.session_deadline = sim::kSteadyNever;
    return;
  }
  evict_member(step, group, member.id, RemovalReason::kSessionExpired);
}

}  // namespace

Error handle_heartbeat(GroupStep& step, Group& group, const HeartbeatRequest& request) {
  if (group.is(kDead)) return Error::kCoordinatorNotAvailable;
  const Error unknown =
      group.check_member(request.member_id, request.instance_id, step.unknown_instance());
  if (unknown != Error::kNone) return unknown;
  if (request.generation != group.generation()) return Error::kIllegalGeneration;
  Member& member = *group.find_member(request.member_id);
  switch (group.state()) {
    case kPreparingRebalance:
      restart_session(step, member);
      return Error::kRebalanceInProgress;
    case kCompletingRebalance:
      return heartbeat_in_completing(step, member);
    case kStable:
      restart_session(step, member);
      return Error::kNone;
    case kEmpty:
    case kDead:
      break;
  }
  EOSIM_ASSERT(false && "a member in a group without members");
  return Error::kUnknownMemberId;
}

LeaveGroupResponse handle_leave(GroupStep& step, Group& group, const LeaveGroupRequest& request) {
  LeaveGroupResponse response;
  if (group.is(kDead)) {
    response.error = Error::kCoordinatorNotAvailable;
    return response;
  }
  for (const LeaveGroupRequest::Member& who : request.members) {
    response.members.push_back(leave(step, group, who));
  }
  return response;
}

void fire_group_timer(GroupStep& step, Group& group) {
  const sim::SteadyTime due = group.next_deadline();
  EOSIM_ASSERT(due <= step.now());
  if (group.join_deadline == due) return on_join_timer(step, group);
  if (group.pending_sync_deadline == due) return on_pending_sync_timer(step, group);
  for (const PendingMember& pending : group.pending_members()) {
    if (pending.deadline != due) continue;
    group.remove_pending_member(pending.id);
    return try_complete_join(step, group);
  }
  for (Member& member : group.mutable_members()) {
    if (member.session_deadline == due) return on_session_expired(step, group, member);
  }
  EOSIM_ASSERT(false && "a deadline of nothing");
}

void unload_group(Group& group, GroupEffects& effects) {
  group.transition(kDead, group.state_ms(), effects);
  for (Member& member : group.mutable_members()) {
    if (member.awaiting_join) {
      refuse_join(effects, *member.awaiting_join, member.id, Error::kNotCoordinator);
      member.awaiting_join.reset();
    }
    if (member.awaiting_sync) {
      refuse_sync(effects, *member.awaiting_sync, Error::kNotCoordinator);
      member.awaiting_sync.reset();
    }
  }
}

}  // namespace eosim::kafka
