// Which tasks a topology has, and which partition belongs to which (groups-streams-replication.md
// 5.1). Pure functions.
#pragma once

#include <optional>

#include "models/app/topology.h"

namespace eosim::kafka {

// In the order of their ids.
List<TaskId> all_tasks(const Topology& topology);
bool stateful(const Topology& topology, TaskId task);
// Of a stateful task.
TopicPartition changelog_of(const Topology& topology, TaskId task);
// The source partitions of a task, sorted: that of each source topic which has it.
List<TopicPartition> inputs_of(const Topology& topology, TaskId task);
// The task that reads a partition; none: no source of the topology.
std::optional<TaskId> task_of(const Topology& topology, TopicPartition input);
// The tasks of these partitions, sorted.
List<TaskId> tasks_of(const Topology& topology, const List<TopicPartition>& inputs);
// Every source topic, sorted: what the application's consumers subscribe to.
List<TopicId> source_topics(const Topology& topology);

}  // namespace eosim::kafka
