// The ledger on a replicated log: what is settled, what a new leader brings back, and what losses
// take back.
#include "catch.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

const PartitionTruth& truth(RunBuilder& run, TopicPartition partition) {
  return *run.suite().ledger().partition(partition);
}

TEST_CASE("an append is true when the high watermark has passed it") {
  RunBuilder run;
  run.commits(false).data(RunBuilder::kOutput1, 0, kA0, 0, {{kIn, 0}}).source(kIn, 0, 3);
  CHECK(run.suite().counts().records == 0);
  CHECK(run.suite().ledger().lagging_inputs() == 0);
  CHECK(run.suite().ledger().unstable_partitions() == 2);
  run.high_watermark(kIn, 3).high_watermark(RunBuilder::kOutput1, 1);
  CHECK(run.suite().counts().records == 3);
  CHECK(run.suite().counts().outputs == 1);
  CHECK(run.suite().ledger().lagging_inputs() == 1);
  CHECK(run.suite().ledger().unstable_partitions() == 0);
}

TEST_CASE("a leader whose term is over settles nothing") {
  RunBuilder run;
  run.commits(false).source(kIn, 0, 1);
  run.leads("broker-1", kIn, 1, 0, 0);
  run.in_term(kIn, "broker-0", 0).source(kIn, 1, 1).high_watermark(kIn, 2);
  CHECK(truth(run, kIn).end() == Offset{0});
  CHECK(truth(run, kIn).tail().empty());
  run.in_term(kIn, "broker-1", 1).source(kIn, 0, 4).high_watermark(kIn, 4);
  CHECK(run.suite().counts().records == 4);
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("an entry that one leader dropped comes back with a later one") {
  RunBuilder run;
  run.commits(false).source(kIn, 0, 2);
  const BatchId first = run.last_batch();
  run.leads("broker-1", kIn, 1, 0, 0);
  run.from("broker-2").fact(Event::kLeaderStarted, {kIn.packed(), 2, 0, 2});
  run.fact(Event::kLogTail, {kIn.packed(), 0, 1, first.index, 2});
  run.fact(Event::kLogHighWatermark, {kIn.packed(), 2, 2});
  CHECK(run.suite().counts().records == 2);
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("what was settled stays settled under a leader whose high watermark lags") {
  RunBuilder run;
  run.source(kIn, 0, 2).source(kIn, 2, 2);
  run.leads("broker-1", kIn, 1, 2, 4);
  CHECK(truth(run, kIn).end() == Offset{4});
  CHECK(run.suite().ledger().unstable_partitions() == 1);
  run.high_watermark(kIn, 4);
  CHECK(run.suite().ledger().unstable_partitions() == 0);
  CHECK(run.suite().counts().records == 4);
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("an effect is visible once, whoever leads when it is settled") {
  RunBuilder run;
  run.commits(false).open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{kIn, 0}});
  run.decide(1, "app-0/0", kA0, true).marker(kOut, 1, kA0, true, 1).high_watermark(kOut, 1);
  CHECK(run.suite().counts().outputs == 0);
  run.leads("broker-1", kOut, 1, 0, 2).high_watermark(kOut, 2);
  CHECK(run.suite().counts().outputs == 1);
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("whether a session was passed is judged when the leader took its batch") {
  RunBuilder run;
  run.transition("app-0/0", kNoState, 0, kA0).initialized("app-0/0", kA0);
  run.commits(false).open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{kIn, 0}});
  run.transition("app-0/0", 1, 3, kA1, 1).marker(kOut, 1, kA1, false, 1);
  run.complete(1, "app-0/0", kA1, false);
  SECTION("it was not, and is by the time of the commit") {
    run.initialized("app-0/0", kA1).high_watermark(kOut, 2);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("it was") {
    run.initialized("app-0/0", kA1).data(kOut, 2, kA0, 1, {{kIn, 1}}).high_watermark(kOut, 3);
    CHECK(run.kinds() == Kinds{"zombie_write"});
  }
  SECTION("it was, by a leader whose term is over") {
    run.initialized("app-0/0", kA1).leads("broker-1", kOut, 1, 0, 2);
    run.in_term(kOut, "broker-0", 0).data(kOut, 2, kA0, 1, {{kIn, 1}}).high_watermark(kOut, 3);
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("committed records that a new leader lacks") {
  RunBuilder run;
  run.source(kIn, 0, 2).copies("broker-1", kIn, 2);
  run.data(kIn, 2, kA0, 0, {{kOut, 0}}).acknowledged(kIn, 2);
  SECTION("are lost") {
    run.leads("broker-1", kIn, 1, 2, 2);
    CHECK(run.kinds() == Kinds{"lost_acknowledged_write", "log_regression"});
  }
  SECTION("are there") {
    run.copies("broker-1", kIn, 3).leads("broker-1", kIn, 1, 2, 3);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("are void by an unclean election") {
    run.fact(Event::kUncleanElection, {kIn.packed(), 1, 1}).leads("broker-1", kIn, 1, 2, 2);
    CHECK(run.kinds() == Kinds{});
    CHECK(run.suite().ledger().partition_void(kIn));
  }
  SECTION("are void by the power that its leader lost") {
    run.copies("broker-1", kIn, 3).power_loss("broker-1").from("broker-1");
    run.fact(Event::kLogLoaded, {kIn.packed(), 2, 2, 2}).leads("broker-1", kIn, 1, 2, 2);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("are void by the disk that its leader lost, of which nothing was to be loaded") {
    run.copies("broker-1", kIn, 3).power_loss("broker-1").leads("broker-1", kIn, 1, 0, 0);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("are lost, though somebody else lost power") {
    run.power_loss("broker-2").leads("broker-1", kIn, 1, 2, 2);
    CHECK(run.kinds() == Kinds{"lost_acknowledged_write", "log_regression"});
  }
}

TEST_CASE("a batch in the place of a committed one") {
  RunBuilder run;
  run.source(kIn, 0, 2);
  const BatchId first = run.last_batch();
  run.source(kIn, 2, 1);
  const BatchId other = run.last_batch();
  const int64_t there = GENERATE(0, 1);
  run.from("broker-1").fact(Event::kLeaderStarted, {kIn.packed(), 1, 0, 3});
  run.fact(Event::kLogTail, {kIn.packed(), 0, 1, there == 1 ? other.index : first.index, 1});
  CHECK(run.kinds() == (there == 1 ? Kinds{"log_regression"} : Kinds{}));
}

TEST_CASE("inputs that vanish with all disks are no longer owed") {
  RunBuilder run;
  run.source(kIn, 0, 2).copies("broker-1", kIn, 2).source(kIn, 2, 5).copies("broker-1", kIn, 7);
  run.data(kOut, 0, kA0, 0, {{kIn, 0}, {kIn, 1}}).committed(kIn, 2);
  CHECK(run.suite().ledger().lagging_inputs() == 1);
  run.power_loss("broker-1").from("broker-1").fact(Event::kLogLoaded, {kIn.packed(), 2, 2, 2});
  run.leads("broker-1", kIn, 1, 2, 2);
  CHECK(run.suite().ledger().lagging_inputs() == 0);
  run.quiesce();
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("outputs that vanish with all disks are not missed, and may come again") {
  RunBuilder run;
  run.source(kIn, 0, 2).data(kOut, 0, kA0, 0, {{kIn, 0}}).data(kOut, 1, kA0, 0, {{kIn, 1}});
  run.committed(kIn, 2);
  run.power_loss("broker-0").from("broker-0").fact(Event::kLogLoaded, {kOut.packed(), 1, 1, 1});
  SECTION("they do not") {
    run.leads("broker-0", kOut, 1, 1, 1).quiesce();
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("they do") {
    run.leads("broker-0", kOut, 1, 1, 1).data(kOut, 1, kA0, 0, {{kIn, 1}}).quiesce();
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("they come twice") {
    run.leads("broker-0", kOut, 1, 1, 1).data(kOut, 1, kA0, 0, {{kIn, 1}});
    run.data(kOut, 2, kA0, 0, {{kIn, 1}});
    CHECK(run.kinds() == Kinds{"duplicate_output"});
  }
}

TEST_CASE("a transaction whose marker was lost with all disks is not judged") {
  RunBuilder run;
  run.open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{kIn, 0}});
  run.decide(1, "app-0/0", kA0, true).marker(kOut, 1, kA0, true, 1);
  run.complete(1, "app-0/0", kA0, true).ended(1, "app-0/0", CommitOutcome::kCommitted);
  const bool power = GENERATE(true, false);
  if (power) run.power_loss("broker-0");
  run.from("broker-0").fact(Event::kLogLoaded, {kOut.packed(), 1, 1, 0});
  run.leads("broker-0", kOut, 1, 1, 1).quiesce();
  CHECK(truth(run, kOut).open_batches() == 1);
  if (power) {
    CHECK(run.kinds() == Kinds{});
  } else {
    REQUIRE(run.kinds().size() >= 2);
    CHECK(run.kinds()[0] == "log_regression");
    CHECK(run.kinds()[1] == "torn_transaction");
  }
}

TEST_CASE("a group that has lost offsets with all disks reads again") {
  RunBuilder run;
  run.source(kIn, 0, 1).offset_record(0, kA0, 0, kIn, 1).committed(kIn, 1);
  run.data(kOut, 0, kA0, 0, {{kIn, 0}});
  run.power_loss("broker-0").from("broker-0");
  run.fact(Event::kLogLoaded, {kOffsets.packed(), 0, 0, 0}).leads("broker-0", kOffsets, 1, 0, 0);
  CHECK(run.suite().ledger().lagging_inputs() == 1);
  run.data(kOut, 1, kA0, 0, {{kIn, 0}}).committed(kIn, 1).quiesce();
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("ids that a coordinator has lost with all disks may be unknown") {
  RunBuilder run;
  constexpr TopicPartition kLog{{1}, 0};
  kafka::TransactionLogRecord record;
  record.transactional_id = run.name("app-0/0");
  kafka::RecordBatch batch;
  batch.count = 1;
  batch.payload = kafka::List<kafka::TransactionLogRecord>{record};
  run.again(kLog, 0, run.shared().batches.put(batch));
  run.transition("app-0/0", kNoState, 0, kA0).initialized("app-0/0", kA0);
  const bool power = GENERATE(true, false);
  if (power) run.power_loss("broker-0").leads("broker-0", kLog, 1, 0, 0);
  run.fact(Event::kTransactionRefused,
           {run.name("app-0/0").id, static_cast<int64_t>(Rpc::kEndTxn),
            static_cast<int64_t>(Error::kInvalidProducerIdMapping), 1000, 0});
  CHECK(run.kinds() == (power ? Kinds{} : Kinds{"unjustified_error"}));
}

TEST_CASE("a decision of a run of which the last coordinator told nothing is that run's") {
  RunBuilder run;
  constexpr TopicPartition kLog{{1}, 0};
  run.open(1, "app-0/0", kA0).decide(1, "app-0/0", kA0, true);
  run.complete(1, "app-0/0", kA0, true).began(2, "app-0/0", kA0);
  kafka::TransactionLogRecord record;
  record.transactional_id = run.name("app-0/0");
  record.instance = kafka::Ghost<kafka::TransactionInstance>({2});
  kafka::RecordBatch batch;
  batch.count = 1;
  batch.payload = kafka::List<kafka::TransactionLogRecord>{record};
  run.commits(false).again(kLog, 0, run.shared().batches.put(batch));
  run.leads("broker-1", kLog, 1, 0, 1).from("broker-1");
  run.fact(Event::kTransactionLoaded, {run.name("app-0/0").id, 3, 1000, 1});
  CHECK(run.suite().ledger().decision(1) == Decision::kCommit);
  CHECK(run.suite().ledger().decision(2) == Decision::kAbort);
}

TEST_CASE("what a deposed group coordinator does in its memory is nothing") {
  RunBuilder run;
  run.group_record(0, {"m0"}).leads("broker-1", kOffsets, 1, 1, 1);
  const Name group = run.name("app");
  run.from("broker-0").fact(Event::kGroupGeneration, {group.id, 8, 1, run.name("m0").id});
  run.committed(kIn, 7);
  REQUIRE(run.suite().ledger().group(group) != nullptr);
  CHECK(run.suite().ledger().group(group)->generations == 0);
  CHECK(run.suite().ledger().group(group)->committed.empty());
  run.from("broker-1").fact(Event::kGroupLoaded, {group.id, 7, 1}).committed(kIn, 7);
  CHECK(run.suite().ledger().group(group)->has_member(run.name("m0")));
  CHECK(run.suite().ledger().group(group)->committed.size() == 1);
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("a group coordinator may be deposed before the group has any record") {
  RunBuilder run;
  run.leads("broker-0", kOffsets, 0, 0, 0).leads("broker-1", kOffsets, 1, 0, 0);
  const Name group = run.name("app");
  run.from("broker-1").fact(Event::kGroupMemberJoined, {group.id, run.name("m1").id, group.id});
  run.from("broker-0").fact(Event::kGroupTransition, {group.id, 1, 0, 2});
  CHECK(run.suite().ledger().group(group)->has_member(run.name("m1")));
}

TEST_CASE("a load reads the tail, too") {
  RunBuilder run;
  run.group_record(0, {"m0"}).commits(false).group_record(1, {"m1"});
  run.leads("broker-1", kOffsets, 1, 1, 2).from("broker-1");
  run.fact(Event::kGroupLoaded, {run.name("app").id, 7, 1});
  CHECK(run.suite().ledger().group(run.name("app"))->has_member(run.name("m1")));
}

TEST_CASE("what a deposed leader has committed is settled when a successor begins behind it") {
  RunBuilder run;
  run.commits(false).data(kOut, 0, kA0, 0, {{kIn, 0}});
  const BatchId batch = run.last_batch();
  run.copies("broker-1", kOut, 1);
  // Of broker-1's term the first leader knows nothing: it commits, and tells its producer.
  run.leads("broker-1", kOut, 1, 0, 1).acknowledged(kOut, 0, batch);
  CHECK_FALSE(run.suite().ledger().partition(kOut)->tail().empty());
  run.copies("broker-2", kOut, 1).leads("broker-2", kOut, 2, 1, 1);
  CHECK(run.suite().ledger().partition(kOut)->end() == Offset{1});
  CHECK(run.suite().ledger().partition(kOut)->find({0})->acknowledged);
  run.data(kOut, 1, kA0, 1, {{kIn, 1}}).high_watermark(kOut, 2);
  CHECK(run.kinds() == Kinds{});
}

}  // namespace
}  // namespace eosim::check
