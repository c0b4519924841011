// K6 lso and K7 progress: both judge what is left at quiescence.
#include "catch.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

constexpr int kOngoing = 1;
constexpr int kPrepareCommit = 2;
constexpr int kCompleteAbort = 5;

RunBuilder open_transaction() {
  RunBuilder run;
  run.open(1, "app-0/0", kA0).data(kOut, 10, kA0, 1, {{kIn, 0}});
  return run;
}

// The partition has an open transaction of 1000 at 10; the coordinator says what `state` and
// `partitions` say.
Observation open_in_log(RunBuilder& run, int state, std::vector<TopicPartition> partitions,
                        ProducerIdAndEpoch known = kA0) {
  Observation seen = RunBuilder::calm();
  seen.partitions.push_back({kOut, {11}, {10}, {11}, {{{1000}, {10}}}});
  seen.transactions.push_back({run.name("app-0/0"), known, state, false, std::move(partitions),
                               state == kCompleteAbort ? "" : "markers to broker-0"});
  return seen;
}

TEST_CASE("an open transaction that its coordinator does not know hangs") {
  RunBuilder run = open_transaction();
  SECTION("it has ended there") {
    run.quiesce(open_in_log(run, kCompleteAbort, {}));
    REQUIRE(run.kinds() == Kinds{"hanging_transaction"});
    CHECK(run.violation().transaction_state == "CompleteAbort");
    CHECK_THAT(run.violation().summary, contains_text("open at output-0@10"));
  }
  SECTION("it goes on without this partition") {
    run.quiesce(open_in_log(run, kOngoing, {RunBuilder::kOutput1}));
    CHECK(run.kinds() == Kinds{"hanging_transaction", "stuck_transaction"});
  }
  SECTION("the id has another producer now") {
    run.quiesce(open_in_log(run, kCompleteAbort, {kOut}, producer(2000, 0)));
    CHECK(run.kinds() == Kinds{"hanging_transaction"});
  }
  SECTION("nobody ever had this producer") {
    Observation seen = RunBuilder::calm();
    seen.partitions.push_back({kOut, {11}, {10}, {11}, {{{4711}, {10}}}});
    run.quiesce(seen);
    CHECK(run.kinds()[0] == "hanging_transaction");
  }
}

TEST_CASE("an open transaction that its coordinator knows is stuck, not hanging") {
  RunBuilder run = open_transaction();
  run.quiesce(open_in_log(run, kPrepareCommit, {kOut}));
  REQUIRE(run.kinds() == Kinds{"stuck_transaction"});
  CHECK(run.violation().summary ==
        "transaction of app-0/0 in PrepareCommit waits for markers to broker-0");
}

TEST_CASE("a transaction whose timeout lies behind the end of the run is not stuck yet") {
  RunBuilder run;
  run.open(1, "app-0/0", kA0);
  Observation seen = RunBuilder::calm();
  TransactionSeen& transaction = seen.transactions.emplace_back();
  transaction.tid = run.name("app-0/0");
  transaction.producer = kA0;
  transaction.state = kOngoing;
  transaction.partitions = {kOut};
  transaction.waits_for = "its client, or its timeout";
  SECTION("it may still end") {
    transaction.due = false;
    run.quiesce(seen);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("it has had its time") {
    run.quiesce(seen);
    CHECK(run.kinds() == Kinds{"stuck_transaction"});
  }
}

TEST_CASE("what a lost transaction log knew hangs, and nobody is to blame") {
  RunBuilder run = open_transaction();
  run.logged(0, "app-0/0", kOngoing, kA0, {kOut});
  const auto elect = [&](TopicPartition partition, int64_t end) {
    run.fact(Event::kUncleanElection, {partition.packed(), 1, 1});
    run.leads("broker-1", partition, 1, end, end);
  };
  Observation seen = open_in_log(run, kCompleteAbort, {}, producer(2000, 0));
  SECTION("it was lost in an unclean election") {
    elect(RunBuilder::kTransactions, 0);
    run.quiesce(seen);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("another partition was") {
    run.data(RunBuilder::kOutput1, 0, kA0, 1, {{kIn, 1}});
    elect(RunBuilder::kOutput1, 0);
    run.quiesce(seen);
    CHECK(run.kinds() == Kinds{"hanging_transaction"});
  }
  SECTION("the election lost nothing") {
    elect(RunBuilder::kTransactions, 1);
    run.quiesce(seen);
    CHECK(run.kinds() == Kinds{"hanging_transaction"});
  }
  SECTION("the producer is nobody's") {
    elect(RunBuilder::kTransactions, 0);
    seen.partitions[0].open[0].producer = {4711};
    run.quiesce(seen);
    CHECK(run.kinds() == Kinds{"hanging_transaction"});
  }
}

TEST_CASE("a stable offset that nothing holds back is the high watermark") {
  RunBuilder run;
  Observation seen = RunBuilder::calm();
  seen.partitions.push_back({kOut, {11}, {10}, {11}, {}});
  SECTION("behind") {
    run.quiesce(seen);
    CHECK(run.kinds() == Kinds{"hanging_transaction", "no_progress"});
  }
  SECTION("level") {
    seen.partitions[0].stable = {11};
    run.quiesce(seen);
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("a cluster that is not all there is not asked for what hangs") {
  RunBuilder run = open_transaction();
  run.transition("app-0/0", 1, 3, kA0, 1).complete(1, "app-0/0", kA0, false);
  Observation seen = open_in_log(run, kCompleteAbort, {});
  seen.complete = false;
  run.quiesce(seen);
  REQUIRE(run.kinds() == Kinds{"no_progress"});
  CHECK_THAT(run.violation().summary, contains_text("a broker that is down or loads"));
}

TEST_CASE("an input that nobody commits waits") {
  RunBuilder run;
  run.source(kIn, 0, 3).data(kOut, 0, kA0, 0, {{kIn, 0}, {kIn, 1}, {kIn, 2}});
  CHECK(run.suite().ledger().lagging_inputs() == 1);
  CHECK_FALSE(maybe_quiet(run.world(), run.suite().ledger()));
  SECTION("committed in part") {
    run.committed(kIn, 2).quiesce();
    REQUIRE(run.kinds() == Kinds{"no_progress"});
    CHECK(run.violation().summary == "input-0@2 waits for a commit of group app up to 3");
  }
  SECTION("committed") {
    run.committed(kIn, 3);
    CHECK(maybe_quiet(run.world(), run.suite().ledger()));
    run.quiesce();
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("a producer that never leaves a call waits") {
  RunBuilder run;
  const auto moved = [&](ProducerClientState from, ProducerClientState to) {
    run.from("app-0").fact(
        Event::kProducerTransition,
        {run.name("app-0/0").id, 1000, 0, static_cast<int64_t>(from), static_cast<int64_t>(to), 0});
  };
  moved(ProducerClientState::kInTransaction, ProducerClientState::kCommittingTransaction);
  CHECK_FALSE(maybe_quiet(run.world(), run.suite().ledger()));
  SECTION("still inside") {
    run.quiesce();
    REQUIRE(run.kinds() == Kinds{"no_progress"});
    CHECK_THAT(run.violation().summary,
               contains_text("app-0 (app-0/0) waits for the end of a call"));
  }
  SECTION("back") {
    moved(ProducerClientState::kCommittingTransaction, ProducerClientState::kReady);
    CHECK(maybe_quiet(run.world(), run.suite().ledger()));
    run.quiesce();
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("an auditor that does not reach the end waits") {
  CheckConfig config = RunBuilder::default_config();
  config.auditors = {{3}};
  RunBuilder run(config);
  REQUIRE(run.process("auditor-0") == config.auditors[0]);
  run.from("auditor-0").position(kOut, 0);
  run.from("broker-0").data(kOut, 0, kA0, 0, {{kIn, 0}, {kIn, 1}});
  SECTION("it has one") {
    run.from("auditor-0").delivered(kOut, 0, 1).quiesce();
    REQUIRE(run.kinds() == Kinds{"no_progress"});
    CHECK(run.violation().summary == "auditor-0 waits for record output-0@1");
  }
  SECTION("it has both") {
    run.from("auditor-0").delivered(kOut, 0, 2).quiesce();
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("a pending offset without a decision waits") {
  RunBuilder run;
  run.fact(Event::kOffsetPending, {run.name("app").id, kIn.packed(), 7, 0, 1000, 0, -1, -1});
  CHECK(run.suite().ledger().pending_offsets() == 1);
  Observation seen = RunBuilder::calm();
  GroupSeen group;
  group.group = run.name("app");
  SECTION("for ever") {
    group.pending.push_back({{1000}, kIn, {7}});
    seen.groups.push_back(group);
    run.quiesce(seen);
    CHECK(run.kinds() == Kinds{"no_progress"});
  }
  SECTION("until its marker") {
    run.committed(kIn, 7, 1000);
    CHECK(run.suite().ledger().pending_offsets() == 0);
    run.quiesce();
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("or until it is dropped") {
    run.fact(Event::kOffsetDropped, {run.name("app").id, kIn.packed(), 7, 1000});
    CHECK(run.suite().ledger().pending_offsets() == 0);
  }
}

TEST_CASE("what is still owed is counted as it comes and goes") {
  RunBuilder run;
  const Ledger& ledger = run.suite().ledger();
  run.open(1, "app-0/0", kA0);
  CHECK(ledger.unfinished_transactions() == 1);
  run.data(kOut, 0, kA0, 1, {{kIn, 0}});
  run.high_watermark(kOut, 1);
  CHECK(ledger.unstable_partitions() == 1);
  run.decide(1, "app-0/0", kA0, true).marker(kOut, 1, kA0, true, 1);
  run.high_watermark(kOut, 2);
  run.stable(kOut, 2);
  CHECK(ledger.unstable_partitions() == 0);
  CHECK(ledger.unfinished_transactions() == 1);
  run.complete(1, "app-0/0", kA0, true);
  CHECK(ledger.unfinished_transactions() == 0);
  CHECK(maybe_quiet(run.world(), ledger));
}

}  // namespace
}  // namespace eosim::check
