#include "models/client/partition_assignor.h"

#include <algorithm>
#include <set>

#include "models/client/range_assignor.h"
#include "models/client/round_robin_assignor.h"
#include "models/client/sticky_assignor.h"
#include "sim/assert.h"

namespace eosim::kafka {

std::string_view assignor_name(Assignor assignor) {
  switch (assignor) {
    case Assignor::kRange:
      return "range";
    case Assignor::kRoundRobin:
      return "roundrobin";
    case Assignor::kSticky:
      return "sticky";
    case Assignor::kCooperativeSticky:
      return "cooperative-sticky";
    case Assignor::kApplication:
      break;
  }
  EOSIM_ASSERT(false);
  return {};
}

RebalanceProtocol supported_protocol(Assignor assignor) {
  EOSIM_ASSERT(assignor != Assignor::kApplication);
  return assignor == Assignor::kCooperativeSticky ? RebalanceProtocol::kCooperative
                                                  : RebalanceProtocol::kEager;
}

UserData subscription_user_data(Assignor assignor, StickyClaims claims,
                                const AssignorMemory& memory) {
  switch (assignor) {
    case Assignor::kSticky:
      return memory.assigned ? sticky_user_data(memory.assignment.partitions, memory.generation)
                             : UserData{};
    case Assignor::kCooperativeSticky:
      // The generation goes along since 2.8.1 (KAFKA-12984).
      if (claims == StickyClaims::kHighestGeneration) return {};
      return {memory.generation.value};
    default:
      return {};
  }
}

void on_assignment(AssignorMemory& memory, const Assignment& assignment, Generation generation) {
  memory = {true, assignment, generation};
}

List<MemberAssignment> assign(Assignor assignor, StickyClaims claims, const Names& names,
                              const GroupSubscription& group) {
  switch (assignor) {
    case Assignor::kRange:
      return range_assign(names, group.members, group.topics);
    case Assignor::kRoundRobin:
      return round_robin_assign(names, group);
    case Assignor::kSticky:
      return sticky_assign(claims, group);
    case Assignor::kCooperativeSticky:
      return cooperative_sticky_assign(claims, group);
    case Assignor::kApplication:
      break;
  }
  EOSIM_ASSERT(false);
  return {};
}

GroupSubscription group_subscription(const Names& names, List<GroupSubscription::Member> members) {
  GroupSubscription group;
  group.members = std::move(members);
  std::sort(group.members.begin(), group.members.end(), [&](const auto& a, const auto& b) {
    return names.text(a.member_id) < names.text(b.member_id);
  });
  std::set<TopicId> topics;
  for (const auto& member : group.members) {
    topics.insert(member.subscription.topics.begin(), member.subscription.topics.end());
  }
  for (const TopicId topic : topics) group.topics.push_back({topic, 0});
  return group;
}

bool hands_over_at_once(const GroupSubscription& group, const List<MemberAssignment>& assignments) {
  std::set<TopicPartition> taken;
  std::set<TopicPartition> given;
  for (const auto& member : group.members) {
    const auto at = std::find_if(assignments.begin(), assignments.end(), [&](const auto& entry) {
      return entry.member_id == member.member_id;
    });
    const std::set<TopicPartition> owned(member.subscription.owned.begin(),
                                         member.subscription.owned.end());
    std::set<TopicPartition> gets;
    if (at != assignments.end()) gets.insert(at->partitions.begin(), at->partitions.end());
    std::set_difference(owned.begin(), owned.end(), gets.begin(), gets.end(),
                        std::inserter(taken, taken.end()));
    std::set_difference(gets.begin(), gets.end(), owned.begin(), owned.end(),
                        std::inserter(given, given.end()));
  }
  return std::any_of(given.begin(), given.end(),
                     [&](TopicPartition partition) { return taken.count(partition) != 0; });
}

}  // namespace eosim::kafka
