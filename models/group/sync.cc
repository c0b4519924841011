#include "models/group/sync.h"

#include <algorithm>

#include "models/group/rebalance.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using enum GroupState;

// Of each member, those without an entry in the request included.
List<MemberAssignment> complete_assignments(const Group& group, const SyncGroupRequest& request) {
  List<MemberAssignment> all;
  for (const Member& member : group.members()) {
    const auto at = std::ranges::find(request.assignments, member.id, &MemberAssignment::member_id);
    MemberAssignment& assignment = all.emplace_back();
    if (at != request.assignments.end()) assignment = *at;
    assignment.member_id = member.id;
  }
  return all;
}

void store_assignments(GroupStep& step, const Group& group, const SyncGroupRequest& request) {
  AssignmentStore store{group.uid(), group.generation(), complete_assignments(group, request)};
  GroupRecord record = group.record();
  EOSIM_ASSERT(record.members.size() == store.assignments.size());
  for (size_t i = 0; i < record.members.size(); ++i) {
    record.members[i].assignment = store.assignments[i].partitions;
    record.members[i].assignment_user_data = store.assignments[i].user_data;
  }
  append_group_record(step, group, std::move(record), std::move(store));
}

void park(GroupStep& step, Group& group, Member& member, RequestToken token,
          const SyncGroupRequest& request) {
  member.awaiting_sync = token;
  member.pending_sync = false;
  if (group.is_leader(member.id)) store_assignments(step, group, request);
}

void reply_assignment(GroupStep& step, const Group& group, Member& member, RequestToken token) {
  member.pending_sync = false;
  answer(step.effects, token, sync_result(group, member));
  restart_session(step, member);
}

// Given and different (v5; KIP-559).
bool other_protocol(const Group& group, const SyncGroupRequest& request) {
  const bool type = request.protocol_type.valid() && request.protocol_type != group.protocol_type();
  const bool name = request.protocol.valid() && request.protocol != group.protocol();
  return type || name;
}

void hand_out(GroupStep& step, Group& group, const List<MemberAssignment>& assignments) {
  for (Member& member : group.mutable_members()) {
    // Same generation and still CompletingRebalance: the members are the same too, but for the id
    // of a static one that came back before 2.5. It was assigned nothing.
    const auto at = std::ranges::find(assignments, member.id, &MemberAssignment::member_id);
    member.assignment.clear();
    member.assignment_user_data.clear();
    if (at == assignments.end()) {
      group.record_in_doubt = true;
      continue;
    }
    member.assignment = at->partitions;
    member.assignment_user_data = at->user_data;
    for (const TopicPartition partition : at->partitions) {
      step.emit(Event::kGroupAssigned, {field(group.name()), group.generation().value,
                                        field(member.id), partition.packed()});
    }
  }
  step.transition(group, kStable);
  answer_syncs(step, group, Error::kNone);
}

}  // namespace

void refuse_sync(GroupEffects& effects, RequestToken token, Error error) {
  SyncGroupResponse response;
  response.error = error;
  answer(effects, token, std::move(response));
}

void handle_sync(GroupStep& step, Group& group, RequestToken token,
                 const SyncGroupRequest& request) {
  if (group.is(kDead)) return refuse_sync(step.effects, token, Error::kCoordinatorNotAvailable);
  const Error unknown =
      group.check_member(request.member_id, request.instance_id, step.unknown_instance());
  if (unknown != Error::kNone) return refuse_sync(step.effects, token, unknown);
  if (request.generation != group.generation()) {
    return refuse_sync(step.effects, token, Error::kIllegalGeneration);
  }
  if (other_protocol(group, request)) {
    return refuse_sync(step.effects, token, Error::kInconsistentGroupProtocol);
  }
  Member& member = *group.find_member(request.member_id);
  switch (group.state()) {
    case kPreparingRebalance:
      return refuse_sync(step.effects, token, Error::kRebalanceInProgress);
    case kCompletingRebalance:
      return park(step, group, member, token, request);
    case kStable:
      return reply_assignment(step, group, member, token);
    case kEmpty:
    case kDead:
      EOSIM_ASSERT(false && "a member in a group without members");
  }
}

void on_assignment_stored(GroupStep& step, Group& group, const AssignmentStore& store,
                          Error error) {
  // While the record was on its way the group may have moved on; then its fate decides nothing.
  if (!group.is(kCompletingRebalance) || group.generation() != store.generation) {
    group.record_in_doubt = true;
    return;
  }
  group.record_in_doubt = error != Error::kNone;
  if (error == Error::kNone) return hand_out(step, group, store.assignments);
  clear_assignments(group);
  answer_syncs(step, group, group_store_error(error));
  maybe_start_rebalance(step, group);
}

}  // namespace eosim::kafka
