#include "catch.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

TEST_CASE("an acknowledged batch is where its producer was told") {
  RunBuilder run;
  run.commits(false).data(kOut, 0, kA0, 0, {{kIn, 0}});
  const BatchId batch = run.last_batch();
  SECTION("told after the commit") {
    run.high_watermark(kOut, 1).acknowledged(kOut, 0).quiesce();
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("told before it") {
    run.acknowledged(kOut, 0).high_watermark(kOut, 1).quiesce();
    CHECK(run.kinds() == Kinds{});
    CHECK(run.suite().ledger().partition(kOut)->find({0})->acknowledged);
  }
  SECTION("another one is there") {
    run.leads("broker-1", kOut, 1, 0, 0).data(kOut, 0, kA0, 0, {{kIn, 1}});
    run.acknowledged(kOut, 0, batch);
    CHECK(run.kinds() == Kinds{});
    run.high_watermark(kOut, 1);
    CHECK(run.kinds() == Kinds{"lost_acknowledged_write"});
  }
  SECTION("the log never gets there") {
    run.leads("broker-1", kOut, 1, 0, 0).acknowledged(kOut, 0, batch);
    CHECK(run.kinds() == Kinds{});
    run.quiesce();
    CHECK(run.kinds() == Kinds{"lost_acknowledged_write"});
  }
  SECTION("nobody told") {
    run.leads("broker-1", kOut, 1, 0, 0).quiesce();
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("a producer without an id is promised nothing") {
  RunBuilder run;
  run.data(kOut, 0, producer(-1, -1), 0, {{kIn, 0}});
  const BatchId batch = run.last_batch();
  run.again(kOut, 1, batch).acknowledged(kOut, 5, batch).quiesce();
  CHECK(run.kinds() == Kinds{"duplicate_output"});  // that is what comes of it
}

TEST_CASE("a batch that is in the log twice") {
  RunBuilder run;
  run.data(kOut, 0, kA0, 0, {});
  kafka::RecordBatch batch;
  batch.producer = kA0;
  batch.count = 1;
  kafka::Record record;
  kafka::RecordTruth uid;
  uid.uid = 77;
  record.truth = kafka::Ghost<kafka::RecordTruth>(uid);
  batch.payload = kafka::List<kafka::Record>{record};
  const BatchId first = run.shared().batches.put(batch);
  batch.producer.epoch = {1};  // sent again after the client has raised its epoch
  const BatchId second = run.shared().batches.put(batch);
  run.again(kOut, 0, first);
  SECTION("under another epoch") {
    run.again(kOut, 1, second);
    CHECK(run.kinds() == Kinds{"duplicate_acknowledged_write"});
  }
  SECTION("in another partition: another call of send") {
    run.again(RunBuilder::kOutput1, 0, second);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("after the first was lost by the rules") {
    run.fact(Event::kUncleanElection, {kOut.packed(), 1, 1}).leads("broker-1", kOut, 1, 0, 0);
    run.again(kOut, 0, second);
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("a batch that is in the log behind one that was sent later") {
  RunBuilder run;
  run.commits(false).data(RunBuilder::kOutput1, 0, kA0, 0, {{kIn, 0}});
  const BatchId early = run.last_batch();
  run.commits(true).data(kOut, 0, kA0, 0, {{kIn, 1}}).acknowledged(kOut, 0);
  run.again(kOut, 1, early);
  SECTION("it was given up") { CHECK(run.kinds() == Kinds{"out_of_order_output"}); }
  SECTION("it is acknowledged") {
    run.acknowledged(kOut, 1, early);
    CHECK(run.kinds() == Kinds{"out_of_order_output", "reordered_write"});
  }
}

}  // namespace
}  // namespace eosim::check
