// groups-streams-replication.md 6.5: what the controller accepts of a leader.
#include <functional>

#include "state_harness.h"

namespace eosim::kafka {
namespace {

using testing::b;
using testing::ids;
using testing::StateHarness;
using testing::StateOptions;

using Request = AlterPartitionRequest;

// Leader 0, ISR {0, 1}; leader epoch 1, partition epoch 3; 3 has no replica.
StateHarness settled() {
  StateHarness h(StateOptions{.partitions = {{{0, 1, 2}, {1, 0, 2}}}});
  h.state.move_leader(testing::kFirst, b(0));
  h.commit();
  REQUIRE(h.alter(0, {0, 1}).error == Error::kNone);
  REQUIRE(h.alter(0, {0, 1, 2}).error == Error::kNone);
  REQUIRE(h.shape() == "leader 0 isr 0 1 2 epochs 1/3");
  return h;
}

TEST_CASE(
    "each reason to refuse an AlterPartition has its error, the earlier row the earlier say") {
  struct Row {
    const char* what;
    std::function<void(Request::Partition&)> spoil;
    Error error;
  };
  const std::vector<Row> rows = {
      {"no such partition", [](auto& p) { p.partition.partition = 5; },
       Error::kUnknownTopicOrPartition},
      {"older leader epoch", [](auto& p) { p.leader_epoch = LeaderEpoch{0}; },
       Error::kFencedLeaderEpoch},
      {"older partition epoch", [](auto& p) { p.partition_epoch = PartitionEpoch{2}; },
       Error::kInvalidUpdateVersion},
      {"newer leader epoch", [](auto& p) { p.leader_epoch = LeaderEpoch{2}; },
       Error::kNotController},
      {"newer partition epoch", [](auto& p) { p.partition_epoch = PartitionEpoch{4}; },
       Error::kNotController},
      // Not the leader: see below.
      {"unknown broker",
       [](auto& p) {
         p.isr.push_back({b(9), {}});
       },
       Error::kIneligibleReplica},
      {"older registration", [](auto& p) { p.isr[1].epoch = BrokerEpoch{1}; },
       Error::kIneligibleReplica},
      {"newer registration", [](auto& p) { p.isr[1].epoch = BrokerEpoch{77}; },
       Error::kIneligibleReplica},
      {"without the leader", [](auto& p) { p.isr.erase(p.isr.begin()); }, Error::kInvalidRequest},
      {"nobody", [](auto& p) { p.isr.clear(); }, Error::kInvalidRequest},
      {"no replica",
       [](auto& p) {
         p.isr.push_back({b(3), {}});
       },
       Error::kInvalidRequest},
      {"one twice", [](auto& p) { p.isr.push_back(p.isr.front()); }, Error::kInvalidRequest},
      {"recovering again",
       [](auto& p) {
         p.isr.resize(1);
         p.recovering = true;
       },
       Error::kInvalidRequest},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    StateHarness h = settled();
    Request request = h.alter_of(0, {0, 1});
    row.spoil(request.partitions.front());
    const std::string before = h.shape();
    CHECK(h.alter(request).error == row.error);
    CHECK(h.shape() == before);
  }
}

TEST_CASE("of two reasons the earlier one is answered") {
  const auto older_leader = [](Request::Partition& p) { p.leader_epoch = LeaderEpoch{0}; };
  const auto older_version = [](Request::Partition& p) { p.partition_epoch = PartitionEpoch{2}; };
  const auto newer_version = [](Request::Partition& p) { p.partition_epoch = PartitionEpoch{9}; };
  const auto ineligible = [](Request::Partition& p) { p.isr.push_back({b(9), {}}); };
  const auto leaderless = [](Request::Partition& p) { p.isr.erase(p.isr.begin()); };
  struct Row {
    int32_t sender;
    std::vector<std::function<void(Request::Partition&)>> spoil;
    Error error;
  };
  const std::vector<Row> rows = {
      {0, {older_leader, older_version}, Error::kFencedLeaderEpoch},
      {0, {older_leader, newer_version}, Error::kFencedLeaderEpoch},
      {1, {older_version, ineligible}, Error::kInvalidUpdateVersion},
      {1, {newer_version, ineligible}, Error::kNotController},
      {1, {ineligible}, Error::kInvalidRequest},
      {0, {ineligible, leaderless}, Error::kIneligibleReplica},
  };
  for (const Row& row : rows) {
    StateHarness h = settled();
    Request request = h.alter_of(row.sender, {0, 1});
    for (const auto& spoil : row.spoil) spoil(request.partitions.front());
    CHECK(h.alter(request).error == row.error);
  }
}

TEST_CASE("who does not lead cannot change the ISR") {
  StateHarness h = settled();
  CHECK(h.alter(1, {0, 1}).error == Error::kInvalidRequest);
}

TEST_CASE("a fenced broker is not eligible, and its fencing outdates what the leader knows") {
  StateHarness h = settled();
  const Request request = h.alter_of(0, {0, 1});
  h.lose(1);
  CHECK(h.alter(request).error == Error::kInvalidUpdateVersion);
  CHECK(h.alter(0, {0, 1}).error == Error::kIneligibleReplica);
}

TEST_CASE("a broker that shuts down is not eligible") {
  StateHarness h(StateOptions{.partitions = {{{0, 1, 2}, {0, 2}}, {{1, 0}, {1, 0}}}});
  h.want_shut_down(1);
  REQUIRE(h.state.broker(b(1)).shutting_down);
  CHECK(h.alter(0, {0, 1, 2}).error == Error::kIneligibleReplica);
}

TEST_CASE("a sender with a stale epoch is refused as a whole") {
  StateHarness h = settled();
  Request request = h.alter_of(0, {0, 1});
  request.broker_epoch = BrokerEpoch{0};
  const AlterPartitionResponse response = h.state.alter_partitions(request);
  CHECK(response.error == Error::kStaleBrokerEpoch);
  CHECK(response.partitions.empty());
  CHECK_FALSE(h.state.changed());
}

TEST_CASE("an accepted ISR is answered as it holds now, one partition epoch on") {
  StateHarness h = settled();
  const auto shrunk = h.alter(0, {0, 2});
  CHECK(shrunk.error == Error::kNone);
  CHECK(ids(shrunk.state.isr) == std::vector<int32_t>{0, 2});
  CHECK(shrunk.state.leader == b(0));
  CHECK(shrunk.state.leader_epoch.value == 1);
  CHECK(shrunk.state.partition_epoch.value == 4);
  CHECK(shrunk.state == h.first());
  // A leader that does not know the registrations of others names none.
  Request request = h.alter_of(0, {0, 2, 1});
  for (auto& replica : request.partitions.front().isr) replica.epoch = {};
  CHECK(h.alter(request).error == Error::kNone);
  CHECK(h.shape() == "leader 0 isr 0 2 1 epochs 1/5");
}

TEST_CASE("the ISR that holds already is accepted and changes nothing") {
  StateHarness h = settled();
  const int64_t version = h.state.image().version;
  const auto same = h.alter(0, {0, 1, 2});
  CHECK(same.error == Error::kNone);
  CHECK(same.state == h.first());
  CHECK(h.state.image().version == version);
}

TEST_CASE("a leader that recovers is alone until it says that it has") {
  StateHarness h = settled();
  REQUIRE(h.state.elect_unclean(testing::kFirst, b(2)));
  h.commit();
  REQUIRE(h.shape() == "leader 2 isr 2 epochs 2/4 recovering");
  Request request = h.alter_of(2, {2, 1});
  request.partitions.front().recovering = true;
  CHECK(h.alter(request).error == Error::kInvalidRequest);
  request.partitions.front().recovering = false;
  CHECK(h.alter(request).error == Error::kNone);
  CHECK(h.shape() == "leader 2 isr 2 1 epochs 2/5");
}

TEST_CASE("one request changes several partitions in one commit and answers in order") {
  StateHarness h(StateOptions{.partitions = {{{0, 1}, {0, 1}}, {{0, 2}, {0, 2}}}});
  Request request = h.alter_of(0, {0});
  Request::Partition second = request.partitions.front();
  second.partition.partition = 1;
  Request::Partition unknown = second;
  unknown.partition.partition = 2;
  request.partitions = {second, unknown, request.partitions.front()};
  const AlterPartitionResponse response = h.state.alter_partitions(request);
  h.commit();
  REQUIRE(response.partitions.size() == 3);
  CHECK(response.partitions[0].partition == second.partition);
  CHECK(response.partitions[1].error == Error::kUnknownTopicOrPartition);
  CHECK(response.partitions[2].error == Error::kNone);
  CHECK(h.state.image().version == 1);
  CHECK(h.count(Event::kPartitionChanged) == 2);
}

}  // namespace
}  // namespace eosim::kafka
