#include "models/client/range_assignor.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

bool subscribes(const GroupSubscription::Member& member, TopicId topic) {
  const auto& topics = member.subscription.topics;
  return std::find(topics.begin(), topics.end(), topic) != topics.end();
}

List<size_t> order_of_members(const Names& names, const List<GroupSubscription::Member>& members) {
  List<size_t> order(members.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const bool a_static = members[a].instance_id.valid();
    const bool b_static = members[b].instance_id.valid();
    if (a_static != b_static) return a_static;
    if (a_static && members[a].instance_id != members[b].instance_id) {
      return names.text(members[a].instance_id) < names.text(members[b].instance_id);
    }
    return names.text(members[a].member_id) < names.text(members[b].member_id);
  });
  return order;
}

List<MemberAssignment> empty_assignments(const List<GroupSubscription::Member>& members) {
  List<MemberAssignment> result;
  for (const auto& member : members) result.push_back({member.member_id, {}, {}});
  return result;
}

List<MemberAssignment> range_assign(const Names& names,
                                    const List<GroupSubscription::Member>& members,
                                    const List<TopicSize>& topics) {
  List<MemberAssignment> result = empty_assignments(members);
  const List<size_t> order = order_of_members(names, members);
  for (const TopicSize& topic : topics) {
    List<size_t> takers;
    for (const size_t i : order) {
      if (subscribes(members[i], topic.topic)) takers.push_back(i);
    }
    if (takers.empty()) continue;
    const auto count = static_cast<int32_t>(takers.size());
    const int32_t each = topic.partitions / count;
    const int32_t extra = topic.partitions % count;
    int32_t next = 0;
    for (int32_t i = 0; i < count; ++i) {
      const int32_t end = next + each + (i < extra ? 1 : 0);
      for (; next < end; ++next) {
        result[takers[static_cast<size_t>(i)]].partitions.push_back({topic.topic, next});
      }
    }
    EOSIM_ASSERT(next == topic.partitions);
  }
  for (auto& assignment : result) {
    std::sort(assignment.partitions.begin(), assignment.partitions.end());
  }
  return result;
}

}  // namespace eosim::kafka
