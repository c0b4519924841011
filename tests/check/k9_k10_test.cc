// K9 replay and K10 replica: what is seen by facts, and by looking into brokers, whom a view stands
// in for.
#include "catch.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

class FakeView final : public ClusterView {
 public:
  ReplicasSeen replicas(const sim::World&, const std::vector<sim::ProcessId>&,
                        TopicPartition partition) const override {
    return partition == kOut || partition == kOffsets ? all : ReplicasSeen{};
  }
  std::vector<std::string> log_differences(const sim::World&,
                                           std::span<const ReplicaSeen> copies) const override {
    asked += static_cast<int>(copies.size());
    return std::vector<std::string>(copies.size(), log);
  }
  std::string coordinator_difference(const sim::World&, const std::vector<sim::ProcessId>&,
                                     TopicPartition) const override {
    return coordinator;
  }

  std::vector<CoordinatorFault> coordinator_faults(
      const sim::World&, const std::vector<sim::ProcessId>&) const override {
    return faults;
  }

  ReplicasSeen all;
  std::vector<CoordinatorFault> faults;
  std::string log;
  std::string coordinator;
  mutable int asked = 0;
};

CheckConfig with_brokers() {
  CheckConfig config = RunBuilder::default_config();
  config.apps.clear();
  config.brokers = {{0}, {5}, {6}};
  return config;
}

void append(RunBuilder& run, TopicPartition partition, int64_t from, int64_t count) {
  for (int64_t i = from; i < from + count; ++i) run.data(partition, i, kA0, 0, {{kIn, i}});
}

TEST_CASE("a log that differs from its batches is found between steps of brokers") {
  FakeView view;
  kafka::PartitionLog log;
  view.all = {{{0}, &log, true, {0}}};
  RunBuilder run(with_brokers(), view);
  SECTION("it does") {
    view.log = "producer 1000 has epoch 0, and by its batches epoch 1";
    append(run, kOut, 0, 40);
    CHECK(run.kinds() == Kinds{});
    run.from("app-0").position(kIn, 0);
    REQUIRE(run.kinds() == Kinds{"replay_mismatch"});
    CHECK(run.violation().checker == "K9");
  }
  SECTION("it does not") {
    append(run, kOut, 0, 40);
    run.from("app-0").position(kIn, 0);
    CHECK(view.asked > 0);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("a partition without copies that are up") {
    view.all.clear();
    view.log = "anything";
    append(run, kOut, 0, 40);
    run.from("app-0").position(kIn, 0);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("how often it is compared does not grow with the log") {
    for (int64_t i = 0; i < 4'000; ++i) {
      append(run, kOut, i, 1);
      run.from("app-0").position(kIn, i);
    }
    CHECK(view.asked < 12);
    CHECK(view.asked >= 4);
  }
}

TEST_CASE("a coordinator that differs from its log is found") {
  FakeView view;
  kafka::PartitionLog log;
  view.all = {{{0}, &log, true, {0}}};
  RunBuilder run(with_brokers(), view);
  const bool wrong = GENERATE(true, false);
  if (wrong) view.coordinator = "app-0/0 is Ongoing, and by its log CompleteCommit";
  append(run, kOffsets, 0, 40);
  run.from("app-0").position(kIn, 0);
  CHECK(run.kinds() == (wrong ? Kinds{"replay_mismatch"} : Kinds{}));
}

TEST_CASE("the last stable offset is the first of what is open") {
  RunBuilder run;
  run.data(kOut, 0, kA0, 0, {{kIn, 0}}).open(1, "app-0/0", kA0);
  run.data(kOut, 1, kA0, 1, {{kIn, 1}}).data(kOut, 2, producer(7, 0), 0, {{kIn, 2}});
  SECTION("it is") {
    run.stable(kOut, 1);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("it is beyond") {
    run.stable(kOut, 3);
    CHECK(run.kinds() == Kinds{"replay_mismatch"});
  }
  SECTION("it is behind") {
    run.stable(kOut, 0);
    CHECK(run.kinds() == Kinds{"replay_mismatch"});
  }
  SECTION("it is at the start of a log that lost the begin of what is open") {
    run.fact(Event::kLogStartMoved, {kOut.packed(), 2});
    run.stable(kOut, 2);
    CHECK(run.kinds() == Kinds{});
    run.stable(kOut, 3);
    CHECK(run.kinds() == Kinds{"replay_mismatch"});
  }
}

// Two logs with the same batches; the second goes its own way from `fork` on, under this leader.
struct Copies {
  Copies(RunBuilder& run, int64_t count, int64_t fork, int64_t high_watermark, int32_t epoch = 1) {
    const kafka::Switches& switches = run.suite().config().cluster;
    mine.begin_leader_epoch({0});
    its.begin_leader_epoch({0});
    for (int64_t i = 0; i < count; ++i) {
      run.data(kOut, i, kA0, 0, {{kIn, i}}, static_cast<int32_t>(i));
      const BatchId same = run.last_batch();
      BatchId other = same;
      if (i >= fork) other = run.shared().batches.put(run.shared().batches[same]);
      mine.append(switches, run.shared().batches, same, kafka::Origin::kReplication, {0});
      its.append(switches, run.shared().batches, other, kafka::Origin::kReplication,
                 {i < fork ? 0 : epoch});
    }
    mine.raise_high_watermark({count});
    if (high_watermark > 0) its.raise_high_watermark({high_watermark});
  }
  kafka::PartitionLog mine;
  kafka::PartitionLog its;
};

TEST_CASE("copies agree below the smaller of their high watermarks") {
  struct Row {
    int64_t fork;
    int64_t high_watermark;
    bool wrong;
  };
  const Row row = GENERATE(Row{100, 10, false}, Row{5, 10, true}, Row{5, 6, true}, Row{5, 5, false},
                           Row{5, 0, false});
  FakeView view;
  CheckConfig config = with_brokers();
  RunBuilder run(config, view);
  const Copies copies(run, 10, row.fork, row.high_watermark);
  view.all = {{{0}, &copies.mine, true, {0}}, {{5}, &copies.its, false, {0}}};
  run.quiesce();
  CHECK(run.kinds() == (row.wrong ? Kinds{"replica_divergence"} : Kinds{}));
}

TEST_CASE("what one leader has written is the same in every copy, also above the high watermarks") {
  const int32_t epoch = GENERATE(0, 1);
  FakeView view;
  RunBuilder run(with_brokers(), view);
  const Copies copies(run, 10, 5, 5, epoch);
  view.all = {{{0}, &copies.mine, true, {0}}, {{5}, &copies.its, false, {0}}};
  run.quiesce();
  CHECK(run.kinds() == (epoch == 0 ? Kinds{"replica_divergence"} : Kinds{}));
}

TEST_CASE("a coordinator leads its log, and an instance id has one member") {
  const auto kind =
      GENERATE(CoordinatorFault::Kind::kNotLeader, CoordinatorFault::Kind::kTwoOfOneInstance);
  FakeView view;
  RunBuilder run(with_brokers(), view);
  view.faults = {{kind, {0}, RunBuilder::kOffsets, run.name("app"), run.name("i")}};
  run.quiesce();
  const bool leads = kind == CoordinatorFault::Kind::kTwoOfOneInstance;
  CHECK(run.kinds() == Kinds{leads ? "double_ownership" : "log_regression"});
}

TEST_CASE("a copy that is in sync has what is committed") {
  FakeView view;
  RunBuilder run(with_brokers(), view);
  const Copies full(run, 10, 100, 10);
  kafka::PartitionLog behind;
  view.all = {{{0}, &full.mine, true, {0}}, {{5}, &behind, false, {0}}};
  SECTION("it is not in sync") {
    run.fact(Event::kPartitionChanged, {kOut.packed(), 0, 0, 1, 0b001}).quiesce();
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("it is said to be") {
    run.fact(Event::kPartitionChanged, {kOut.packed(), 0, 0, 1, 0b011}).quiesce();
    CHECK(run.kinds() == Kinds{"log_regression"});
  }
  SECTION("its disk has lost it") {
    run.leads("broker-0", kOut, 0, 10, 10).copies("broker-1", kOut, 10).from("broker-1");
    run.fact(Event::kLogLoaded, {kOut.packed(), 0, 0, 0});
    run.fact(Event::kPartitionChanged, {kOut.packed(), 0, 0, 1, 0b011}).quiesce();
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("what was once the same everywhere is not cut") {
  FakeView view;
  RunBuilder run(with_brokers(), view);
  const Copies copies(run, 10, 100, 8);
  view.all = {{{0}, &copies.mine, true, {0}}, {{5}, &copies.its, false, {0}}};
  run.quiesce().from("broker-1");
  SECTION("above its high watermark") {
    run.fact(Event::kLogTruncated, {kOut.packed(), 8, 10});
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("below") {
    run.fact(Event::kLogTruncated, {kOut.packed(), 7, 10});
    CHECK(run.kinds() == Kinds{"log_regression"});
  }
  SECTION("after an unclean election") {
    run.fact(Event::kUncleanElection, {kOut.packed(), 1, 1});
    run.fact(Event::kLogTruncated, {kOut.packed(), 7, 10});
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("an epoch has one leader") {
  RunBuilder run;
  run.leads("broker-0", kOut, 3, 0, 0);
  SECTION("two") {
    run.leads("broker-1", kOut, 3, 0, 0);
    CHECK(run.kinds() == Kinds{"log_regression"});
  }
  SECTION("in the next epoch") {
    run.leads("broker-1", kOut, 4, 0, 0);
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("a high watermark goes back only with a new term") {
  RunBuilder run;
  run.data(kOut, 0, kA0, 0, {{kIn, 0}}).data(kOut, 1, kA0, 0, {{kIn, 1}});
  SECTION("in a term") {
    run.high_watermark(kOut, 1);
    CHECK(run.kinds() == Kinds{"log_regression"});
  }
  SECTION("beyond the end") {
    run.high_watermark(kOut, 3);
    CHECK(run.kinds() == Kinds{"log_regression"});
  }
  SECTION("with a new leader") {
    run.leads("broker-1", kOut, 1, 1, 2).high_watermark(kOut, 2);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("a deposed leader's") {
    run.leads("broker-1", kOut, 1, 2, 2).in_term(kOut, "broker-0", 0).high_watermark(kOut, 1);
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("a last stable offset goes back only with a new term") {
  CheckConfig config = RunBuilder::default_config();
  config.checkers.reset(static_cast<size_t>(Checker::kK9));
  RunBuilder run(config);
  run.open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{kIn, 0}}).decide(1, "app-0/0", kA0, true);
  run.marker(kOut, 1, kA0, true, 1).stable(kOut, 2);
  SECTION("in a term") {
    run.stable(kOut, 0);
    CHECK(run.kinds() == Kinds{"log_regression"});
  }
  SECTION("beyond the high watermark") {
    run.stable(kOut, 3);
    CHECK(run.kinds() == Kinds{"log_regression"});
  }
  SECTION("under a new leader, for which the marker is not committed yet") {
    run.leads("broker-1", kOut, 1, 1, 2).stable(kOut, 0).high_watermark(kOut, 2).stable(kOut, 2);
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("the controller's epochs grow, and a leader is in sync") {
  struct Row {
    int64_t leader;
    int64_t leader_epoch;
    int64_t partition_epoch;
    int64_t isr;
    bool wrong;
  };
  const Row row =
      GENERATE(Row{1, 3, 6, 0b110, false}, Row{1, 1, 6, 0b110, true}, Row{1, 3, 5, 0b110, true},
               Row{0, 3, 6, 0b110, true}, Row{-1, 3, 6, 0b001, false}, Row{-1, 3, 6, 0, true});
  RunBuilder run;
  run.fact(Event::kPartitionChanged, {kOut.packed(), 0, 2, 5, 0b111});
  run.fact(Event::kPartitionChanged,
           {kOut.packed(), row.leader, row.leader_epoch, row.partition_epoch, row.isr});
  CHECK(run.kinds() == (row.wrong ? Kinds{"log_regression"} : Kinds{}));
}

}  // namespace
}  // namespace eosim::check
