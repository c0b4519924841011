#include "models/app/streams/topology_rules.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

const SubTopology& sub_of(const Topology& topology, TaskId task) {
  return topology.subs.at(static_cast<size_t>(task.sub));
}

// "number of tasks = max partition count of its source topics"
int32_t task_count(const SubTopology& sub) {
  int32_t most = 0;
  for (const TopicShape& source : sub.sources) most = std::max(most, source.partitions);
  return most;
}

}  // namespace

List<TaskId> all_tasks(const Topology& topology) {
  List<TaskId> tasks;
  for (size_t sub = 0; sub < topology.subs.size(); ++sub) {
    const int32_t count = task_count(topology.subs[sub]);
    for (int32_t p = 0; p < count; ++p) tasks.push_back({static_cast<int32_t>(sub), p});
  }
  return tasks;
}

bool stateful(const Topology& topology, TaskId task) {
  return sub_of(topology, task).changelog.has_value();
}

TopicPartition changelog_of(const Topology& topology, TaskId task) {
  EOSIM_ASSERT(stateful(topology, task));
  return {sub_of(topology, task).changelog->topic, task.partition};
}

List<TopicPartition> inputs_of(const Topology& topology, TaskId task) {
  List<TopicPartition> inputs;
  for (const TopicShape& source : sub_of(topology, task).sources) {
    if (task.partition < source.partitions) inputs.push_back({source.topic, task.partition});
  }
  std::sort(inputs.begin(), inputs.end());
  return inputs;
}

std::optional<TaskId> task_of(const Topology& topology, TopicPartition input) {
  for (size_t sub = 0; sub < topology.subs.size(); ++sub) {
    for (const TopicShape& source : topology.subs[sub].sources) {
      if (source.topic == input.topic) return TaskId{static_cast<int32_t>(sub), input.partition};
    }
  }
  return std::nullopt;
}

List<TaskId> tasks_of(const Topology& topology, const List<TopicPartition>& inputs) {
  List<TaskId> tasks;
  for (const TopicPartition input : inputs) {
    if (const auto task = task_of(topology, input)) tasks.push_back(*task);
  }
  std::sort(tasks.begin(), tasks.end());
  tasks.erase(std::unique(tasks.begin(), tasks.end()), tasks.end());
  return tasks;
}

List<TopicId> source_topics(const Topology& topology) {
  List<TopicId> topics;
  for (const SubTopology& sub : topology.subs) {
    for (const TopicShape& source : sub.sources) topics.push_back(source.topic);
  }
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  return topics;
}

}  // namespace eosim::kafka
