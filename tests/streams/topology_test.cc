// Sub-topologies and their tasks (groups-streams-replication.md 5.1).
#include "catch.h"
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::streams_test;

TEST_CASE("a sub-topology has a task for each partition of its widest source") {
  Topology two = map_topology(3);
  two.subs[0].sources.push_back({kOutput, "other", 5});
  CHECK(all_tasks(two) == List<TaskId>{{0, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 4}});
  CHECK(inputs_of(two, {0, 1}) == List<TopicPartition>{{kInput, 1}, {kOutput, 1}});
  CHECK(inputs_of(two, {0, 4}) == List<TopicPartition>{{kOutput, 4}});
}

TEST_CASE("a repartition topic is read by the tasks of the next sub-topology") {
  const Topology count = count_topology(2);
  CHECK(all_tasks(count) == List<TaskId>{{0, 0}, {0, 1}, {1, 0}, {1, 1}});
  CHECK(task_of(count, {kInput, 1}) == TaskId{0, 1});
  CHECK(task_of(count, {kRepartition, 1}) == TaskId{1, 1});
  CHECK_FALSE(task_of(count, {kOutput, 0}).has_value());
  CHECK(source_topics(count) == List<TopicId>{kInput, kRepartition});
}

TEST_CASE("a stateful task has the changelog partition of its own number") {
  const Topology count = count_topology(2);
  CHECK_FALSE(stateful(count, {0, 1}));
  CHECK(stateful(count, {1, 1}));
  CHECK(changelog_of(count, {1, 1}) == TopicPartition{kChangelog, 1});
  CHECK(TaskId{1, 1}.text() == "1_1");
}

TEST_CASE("partitions of one task make one task") {
  Topology two = map_topology(2);
  two.subs[0].sources.push_back({kOutput, "other", 2});
  CHECK(tasks_of(two, {{kInput, 1}, {kOutput, 1}, {kOutput, 0}}) == List<TaskId>{{0, 0}, {0, 1}});
}
