// How Streams' assignor deals tasks out (groups-streams-replication.md 5.2).
#include <algorithm>
#include <set>

#include "catch.h"
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::streams_test;

TEST_CASE("user data is what was put into it") {
  SubscriptionInfo told;
  told.process = process_number(3, 2);
  told.joins = 9;
  told.tasks = {{{0, 1}, kRunningHere}, {{1, 2}, kStateHere}};
  const SubscriptionInfo read = decode_subscription(encode(told));
  CHECK(read.process == told.process);
  CHECK(read.joins == 9);
  CHECK(read.tasks == told.tasks);
  const AssignmentInfo given =
      decode_assignment(encode(AssignmentInfo{{{0, 0}}, {{1, 0}, {1, 1}}}));
  CHECK(given.active == List<TaskId>{{0, 0}});
  CHECK(given.standby == List<TaskId>{{1, 0}, {1, 1}});
}

TEST_CASE("tasks are shared evenly between new threads") {
  const Topology topology = map_topology(5);
  const auto given = Members(topology).add(0).add(0).add(1).assign();
  CHECK(given.at(0).active.size() == 2);
  CHECK(given.at(1).active.size() == 2);
  CHECK(given.at(2).active.size() == 1);
  std::set<TaskId> all;
  for (const AssignmentInfo& one : given) all.insert(one.active.begin(), one.active.end());
  CHECK(all.size() == 5);
}

TEST_CASE("a task stays where it runs") {
  const Topology topology = map_topology(4);
  const auto given = Members(topology).add(0, {{0, 3}, {0, 1}}).add(1, {{0, 0}, {0, 2}}).assign();
  CHECK(given.at(0).active == List<TaskId>{{0, 1}, {0, 3}});
  CHECK(given.at(1).active == List<TaskId>{{0, 0}, {0, 2}});
}

TEST_CASE("what a thread has beyond its share is withheld until it is given up") {
  const Topology topology = map_topology(4);
  const auto first = Members(topology).add(0, {{0, 0}, {0, 1}, {0, 2}, {0, 3}}).add(1).assign();
  CHECK(first.at(0).active == List<TaskId>{{0, 0}, {0, 1}});
  CHECK(first.at(1).active.empty());
  const auto then = Members(topology).add(0, {{0, 0}, {0, 1}}).add(1).assign();
  CHECK(then.at(0).active == List<TaskId>{{0, 0}, {0, 1}});
  CHECK(then.at(1).active == List<TaskId>{{0, 2}, {0, 3}});
}

TEST_CASE("a stateful task goes to the process that has its store") {
  const Topology topology = count_topology(1);
  const auto given = Members(topology).add(0).add(1, {}, {{1, 0}}).assign();
  CHECK(given.at(1).active == List<TaskId>{{1, 0}});
  CHECK(given.at(0).active == List<TaskId>{{0, 0}});
}

TEST_CASE("a standby is on another process than its task, and only of stores") {
  const Topology topology = count_topology(2);
  const auto given = Members(topology).add(0).add(0).add(1).add(1).assign(1);
  const int64_t process_of[] = {0, 0, 1, 1};
  for (size_t a = 0; a < given.size(); ++a) {
    for (const TaskId standby : given[a].standby) {
      CHECK(standby.sub == 1);
      for (size_t b = 0; b < given.size(); ++b) {
        const auto& active = given[b].active;
        const bool runs = std::find(active.begin(), active.end(), standby) != active.end();
        if (runs) CHECK(process_of[a] != process_of[b]);
      }
    }
  }
  size_t standbys = 0;
  for (const AssignmentInfo& one : given) standbys += one.standby.size();
  CHECK(standbys == 2);
}

TEST_CASE("without another process there are no standbys") {
  const Topology topology = count_topology(2);
  for (const AssignmentInfo& one : Members(topology).add(0).add(0).assign(2)) {
    CHECK(one.standby.empty());
  }
}

TEST_CASE("nothing that one thread owns is given to another at once") {
  const Topology topology = count_topology(3);
  Members members(topology);
  members.add(0, {{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}}).add(1).add(2);
  const auto made = assign_tasks(topology, members.group(), 1);
  CHECK_FALSE(hands_over_at_once(members.group(), made));
}
