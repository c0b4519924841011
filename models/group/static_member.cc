#include "models/group/static_member.h"

#include <utility>

#include "models/group/join.h"
#include "models/group/rebalance.h"
#include "models/group/sync.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using enum GroupState;

// From this version on a leader that came back learns that it leads, and assigns nothing (KIP-814).
constexpr int16_t kSkipAssignmentVersion = 9;

void fence_parked(GroupStep& step, Member& member, Name old_id) {
  if (member.awaiting_join) {
    refuse_join(step.effects, *member.awaiting_join, old_id, Error::kFencedInstanceId);
    member.awaiting_join.reset();
  }
  if (member.awaiting_sync) {
    refuse_sync(step.effects, *member.awaiting_sync, Error::kFencedInstanceId);
    member.awaiting_sync.reset();
  }
}

Name rekey(GroupStep& step, Group& group, Name old_id, Name new_id, Name client_id) {
  Member& member = group.rekey(old_id, new_id);
  const Name old_client_id = std::exchange(member.client_id, client_id);
  step.emit(Event::kGroupMemberRemoved,
            {field(group.name()), field(old_id), static_cast<int64_t>(RemovalReason::kReplaced)});
  step.emit(Event::kGroupMemberJoined,
            {field(group.name()), field(new_id), field(member.client_id)});
  // What the old id was assigned is the new one's.
  for (const TopicPartition partition : member.assignment) {
    step.emit(Event::kGroupAssigned,
              {field(group.name()), group.generation().value, field(new_id), partition.packed()});
  }
  return old_client_id;
}

void reply_unmoved(GroupStep& step, const Group& group, Member& member,
                   const StaticSwapStore& store) {
  const bool leads = store.may_skip_assignment && group.is_leader(member.id);
  JoinGroupResponse response = join_result(group, member, leads);
  response.skip_assignment = leads;
  // Under the old leader's id, nobody takes the new one for a leader who has to assign.
  if (!store.may_skip_assignment) response.leader = store.old_leader;
  answer(step.effects, store.request, std::move(response));
  member.awaiting_join.reset();
}

void rejoin_stable(GroupStep& step, Group& group, Member& member, StaticSwapStore store) {
  const Switches& switches = step.config.switches;
  if (switches.on(Switch::kStaticSwapChecksProtocol) &&
      group.choose_protocol(step.env.names) != group.protocol()) {
    return maybe_start_rebalance(step, group);
  }
  if (switches.on(Switch::kStaticSwapPersisted)) {
    return append_group_record(step, group, group.record(), std::move(store));
  }
  // A coordinator that loads the log finds the old id.
  group.record_in_doubt = true;
  reply_unmoved(step, group, member, store);
}

}  // namespace

void replace_static_member(GroupStep& step, Group& group, RequestToken token,
                           const JoinGroupRequest& request, Name new_id) {
  const Name old_id = group.find_instance(request.instance_id)->id;
  StaticSwapStore store{group.uid(), token, old_id, new_id, group.leader()};
  store.may_skip_assignment = request.header.version >= kSkipAssignmentVersion;
  store.old_client_id = rekey(step, group, old_id, new_id, request.header.client_id);
  Member& member = *group.find_member(new_id);
  fence_parked(step, member, old_id);
  restart_session(step, member);
  store.old_protocols = std::exchange(member.protocols, request.protocols);
  store.old_session_timeout_ms =
      std::exchange(member.session_timeout_ms, request.session_timeout_ms);
  store.old_rebalance_timeout_ms =
      std::exchange(member.rebalance_timeout_ms, request.rebalance_timeout_ms);
  member.awaiting_join = token;
  switch (group.state()) {
    case kPreparingRebalance:
      return;
    case kCompletingRebalance:
      // The assignment may be on its way for the old id.
      if (step.config.switches.on(Switch::kStaticSwapInCompleting)) {
        return maybe_start_rebalance(step, group);
      }
      return reply_unmoved(step, group, member, store);
    case kStable:
      return rejoin_stable(step, group, member, std::move(store));
    case kEmpty:
    case kDead:
      EOSIM_ASSERT(false && "a member in a group without members");
  }
}

void on_static_swap_stored(GroupStep& step, Group& group, const StaticSwapStore& store,
                           Error error) {
  Member* member = group.find_member(store.new_id);
  if (error != Error::kNone) group.record_in_doubt = true;
  if (member == nullptr) return;  // removed, or back once more: it was answered then
  const bool waits = member->awaiting_join == store.request;
  if (error == Error::kNone) {
    if (waits) reply_unmoved(step, group, *member, store);
    return;
  }
  if (waits) {
    refuse_join(step.effects, store.request, Name{}, group_store_error(error));
    member->awaiting_join.reset();
  }
  member->protocols = store.old_protocols;
  member->session_timeout_ms = store.old_session_timeout_ms;
  member->rebalance_timeout_ms = store.old_rebalance_timeout_ms;
  rekey(step, group, store.new_id, store.old_id, store.old_client_id);
  restart_session(step, *member);
}

}  // namespace eosim::kafka
