#include "models/group/join.h"

#include <string>

#include "models/group/rebalance.h"
#include "models/group/static_member.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using enum GroupState;

// From this version on, a dynamic member without id must come back with the id it is given
// (KIP-394).
constexpr int16_t kMemberIdRequiredVersion = 4;

// Kafka's ids end in a random UUID. Broker, incarnation and a counter never repeat either, and can
// be read.
Name new_member_id(GroupStep& step, const JoinGroupRequest& request) {
  const Name prefix = request.instance_id.valid() ? request.instance_id : request.header.client_id;
  std::string id(step.env.names.text(prefix));
  id.append("-").append(std::to_string(step.config.self.value));
  id.append(".").append(std::to_string(step.config.incarnation));
  id.append(".").append(std::to_string(step.next_member_number));
  ++step.next_member_number;
  return step.env.names.intern(id);
}

void add_member(GroupStep& step, Group& group, RequestToken token, const JoinGroupRequest& request,
                Name id) {
  Member member;
  member.id = id;
  member.instance_id = request.instance_id;
  member.client_id = request.header.client_id;
  member.session_timeout_ms = request.session_timeout_ms;
  member.rebalance_timeout_ms = request.rebalance_timeout_ms;
  member.protocols = request.protocols;
  member.awaiting_join = token;
  member.is_new = true;
  // It cannot send heartbeats while its Join is parked.
  member.session_deadline = step.after_ms(step.config.new_member_join_timeout_ms);
  if (group.is(kPreparingRebalance) && group.generation().value == 0) group.new_member_added = true;
  group.add_member(std::move(member), request.protocol_type);
  group.remove_pending_member(id);
  step.emit(Event::kGroupMemberJoined,
            {field(group.name()), field(id), field(request.header.client_id)});
  maybe_start_rebalance(step, group);
}

void update_member(GroupStep& step, Group& group, Member& member, RequestToken token,
                   const JoinGroupRequest& request) {
  member.protocols = request.protocols;
  member.session_timeout_ms = request.session_timeout_ms;
  member.rebalance_timeout_ms = request.rebalance_timeout_ms;
  member.awaiting_join = token;
  maybe_start_rebalance(step, group);
}

// The group has not moved since this member joined: it probably lost the response (1.4).
void reply_current_generation(GroupStep& step, const Group& group, const Member& member,
                              RequestToken token, bool with_members) {
  answer(step.effects, token, join_result(group, member, with_members));
}

// Who waits already may go on waiting (GroupCoordinator.acceptJoiningMember).
bool has_room(const Group& group, Name member_id, int32_t max_size) {
  const Member* member = group.find_member(member_id);
  switch (group.state()) {
    case kEmpty:
    case kDead:
      return true;
    case kPreparingRebalance:
      return (member != nullptr && member->awaiting_join) || group.joining() < max_size;
    case kCompletingRebalance:
    case kStable:
      return member != nullptr || group.members().size() < static_cast<size_t>(max_size);
  }
  return true;
}

void join_without_id(GroupStep& step, Group& group, RequestToken token,
                     const JoinGroupRequest& request) {
  const Name id = new_member_id(step, request);
  if (group.find_instance(request.instance_id) != nullptr) {
    return replace_static_member(step, group, token, request, id);
  }
  if (!request.instance_id.valid() && request.header.version >= kMemberIdRequiredVersion) {
    group.add_pending_member(id, step.after_ms(request.session_timeout_ms));
    return refuse_join(step.effects, token, id, Error::kMemberIdRequired);
  }
  add_member(step, group, token, request, id);
}

void rejoin(GroupStep& step, Group& group, RequestToken token, const JoinGroupRequest& request) {
  const Error unknown =
      group.check_member(request.member_id, request.instance_id, UnknownInstance::kRefused);
  if (unknown != Error::kNone) {
    return refuse_join(step.effects, token, request.member_id, unknown);
  }
  Member& member = *group.find_member(request.member_id);
  const bool same = member.protocols == request.protocols;
  const bool leader = group.is_leader(member.id);
  switch (group.state()) {
    case kPreparingRebalance:
      return update_member(step, group, member, token, request);
    case kCompletingRebalance:
      if (same) return reply_current_generation(step, group, member, token, leader);
      return update_member(step, group, member, token, request);
    case kStable:
      // The leader asks for a rebalance by joining: its metadata is not the reason then.
      if (same && !leader) return reply_current_generation(step, group, member, token, false);
      return update_member(step, group, member, token, request);
    case kEmpty:
    case kDead:
      EOSIM_ASSERT(false && "a member in a group without members");
  }
}

}  // namespace

Error check_session_timeout(const GroupCoordinatorConfig& config, const JoinGroupRequest& request) {
  const bool fits = request.session_timeout_ms >= config.min_session_timeout_ms &&
                    request.session_timeout_ms <= config.max_session_timeout_ms;
  return fits ? Error::kNone : Error::kInvalidSessionTimeout;
}

void refuse_join(GroupEffects& effects, RequestToken token, Name member_id, Error error) {
  JoinGroupResponse response;
  response.error = error;
  response.member_id = member_id;
  answer(effects, token, std::move(response));
}

void handle_join(GroupStep& step, Group& group, RequestToken token,
                 const JoinGroupRequest& request) {
  if (!has_room(group, request.member_id, step.config.max_size)) {
    if (group.find_member(request.member_id) != nullptr) {
      remove_member(step, group, request.member_id, RemovalReason::kLeft);
    }
    refuse_join(step.effects, token, Name{}, Error::kGroupMaxSizeReached);
    return try_complete_join(step, group);
  }
  if (group.is(kDead)) {
    return refuse_join(step.effects, token, request.member_id, Error::kCoordinatorNotAvailable);
  }
  if (!group.supports(request.protocol_type, request.protocols)) {
    return refuse_join(step.effects, token, request.member_id, Error::kInconsistentGroupProtocol);
  }
  if (!request.member_id.valid()) {
    join_without_id(step, group, token, request);
  } else if (group.is_pending_member(request.member_id)) {
    add_member(step, group, token, request, request.member_id);
  } else {
    rejoin(step, group, token, request);
  }
  try_complete_join(step, group);
}

}  // namespace eosim::kafka
