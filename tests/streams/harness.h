// Topologies and members for the tests of Streams' rules.
#pragma once

#include <string>

#include "models/app/streams/assignment_info.h"
#include "models/app/streams/topology_rules.h"

namespace eosim::kafka::streams_test {

inline constexpr TopicId kInput{0};
inline constexpr TopicId kRepartition{1};
inline constexpr TopicId kChangelog{2};
inline constexpr TopicId kOutput{3};

inline Topology map_topology(int32_t partitions) {
  Topology made;
  made.subs.push_back(
      {Processor::kMap, {{kInput, "input", partitions}}, {{kOutput, "output", 2}}, {}});
  return made;
}

// input -> repartition -> count.
inline Topology count_topology(int32_t partitions) {
  Topology made;
  made.keys = 8;
  made.subs.push_back({Processor::kSelectKey,
                       {{kInput, "input", partitions}},
                       {{kRepartition, "app-counts-repartition", partitions}},
                       {}});
  made.subs.push_back({Processor::kCount,
                       {{kRepartition, "app-counts-repartition", partitions}},
                       {{kOutput, "output", 2}},
                       TopicShape{kChangelog, "app-counts-changelog", partitions}});
  return made;
}

// A group of threads, in the order of their ids.
class Members {
 public:
  explicit Members(const Topology& topology) : topology_(topology) {}

  Members& add(uint32_t process, List<TaskId> runs = {}, List<TaskId> state = {}) {
    GroupSubscription::Member member;
    member.member_id = Name{static_cast<uint32_t>(group_.members.size())};
    SubscriptionInfo info;
    info.process = process_number(process, 1);
    for (const TaskId task : runs) {
      info.tasks.push_back({task, kRunningHere});
      const List<TopicPartition> inputs = inputs_of(topology_, task);
      auto& owned = member.subscription.owned;
      owned.insert(owned.end(), inputs.begin(), inputs.end());
    }
    for (const TaskId task : state) info.tasks.push_back({task, kStateHere});
    member.subscription.user_data = encode(info);
    group_.members.push_back(std::move(member));
    return *this;
  }

  List<AssignmentInfo> assign(int32_t standbys = 0) const {
    List<AssignmentInfo> all;
    for (const MemberAssignment& made : assign_tasks(topology_, group_, standbys)) {
      all.push_back(decode_assignment(made.user_data));
    }
    return all;
  }
  const GroupSubscription& group() const { return group_; }

 private:
  const Topology& topology_;
  GroupSubscription group_;
};

}  // namespace eosim::kafka::streams_test
