// K11 machine, K12 assign, K13 offsets.
#include <algorithm>

#include "catch.h"
#include "models/check/k11_machine.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

TEST_CASE("the table of the transaction states is that of transactions.md 1.3") {
  // Rows: to; columns: from NonExistent, Empty ... PrepareEpochFence.
  const std::vector<std::string> rows = {"xx...xx..",  // Empty
                                         ".xx..xx..",  // Ongoing (-, E, O, PC, PA, CC, CA, D, F)
                                         "..x......", "..x......", "...x.....",
                                         "....x....", ".........", "........."};
  for (int to = 0; to < 8; ++to) {
    for (int from = -1; from < 8; ++from) {
      const bool legal = rows[static_cast<size_t>(to)][static_cast<size_t>(from + 1)] == 'x';
      INFO("from " << from << " to " << to);
      CHECK(legal_transaction_step(from, to) == legal);
    }
  }
}

TEST_CASE("a legal round of a transaction is no violation") {
  RunBuilder run;
  run.transition("t", -1, 0, kA0).transition("t", 0, 1, kA0).transition("t", 1, 1, kA0);
  run.transition("t", 1, 3, kA1).transition("t", 3, 5, kA1).transition("t", 5, 0, kA1);
  run.transition("t", 0, 0, producer(2000, 0));
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("an illegal step of a transaction is a violation") {
  RunBuilder run;
  run.transition("t", -1, 0, kA0).transition("t", 0, 1, kA0);
  SECTION("not in the table") {
    run.transition("t", 1, 4, kA0);
    REQUIRE(run.kinds() == Kinds{"illegal_transition"});
    CHECK(run.violation().transaction_state == "Ongoing");
  }
  SECTION("not from where it was") {
    run.transition("t", 2, 4, kA0);
    CHECK(run.kinds() == Kinds{"illegal_transition"});
  }
  SECTION("an epoch that runs back") {
    run.transition("t", 1, 3, kA1).transition("t", 3, 5, kA0);
    CHECK(run.kinds() == Kinds{"illegal_transition"});
  }
  SECTION("after a load it goes on from what was loaded") {
    run.fact(Event::kTransactionLoaded, {run.name("t").id, 2, 1000, 0});
    run.transition("t", 2, 4, kA0);
    CHECK(run.kinds() == Kinds{});
  }
}

RunBuilder& group_step(RunBuilder& run, GroupState from, GroupState to, int32_t generation) {
  return run.fact(Event::kGroupTransition, {run.name("app").id, static_cast<int64_t>(from),
                                            static_cast<int64_t>(to), generation});
}

TEST_CASE("a group takes only legal steps") {
  using enum GroupState;
  RunBuilder run;
  group_step(run, kEmpty, kPreparingRebalance, 0);
  group_step(run, kPreparingRebalance, kCompletingRebalance, 1);
  group_step(run, kCompletingRebalance, kStable, 1);
  CHECK(run.kinds() == Kinds{});
  SECTION("stable to empty") {
    group_step(run, kStable, kEmpty, 1);
    CHECK(run.kinds() == Kinds{"illegal_transition"});
  }
  SECTION("from where it was not") {
    group_step(run, kCompletingRebalance, kPreparingRebalance, 1);
    CHECK(run.kinds() == Kinds{"illegal_transition"});
  }
  SECTION("a generation that runs back") {
    group_step(run, kStable, kPreparingRebalance, 0);
    CHECK(run.kinds() == Kinds{"illegal_transition"});
  }
  SECTION("after a load it begins anew") {
    run.fact(Event::kGroupLoaded, {run.name("app").id, 1, 2});
    group_step(run, kEmpty, kPreparingRebalance, 0);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("a group that nothing was recorded of begins anew with the next leader of its log") {
    run.leads("broker-0", kOffsets, 1, 0, 0);
    group_step(run, kEmpty, kPreparingRebalance, 0);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("the next rebalance") {
    group_step(run, kStable, kPreparingRebalance, 1);
    group_step(run, kPreparingRebalance, kEmpty, 2);
    CHECK(run.kinds() == Kinds{});
  }
}

RunBuilder& assign(RunBuilder& run, int32_t generation, const std::string& member,
                   TopicPartition partition) {
  return run.fact(Event::kGroupAssigned,
                  {run.name("app").id, generation, run.name(member).id, partition.packed()});
}

TEST_CASE("a partition has one owner in a generation") {
  RunBuilder run;
  assign(run, 1, "m0", kIn);
  SECTION("two") {
    assign(run, 1, "m1", kIn);
    REQUIRE(run.kinds() == Kinds{"double_ownership"});
    CHECK_THAT(run.violation().summary, contains_text("gives input-0 to m0 and to m1"));
  }
  SECTION("the same one again") {
    assign(run, 1, "m0", kIn);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("another partition, another generation") {
    assign(run, 1, "m1", RunBuilder::kInput1);
    run.fact(Event::kGroupGeneration, {run.name("app").id, 2, 2, -1});
    assign(run, 2, "m1", kIn);
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("after settling each partition has an owner") {
  using enum GroupState;
  RunBuilder run;
  run.source(kIn, 0, 1).data(RunBuilder::kOutput0, 0, kA0, 0, {{kIn, 0}}).committed(kIn, 1);
  group_step(run, kPreparingRebalance, kCompletingRebalance, 1);
  run.fact(Event::kGroupGeneration, {run.name("app").id, 1, 1, -1});
  assign(run, 1, "m0", RunBuilder::kInput1);
  const auto waits_for_an_owner = [&run] {
    const std::vector<Debt> debts = run.suite().debts(run.world());
    return std::any_of(debts.begin(), debts.end(), [](const Debt& debt) {
      return debt.text() == "input-0 waits for an owner in group app";
    });
  };
  CHECK_FALSE(waits_for_an_owner());  // the group is not stable: members have yet to learn
  SECTION("it has none") {
    group_step(run, kCompletingRebalance, kStable, 1);
    CHECK(waits_for_an_owner());  // the second round of a cooperative rebalance may bring one
    run.quiesce();
    CHECK(run.kinds() == Kinds{"unowned_partition"});
  }
  SECTION("it has one") {
    assign(run, 1, "m0", kIn);
    group_step(run, kCompletingRebalance, kStable, 1);
    CHECK_FALSE(waits_for_an_owner());
    run.quiesce();
    CHECK(run.kinds() == Kinds{});
  }
}

RunBuilder& asked(RunBuilder& run, int64_t offset) {
  return run.fact(Event::kAppOffsetsSent, {0, run.name("app").id, kIn.packed(), offset});
}

TEST_CASE("a committed offset does not run back") {
  RunBuilder run;
  SECTION("an old request takes effect late") {
    asked(run, 5);
    asked(run, 9);
    run.committed(kIn, 9).committed(kIn, 5);
    REQUIRE(run.kinds() == Kinds{"offset_regression"});
    CHECK(run.violation().summary == "the offset of group app in input-0 went from 9 to 5");
  }
  SECTION("a client asks for it afterwards") {
    asked(run, 9);
    run.committed(kIn, 9);
    asked(run, 5);
    run.committed(kIn, 5);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("the same again, as after a load") {
    run.committed(kIn, 9).committed(kIn, 9);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("another partition") {
    run.committed(kIn, 9).committed(RunBuilder::kInput1, 5);
    CHECK(run.kinds() == Kinds{});
  }
}

// K1 has its own opinion of a marker that nobody decided.
Kinds k13(RunBuilder& run) {
  Kinds kinds;
  for (const Violation& v : run.suite().violations()) {
    if (v.checker == "K13") kinds.push_back(v.kind);
  }
  return kinds;
}

TEST_CASE("what a load shows before the log has decided it may be gone with that leader") {
  const TopicPartition offsets = RunBuilder::kOffsets;
  RunBuilder run;
  const auto shows = [&](const std::string& broker, int64_t offset, int64_t record) {
    run.from(broker).fact(Event::kOffsetCommitted,
                          {run.name("app").id, kIn.packed(), offset, record, -1});
  };
  run.offset_record(0, kA0, 1, kIn, 5).marker(offsets, 1, kA0, true, 1);
  shows("broker-0", 5, 0);
  run.offset_record(2, kA0, 2, kIn, 9).commits(false).marker(offsets, 3, kA0, true, 2);
  run.copies("broker-1", offsets, 4).leads("broker-1", offsets, 1, 3, 4);
  SECTION("its marker is above the high watermark, and the next leader lacks it") {
    shows("broker-1", 9, 2);
    run.leads("broker-2", offsets, 2, 3, 3);
    shows("broker-2", 5, 0);
    CHECK(k13(run) == Kinds{});
    run.marker(offsets, 3, kA0, true, 2).high_watermark(offsets, 4);
    shows("broker-2", 9, 2);
    shows("broker-2", 5, 0);
    CHECK(k13(run) == Kinds{"offset_regression"});
  }
  SECTION("its marker was decided after the load") {
    shows("broker-1", 9, 2);
    run.high_watermark(offsets, 4);
    run.leads("broker-2", offsets, 2, 4, 4);
    shows("broker-2", 5, 0);
    CHECK(k13(run) == Kinds{"offset_regression"});
  }
  SECTION("its marker was decided before the load") {
    run.high_watermark(offsets, 4);
    shows("broker-1", 9, 2);
    run.leads("broker-2", offsets, 2, 3, 4);
    shows("broker-2", 5, 0);
    CHECK(k13(run) == Kinds{"offset_regression"});
  }
}

TEST_CASE("nobody is told less than what is committed") {
  RunBuilder run;
  run.committed(kIn, 9);
  const auto fetched = [&](int64_t offset, Error error) {
    run.fact(Event::kOffsetFetched,
             {run.name("app").id, kIn.packed(), offset, static_cast<int64_t>(error), 1});
  };
  SECTION("the committed one") {
    fetched(9, Error::kNone);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("an older one") {
    fetched(5, Error::kNone);
    CHECK(run.kinds() == Kinds{"offset_regression"});
  }
  SECTION("none") {
    fetched(-1, Error::kNone);
    CHECK(run.kinds() == Kinds{"offset_lost"});
  }
  SECTION("not yet") {
    fetched(-1, Error::kUnstableOffsetCommit);
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("O5 O6: who asks for a stable offset is told none while one is undecided") {
  struct Row {
    const char* preset;
    bool stable;
    Error error;
    bool wrong;
  };
  for (const Row& row :
       {Row{"4.0", true, Error::kNone, true}, Row{"4.0", false, Error::kNone, false},
        Row{"4.0", true, Error::kUnstableOffsetCommit, false},
        Row{"3.9", true, Error::kNone, false}}) {
    CAPTURE(row.preset, row.stable, error_name(row.error));
    CheckConfig config = RunBuilder::default_config();
    config.cluster = kafka::preset_switches(*kafka::find_preset(row.preset));
    for (auto& app : config.apps) app.switches = config.cluster;
    RunBuilder run(config);
    const auto fetched = [&] {
      run.fact(Event::kOffsetFetched,
               {run.name("app").id, kIn.packed(), row.error == Error::kNone ? 5 : -1,
                static_cast<int64_t>(row.error), row.stable});
    };
    run.committed(kIn, 5).offset_record(0, kA0, 1, kIn, 9);
    fetched();
    CHECK(k13(run) == (row.wrong ? Kinds{"undecided_offset"} : Kinds{}));
    run.marker(RunBuilder::kOffsets, 1, kA0, false, 1);
    fetched();
    CHECK(k13(run).size() == (row.wrong ? 1 : 0));
  }
}

TEST_CASE("at the end the coordinator has what its log says") {
  RunBuilder run;
  run.offset_record(0, kA0, 1, kIn, 9).marker(RunBuilder::kOffsets, 1, kA0, true, 1);
  run.offset_record(2, kA0, 2, kIn, 12).marker(RunBuilder::kOffsets, 3, kA0, false, 2);
  Observation seen = RunBuilder::calm();
  GroupSeen group;
  group.group = run.name("app");
  SECTION("the committed one") {
    group.committed.emplace_back(kIn, Offset{9});
    seen.groups.push_back(group);
    run.quiesce(seen);
    CHECK(k13(run) == Kinds{});
  }
  SECTION("an older one") {
    group.committed.emplace_back(kIn, Offset{3});
    seen.groups.push_back(group);
    run.quiesce(seen);
    CHECK(k13(run) == Kinds{"offset_regression"});
  }
  SECTION("none") {
    run.quiesce(seen);
    CHECK(k13(run) == Kinds{"offset_lost"});
  }
}

}  // namespace
}  // namespace eosim::check
