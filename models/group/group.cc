#include "models/group/group.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

bool legal(GroupState from, GroupState to) {
  using enum GroupState;
  switch (to) {
    case kPreparingRebalance:
      return from == kEmpty || from == kStable || from == kCompletingRebalance;
    case kCompletingRebalance:
      return from == kPreparingRebalance;
    case kEmpty:
      return from == kPreparingRebalance;
    case kStable:
      return from == kCompletingRebalance;
    case kDead:
      return from != kDead;
  }
  return false;
}

bool lists(const Member::Protocols& protocols, Name name) {
  return std::ranges::any_of(protocols, [&](const auto& p) { return p.name == name; });
}

}  // namespace

Subscription Member::subscription(Name protocol) const {
  for (const JoinGroupRequest::Protocol& candidate : protocols) {
    if (candidate.name == protocol) return candidate.subscription;
  }
  return {};
}

Member* Group::find_member(Name id) {
  return const_cast<Member*>(static_cast<const Group*>(this)->find_member(id));
}

const Member* Group::find_member(Name id) const {
  if (!id.valid()) return nullptr;
  const auto at = std::ranges::find(members_, id, &Member::id);
  return at == members_.end() ? nullptr : &*at;
}

const Member* Group::find_instance(Name instance_id) const {
  if (!instance_id.valid()) return nullptr;
  const auto at = std::ranges::find(members_, instance_id, &Member::instance_id);
  return at == members_.end() ? nullptr : &*at;
}

bool Group::is_pending_member(Name id) const {
  return id.valid() &&
         std::ranges::find(pending_members_, id, &PendingMember::id) != pending_members_.end();
}

Error Group::check_member(Name id, Name instance_id, UnknownInstance unknown) const {
  if (instance_id.valid()) {
    const Member* mapped = find_instance(instance_id);
    if (mapped != nullptr && mapped->id != id) return Error::kFencedInstanceId;
    if (mapped == nullptr && unknown == UnknownInstance::kRefused) return Error::kUnknownMemberId;
  }
  return find_member(id) == nullptr ? Error::kUnknownMemberId : Error::kNone;
}

bool Group::all_joined() const {
  return pending_members_.empty() &&
         std::ranges::all_of(members_, [](const Member& m) { return m.awaiting_join.has_value(); });
}

int Group::joining() const {
  return static_cast<int>(
      std::ranges::count_if(members_, [](const Member& m) { return m.awaiting_join.has_value(); }));
}

int32_t Group::rebalance_timeout_ms() const {
  int32_t longest = 0;
  for (const Member& member : members_) longest = std::max(longest, member.rebalance_timeout_ms);
  return longest;
}

bool Group::supports(Name protocol_type, const Member::Protocols& protocols) const {
  if (is(GroupState::kEmpty)) return protocol_type.valid() && !protocols.empty();
  if (protocol_type != protocol_type_) return false;
  return std::ranges::any_of(protocols, [&](const auto& protocol) {
    return std::ranges::all_of(members_,
                               [&](const Member& m) { return lists(m.protocols, protocol.name); });
  });
}

Name Group::choose_protocol(const Names& names) const {
  EOSIM_ASSERT(!members_.empty());
  struct Candidate {
    Name name;
    int votes = 0;
  };
  std::vector<Candidate> candidates;
  for (const auto& protocol : members_.front().protocols) {
    const bool common = std::ranges::all_of(
        members_, [&](const Member& m) { return lists(m.protocols, protocol.name); });
    if (common) candidates.push_back({protocol.name});
  }
  EOSIM_ASSERT(!candidates.empty());
  for (const Member& member : members_) {
    for (const auto& protocol : member.protocols) {
      const auto vote = std::ranges::find(candidates, protocol.name, &Candidate::name);
      if (vote == candidates.end()) continue;
      ++vote->votes;
      break;
    }
  }
  const auto better = [&](const Candidate& a, const Candidate& b) {
    return a.votes != b.votes ? a.votes > b.votes : names.text(a.name) < names.text(b.name);
  };
  return std::ranges::min_element(candidates, better)->name;
}

void Group::transition(GroupState to, int64_t wall_ms, GroupEffects& effects) {
  EOSIM_ASSERT(legal(state_, to));
  emit(effects, Event::kGroupTransition,
       {field(name_), static_cast<int64_t>(state_), static_cast<int64_t>(to), generation_.value});
  state_ = to;
  state_ms_ = wall_ms;
}

void Group::start_generation(Name protocol) {
  EOSIM_ASSERT(is(GroupState::kPreparingRebalance));
  EOSIM_ASSERT(protocol.valid() == !members_.empty());
  ++generation_.value;
  protocol_ = protocol;
}

Member& Group::add_member(Member member, Name protocol_type) {
  EOSIM_ASSERT(member.id.valid() && find_member(member.id) == nullptr);
  EOSIM_ASSERT(!is(GroupState::kDead));
  if (members_.empty()) protocol_type_ = protocol_type;
  EOSIM_ASSERT(protocol_type_ == protocol_type);
  if (!leader_.valid()) leader_ = member.id;
  members_.push_back(std::move(member));
  return members_.back();
}

void Group::remove_member(Name id) {
  const auto at = std::ranges::find(members_, id, &Member::id);
  EOSIM_ASSERT(at != members_.end());
  members_.erase(at);
  if (leader_ == id) leader_ = members_.empty() ? Name{} : members_.front().id;
}

Member& Group::rekey(Name old_id, Name new_id) {
  Member* member = find_member(old_id);
  EOSIM_ASSERT(member != nullptr && find_member(new_id) == nullptr);
  member->id = new_id;
  if (leader_ == old_id) leader_ = new_id;
  return *member;
}

void Group::add_pending_member(Name id, sim::SteadyTime deadline) {
  EOSIM_ASSERT(find_member(id) == nullptr && !is_pending_member(id));
  pending_members_.push_back({id, deadline});
}

bool Group::remove_pending_member(Name id) {
  return id.valid() &&
         std::erase_if(pending_members_, [&](const PendingMember& p) { return p.id == id; }) > 0;
}

bool Group::elect_joined_leader() {
  const Member* current = find_member(leader_);
  if (current != nullptr && current->awaiting_join) return true;
  for (const Member& member : members_) {
    if (!member.awaiting_join) continue;
    leader_ = member.id;
    return true;
  }
  return false;
}

GroupRecord Group::record() const {
  GroupRecord record;
  record.group = name_;
  record.generation = generation_;
  record.protocol_type = protocol_type_;
  record.protocol = protocol_;
  record.leader = leader_;
  record.state_ms = state_ms_;
  for (const Member& member : members_) {
    record.members.push_back({member.id, member.instance_id, member.client_id,
                              member.session_timeout_ms, member.rebalance_timeout_ms,
                              member.subscription(protocol_), member.assignment,
                              member.assignment_user_data});
  }
  return record;
}

void Group::restore(const GroupRecord& record) {
  EOSIM_ASSERT(members_.empty() && !record.tombstone);
  generation_ = record.generation;
  protocol_type_ = record.protocol_type;
  protocol_ = record.protocol;
  leader_ = record.leader;
  state_ms_ = record.state_ms;
  for (const GroupMemberRecord& saved : record.members) {
    Member member;
    member.id = saved.member_id;
    member.instance_id = saved.instance_id;
    member.client_id = saved.client_id;
    member.session_timeout_ms = saved.session_timeout_ms;
    member.rebalance_timeout_ms = saved.rebalance_timeout_ms;
    member.protocols = {{record.protocol, saved.subscription}};
    member.assignment = saved.assignment;
    member.assignment_user_data = saved.assignment_user_data;
    members_.push_back(std::move(member));
  }
  state_ = members_.empty() ? GroupState::kEmpty : GroupState::kStable;
}

sim::SteadyTime Group::next_deadline() const {
  sim::SteadyTime next = std::min(join_deadline, pending_sync_deadline);
  for (const Member& member : members_) next = std::min(next, member.session_deadline);
  for (const PendingMember& pending : pending_members_) next = std::min(next, pending.deadline);
  return next;
}

}  // namespace eosim::kafka
