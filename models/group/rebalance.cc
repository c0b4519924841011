#include "models/group/rebalance.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using enum GroupState;

void arm_initial_delay(GroupStep& step, Group& group, int32_t delay_ms, int32_t remaining_ms) {
  group.join_timer = JoinTimer::kInitialDelay;
  group.initial_delay_ms = delay_ms;
  group.initial_remaining_ms = remaining_ms;
  group.join_deadline = step.after_ms(delay_ms);
}

void arm_join_timer(GroupStep& step, Group& group) {
  group.join_timer = JoinTimer::kJoin;
  group.join_deadline = step.after_ms(group.rebalance_timeout_ms());
}

void start_rebalance(GroupStep& step, Group& group) {
  if (group.is(kCompletingRebalance)) {
    clear_assignments(group);
    answer_syncs(step, group, Error::kRebalanceInProgress);
  }
  for (Member& member : group.mutable_members()) member.pending_sync = false;
  group.pending_sync_deadline = sim::kSteadyNever;
  const bool was_empty = group.is(kEmpty);
  step.transition(group, kPreparingRebalance);
  if (was_empty) {
    const int32_t delay = step.config.initial_rebalance_delay_ms;
    arm_initial_delay(step, group, delay, std::max(group.rebalance_timeout_ms() - delay, 0));
  } else {
    arm_join_timer(step, group);
  }
  try_complete_join(step, group);
}

void drop_absent_members(GroupStep& step, Group& group) {
  std::vector<Name> absent;
  for (const Member& member : group.members()) {
    if (!member.awaiting_join && !member.instance_id.valid()) absent.push_back(member.id);
  }
  for (const Name id : absent) remove_member(step, group, id, RemovalReason::kNotRejoined);
}

void finish_without_members(GroupStep& step, Group& group) {
  group.start_generation(Name{});
  step.transition(group, kEmpty);
  step.emit(Event::kGroupGeneration, {field(group.name()), group.generation().value, 0, -1});
  append_group_record(step, group, group.record(), QuietStore{group.uid()});
}

void finish_with_members(GroupStep& step, Group& group) {
  group.start_generation(group.choose_protocol(step.env.names));
  step.transition(group, kCompletingRebalance);
  step.emit(Event::kGroupGeneration,
            {field(group.name()), group.generation().value,
             static_cast<int64_t>(group.members().size()), field(group.leader())});
  for (Member& member : group.mutable_members()) {
    if (member.awaiting_join) {
      answer(step.effects, *member.awaiting_join,
             join_result(group, member, group.is_leader(member.id)));
      member.awaiting_join.reset();
    }
    restart_session(step, member);
    member.is_new = false;
    member.pending_sync = true;
  }
  if (step.config.switches.on(Switch::kPendingSyncTimer)) {
    group.pending_sync_deadline = step.after_ms(group.rebalance_timeout_ms());
  }
}

void complete_join(GroupStep& step, Group& group) {
  EOSIM_ASSERT(group.is(kPreparingRebalance));
  drop_absent_members(step, group);
  if (!group.elect_joined_leader() && !group.members().empty()) {
    // Only static members, none of them back: their sessions will drain them. The timer must move
    // on even if a client said 0.
    arm_join_timer(step, group);
    group.join_deadline = std::max(group.join_deadline, step.after_ms(1));
    return;
  }
  group.join_timer = JoinTimer::kNone;
  group.join_deadline = sim::kSteadyNever;
  group.new_member_added = false;
  if (group.members().empty()) {
    finish_without_members(step, group);
  } else {
    finish_with_members(step, group);
  }
}

}  // namespace

void remove_member(GroupStep& step, Group& group, Name member_id, RemovalReason reason) {
  group.remove_member(member_id);
  step.emit(Event::kGroupMemberRemoved,
            {field(group.name()), field(member_id), static_cast<int64_t>(reason)});
}

void restart_session(const GroupStep& step, Member& member) {
  member.session_deadline = step.after_ms(member.session_timeout_ms);
}

JoinGroupResponse join_result(const Group& group, const Member& member, bool with_members) {
  JoinGroupResponse response;
  response.generation = group.generation();
  response.protocol_type = group.protocol_type();
  response.protocol = group.protocol();
  response.leader = group.leader();
  response.member_id = member.id;
  if (!with_members) return response;
  for (const Member& other : group.members()) {
    response.members.push_back({other.id, other.instance_id, other.subscription(group.protocol())});
  }
  return response;
}

void maybe_start_rebalance(GroupStep& step, Group& group) {
  if (group.is(kEmpty) || group.is(kStable) || group.is(kCompletingRebalance)) {
    start_rebalance(step, group);
  }
}

void try_complete_join(GroupStep& step, Group& group) {
  if (group.is(kPreparingRebalance) && group.join_timer == JoinTimer::kJoin && group.all_joined()) {
    complete_join(step, group);
  }
}

void on_join_timer(GroupStep& step, Group& group) {
  EOSIM_ASSERT(group.is(kPreparingRebalance));
  const bool extend = group.join_timer == JoinTimer::kInitialDelay && group.new_member_added &&
                      group.initial_remaining_ms != 0;
  if (!extend) return complete_join(step, group);
  group.new_member_added = false;
  const int32_t delay =
      std::min(step.config.initial_rebalance_delay_ms, group.initial_remaining_ms);
  const int32_t remaining = std::max(group.initial_remaining_ms - group.initial_delay_ms, 0);
  arm_initial_delay(step, group, delay, remaining);
}

void on_pending_sync_timer(GroupStep& step, Group& group) {
  EOSIM_ASSERT(group.is(kCompletingRebalance) || group.is(kStable));
  group.pending_sync_deadline = sim::kSteadyNever;
  std::vector<Name> silent;
  for (const Member& member : group.members()) {
    if (member.pending_sync) silent.push_back(member.id);
  }
  if (silent.empty()) return;
  for (const Name id : silent) remove_member(step, group, id, RemovalReason::kNeverSynced);
  maybe_start_rebalance(step, group);
}

void evict_member(GroupStep& step, Group& group, Name member_id, RemovalReason reason) {
  const Member* member = group.find_member(member_id);
  EOSIM_ASSERT(member != nullptr);
  if (member->awaiting_join) {
    JoinGroupResponse response;
    response.error = Error::kUnknownMemberId;
    response.member_id = member_id;
    answer(step.effects, *member->awaiting_join, std::move(response));
  }
  remove_member(step, group, member_id, reason);
  if (group.is(kPreparingRebalance)) {
    try_complete_join(step, group);
  } else {
    maybe_start_rebalance(step, group);
  }
}

void answer_syncs(GroupStep& step, Group& group, Error error) {
  for (Member& member : group.mutable_members()) {
    if (!member.awaiting_sync) continue;
    SyncGroupResponse response;
    response.error = error;
    if (error == Error::kNone) response = sync_result(group, member);
    answer(step.effects, *member.awaiting_sync, std::move(response));
    member.awaiting_sync.reset();
    restart_session(step, member);
  }
}

SyncGroupResponse sync_result(const Group& group, const Member& member) {
  SyncGroupResponse response;
  response.assignment = member.assignment;
  response.user_data = member.assignment_user_data;
  response.protocol_type = group.protocol_type();
  response.protocol = group.protocol();
  return response;
}

void clear_assignments(Group& group) {
  for (Member& member : group.mutable_members()) {
    member.assignment.clear();
    member.assignment_user_data.clear();
  }
}

}  // namespace eosim::kafka
