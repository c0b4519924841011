#include "models/client/round_robin_assignor.h"

#include "models/client/range_assignor.h"

namespace eosim::kafka {

List<MemberAssignment> round_robin_assign(const Names& names, const GroupSubscription& group) {
  List<MemberAssignment> result = empty_assignments(group.members);
  const List<size_t> order = order_of_members(names, group.members);
  size_t next = 0;
  for (const TopicSize& topic : group.topics) {
    for (int32_t partition = 0; partition < topic.partitions; ++partition) {
      // Somebody subscribes to it, or it would not be listed.
      while (!subscribes(group.members[order[next]], topic.topic)) next = (next + 1) % order.size();
      result[order[next]].partitions.push_back({topic.topic, partition});
      next = (next + 1) % order.size();
    }
  }
  return result;
}

}  // namespace eosim::kafka
