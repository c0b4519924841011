// groups-streams-replication.md 6.1, 6.7: who leads after whom.
#include "state_harness.h"

namespace eosim::kafka {
namespace {

using testing::b;
using testing::ids;
using testing::Placement;
using testing::StateHarness;
using testing::StateOptions;

TEST_CASE("the loss of brokers one after another elects by the order of replicas") {
  struct Row {
    const char* what;
    Placement placement;
    bool unclean;
    std::vector<int32_t> lost;
    const char* shape;
  };
  const std::vector<Row> rows = {
      {"a follower goes: the leader stays, in its epoch",
       {{0, 1, 2}, {0, 1, 2}},
       false,
       {2},
       "leader 0 isr 0 1 epochs 0/1"},
      {"no replica goes: nothing changes",
       {{0, 1, 2}, {0, 1, 2}},
       false,
       {3},
       "leader 0 isr 0 1 2 epochs 0/0"},
      {"a replica outside the ISR goes: nothing changes",
       {{0, 1, 2}, {0, 1}},
       false,
       {2},
       "leader 0 isr 0 1 epochs 0/0"},
      {"the leader goes: the first replica in order that is in the ISR",
       {{0, 1, 2}, {0, 2, 1}},
       false,
       {0},
       "leader 1 isr 2 1 epochs 1/1"},
      {"the leader goes: who is not in the ISR is passed over",
       {{0, 1, 2}, {0, 2}},
       false,
       {0},
       "leader 2 isr 2 epochs 1/1"},
      {"replicas are asked in order, not by number",
       {{2, 3, 1}, {2, 1, 3}},
       false,
       {2},
       "leader 3 isr 1 3 epochs 1/1"},
      {"a leader that is not preferred stays",
       {{0, 1, 2}, {1, 0, 2}},
       false,
       {2},
       "leader 1 isr 1 0 epochs 0/1"},
      {"two go", {{0, 1, 2}, {0, 1, 2}}, false, {0, 1}, "leader 2 isr 2 epochs 2/2"},
      {"all go: the last one stays in the ISR",
       {{0, 1, 2}, {0, 1, 2}},
       false,
       {1, 2, 0},
       "leader -1 isr 0 epochs 1/3"},
      {"the only member goes, unclean elections are off",
       {{0, 1, 2}, {0}},
       false,
       {0},
       "leader -1 isr 0 epochs 1/1"},
      {"the only member goes, unclean elections are on",
       {{0, 1, 2}, {0}},
       true,
       {0},
       "leader 1 isr 1 epochs 1/1 recovering"},
      {"unclean elections are not asked for while the ISR has somebody",
       {{0, 1, 2}, {0, 2}},
       true,
       {0},
       "leader 2 isr 2 epochs 1/1"},
      {"unclean, but nobody is left",
       {{0, 1, 2}, {0}},
       true,
       {1, 2, 0},
       "leader -1 isr 0 epochs 1/1"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    StateHarness h(StateOptions{.partitions = {row.placement}, .unclean = row.unclean});
    for (const int32_t id : row.lost) h.lose(id);
    CHECK(h.shape() == row.shape);
  }
}

TEST_CASE("a partition without leader waits for the last member of its ISR") {
  StateHarness h(StateOptions{.partitions = {{{0, 1, 2}, {0, 1}}}});
  h.lose(1);
  h.lose(0);
  CHECK(h.shape() == "leader -1 isr 0 epochs 1/2");
  h.bring_back(1);
  CHECK(h.shape() == "leader -1 isr 0 epochs 1/2");
  h.bring_back(0);
  CHECK(h.shape() == "leader 0 isr 0 epochs 2/3");
  CHECK(h.count(Event::kUncleanElection) == 0);
}

TEST_CASE("unfencing elects uncleanly where that is allowed, and says so") {
  StateHarness h(StateOptions{.partitions = {{{0, 1}, {0}}}, .unclean = true});
  h.lose(1);
  h.lose(0);
  CHECK(h.shape() == "leader -1 isr 0 epochs 1/1");
  h.bring_back(1);
  CHECK(h.shape() == "leader 1 isr 1 epochs 2/2 recovering");
  REQUIRE(h.count(Event::kUncleanElection) == 1);
  for (const EmittedEvent& fact : h.facts) {
    if (fact.event != Event::kUncleanElection) continue;
    CHECK(fact.values[0] == testing::kFirst.packed());
    CHECK(fact.values[1] == 1);
    CHECK(fact.values[2] == 2);
  }
}

TEST_CASE("all partitions that an event changes are in one commit, each with a fact") {
  StateHarness h(StateOptions{
      .partitions = {{{0, 1, 2}, {0, 1, 2}}, {{1, 2, 3}, {1, 2, 3}}, {{3, 0, 1}, {3, 0, 1}}}});
  h.lose(0);
  CHECK(h.state.image().version == 1);
  REQUIRE(h.facts.size() == 3);
  CHECK(h.facts[0].event == Event::kBrokerFenced);
  CHECK(h.facts[0].values[0] == 0);
  CHECK(h.facts[0].values[1] == 1);
  // partition, leader, leader_epoch, partition_epoch, isr
  CHECK(h.facts[1].event == Event::kPartitionChanged);
  CHECK(h.facts[1].values[1] == 1);
  CHECK(h.facts[1].values[2] == 1);
  CHECK(h.facts[1].values[3] == 1);
  CHECK(h.facts[1].values[4] == 0b0110);
  CHECK(h.facts[2].values[0] == TopicPartition{{0}, 2}.packed());
  CHECK(h.facts[2].values[1] == 3);
  CHECK(h.facts[2].values[2] == 0);
  CHECK(h.facts[2].values[4] == 0b1010);
}

TEST_CASE("a smaller ISR begins a new leader epoch only with the switch of old releases") {
  for (const bool on : {false, true}) {
    StateOptions options;
    if (on) options.on = {Switch::kIsrShrinkBumpsLeaderEpoch};
    StateHarness h(options);
    h.lose(2);
    CHECK(h.shape() == (on ? "leader 0 isr 0 1 epochs 1/1" : "leader 0 isr 0 1 epochs 0/1"));
    CHECK(h.alter(0, {0}).error == Error::kNone);
    CHECK(h.shape() == (on ? "leader 0 isr 0 epochs 2/2" : "leader 0 isr 0 epochs 0/2"));
    CHECK(h.alter(0, {0, 1}).error == Error::kNone);
    CHECK(h.first().leader_epoch.value == (on ? 2 : 0));
    // With a change of leader the epoch goes up once.
    h.lose(0);
    CHECK(h.first().leader_epoch.value == (on ? 3 : 1));
  }
}

TEST_CASE("preferred leaders are elected where they are in the ISR and unfenced") {
  StateHarness h(StateOptions{
      .partitions = {
          {{0, 1, 2}, {1, 0, 2}}, {{0, 1, 2}, {1, 2}}, {{0, 1, 2}, {0, 1, 2}}, {{3, 1}, {1, 3}}}});
  h.lose(3);
  h.state.elect_preferred();
  h.commit();
  CHECK(h.shape({{0}, 0}) == "leader 0 isr 1 0 2 epochs 1/1");
  CHECK(h.shape({{0}, 1}) == "leader 1 isr 1 2 epochs 0/0");
  CHECK(h.shape({{0}, 2}) == "leader 0 isr 0 1 2 epochs 0/0");
  CHECK(h.shape({{0}, 3}) == "leader 1 isr 1 epochs 0/1");
  h.state.elect_preferred();
  CHECK_FALSE(h.state.changed());
}

TEST_CASE("a leader is moved to an unfenced member of the ISR and to nobody else") {
  StateHarness h(StateOptions{.partitions = {{{0, 1, 2}, {0, 2}}}});
  CHECK_FALSE(h.state.move_leader(testing::kFirst, b(0)));
  CHECK_FALSE(h.state.move_leader(testing::kFirst, b(1)));
  CHECK_FALSE(h.state.move_leader(testing::kFirst, b(3)));
  CHECK_FALSE(h.state.move_leader({{7}, 0}, b(2)));
  CHECK_FALSE(h.state.changed());
  CHECK(h.state.move_leader(testing::kFirst, b(2)));
  h.commit();
  CHECK(h.shape() == "leader 2 isr 0 2 epochs 1/1");
  CHECK(h.state.move_leader(testing::kFirst, {}));  // round the replicas: 0
  h.commit();
  CHECK(h.shape() == "leader 0 isr 0 2 epochs 2/2");
  h.lose(2);
  CHECK_FALSE(h.state.move_leader(testing::kFirst, b(2)));
  CHECK_FALSE(h.state.move_leader(testing::kFirst, {}));
  h.lose(0);
  CHECK_FALSE(h.state.move_leader(testing::kFirst, {}));
}

TEST_CASE("an unclean election on demand") {
  struct Row {
    std::vector<int32_t> isr;
    std::vector<int32_t> lost;
    int32_t to;
    bool done;
    const char* shape;
  };
  const std::vector<Row> rows = {
      {{0, 1}, {}, -1, true, "leader 2 isr 2 epochs 1/1 recovering"},
      {{0, 1, 2}, {}, -1, true, "leader 1 isr 1 epochs 1/1 recovering"},
      {{0}, {}, 2, true, "leader 2 isr 2 epochs 1/1 recovering"},
      {{0}, {0}, -1, true, "leader 1 isr 1 epochs 2/2 recovering"},
      {{0}, {}, 0, false, "leader 0 isr 0 epochs 0/0"},  // leads already
      {{0}, {}, 3, false, "leader 0 isr 0 epochs 0/0"},  // no replica
      {{0}, {1}, 1, false, "leader 0 isr 0 epochs 0/0"},
      {{0}, {1, 2}, -1, false, "leader 0 isr 0 epochs 0/0"},
  };
  for (const Row& row : rows) {
    StateHarness h(StateOptions{.partitions = {{{0, 1, 2}, row.isr}}});
    for (const int32_t id : row.lost) h.lose(id);
    CHECK(h.state.elect_unclean(testing::kFirst, b(row.to)) == row.done);
    h.commit();
    CHECK(h.shape() == row.shape);
    CHECK(h.count(Event::kUncleanElection) == (row.done ? 1 : 0));
  }
}

TEST_CASE("a broker can be lost while each of its partitions has another active member") {
  StateHarness h(StateOptions{.partitions = {{{0, 1, 2}, {0, 1, 2}}, {{1, 2, 3}, {1, 2}}}});
  CHECK(h.state.can_lose(b(0)));
  CHECK(h.state.can_lose(b(1)));
  CHECK(h.state.can_lose(b(3)));
  CHECK_FALSE(h.state.can_lose(b(1), {b(2)}));  // 2 is down and not fenced yet
  CHECK(h.state.can_lose(b(0), {b(2)}));
  h.lose(2);
  CHECK_FALSE(h.state.can_lose(b(1)));
  // Out of the ISR, and still the partition needs one that is in it.
  CHECK(h.state.can_lose(b(2)));
  CHECK_FALSE(h.state.can_lose(b(3), {b(1)}));
}

}  // namespace
}  // namespace eosim::kafka
