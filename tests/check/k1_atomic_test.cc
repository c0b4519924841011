#include "catch.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

// A transaction of app-0/0 with a record in two partitions, decided and half marked.
RunBuilder two_partitions(bool commit) {
  RunBuilder run;
  run.open(1, "app-0/0", kA0);
  run.data(kOut, 0, kA0, 1, {{RunBuilder::kInput0, 0}});
  run.data(kOut1, 0, kA0, 1, {{RunBuilder::kInput0, 1}});
  run.decide(1, "app-0/0", kA0, commit);
  run.marker(kOut, 1, kA0, commit, 1);
  return run;
}

TEST_CASE("a transaction with the same marker everywhere is whole") {
  for (const bool commit : {true, false}) {
    RunBuilder run = two_partitions(commit);
    run.marker(kOut1, 1, kA0, commit, 1).complete(1, "app-0/0", kA0, commit);
    run.ended(1, "app-0/0", commit ? CommitOutcome::kCommitted : CommitOutcome::kAborted);
    run.quiesce();
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("a marker of the other kind tears a transaction") {
  for (const bool commit : {true, false}) {
    RunBuilder run = two_partitions(commit);
    run.marker(kOut1, 1, kA0, !commit, 1);
    REQUIRE(run.kinds() == Kinds{"torn_transaction"});
    CHECK(run.violation().checker == "K1");
    CHECK(run.violation().transaction_state == (commit ? "PrepareCommit" : "PrepareAbort"));
    CHECK(run.violation().guarantee == "exactly_once_v2");
  }
}

TEST_CASE("a late marker of the last transaction that ends the next one early tears it") {
  RunBuilder run;
  run.open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{RunBuilder::kInput0, 0}});
  run.decide(1, "app-0/0", kA0, false).marker(kOut, 1, kA0, false, 1);
  run.complete(1, "app-0/0", kA0, false).ended(1, "app-0/0", CommitOutcome::kAborted);
  run.open(2, "app-0/0", kA0).data(kOut, 2, kA0, 2, {{RunBuilder::kInput0, 0}});
  run.marker(kOut, 3, kA0, false, 1);  // once more
  CHECK(run.kinds() == Kinds{});       // the transaction may still be aborted
  SECTION("it is committed") {
    run.decide(2, "app-0/0", kA0, true);
    CHECK(run.kinds() == Kinds{"torn_transaction"});
  }
  SECTION("it is aborted: no harm done") {
    run.decide(2, "app-0/0", kA0, false);
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("a late AddPartitionsToTxn of a run that is over opens a transaction that is not its") {
  RunBuilder run;
  run.open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{RunBuilder::kInput0, 0}});
  run.end_sent(1, "app-0/0", true);
  run.decide(1, "app-0/0", kA0, true).marker(kOut, 1, kA0, true, 1);
  run.complete(1, "app-0/0", kA0, true).ended(1, "app-0/0", CommitOutcome::kCommitted);
  run.open(1, "app-0/0", kA0);  // the late request carries what its sender thought
  run.decide(1, "app-0/0", kA0, false).marker(kOut, 2, kA0, false, 1);
  run.complete(1, "app-0/0", kA0, false).quiesce();
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("a late batch of an aborted transaction that the next one commits is torn off") {
  RunBuilder run;
  run.open(1, "app-0/0", kA0).decide(1, "app-0/0", kA0, false);
  run.complete(1, "app-0/0", kA0, false).ended(1, "app-0/0", CommitOutcome::kAborted);
  run.data(kOut, 0, kA0, 1, {{RunBuilder::kInput0, 0}});
  run.open(2, "app-0/0", kA0).decide(2, "app-0/0", kA0, true);
  run.marker(kOut, 1, kA0, true, 2);
  CHECK(run.kinds() == Kinds{"torn_transaction"});
}

TEST_CASE("a late registration of a committed transaction opens one that is nobody's") {
  RunBuilder run;
  run.open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{RunBuilder::kInput0, 0}});
  run.decide(1, "app-0/0", kA0, true).marker(kOut, 1, kA0, true, 1);
  run.complete(1, "app-0/0", kA0, true).ended(1, "app-0/0", CommitOutcome::kCommitted);
  run.transition("app-0/0", 4, 1, kA0, 1);
  SECTION("a successor aborts it: it holds nothing") {
    const auto a1 = producer(1000, 1);
    run.transition("app-0/0", 1, 3, a1, 1).marker(kOut, 2, a1, false, 1);
    run.transition("app-0/0", 3, 5, a1, 1).quiesce();
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("a late batch came with it, which is aborted") {
    run.data(kOut, 2, kA0, 1, {{RunBuilder::kInput0, 1}});
    run.transition("app-0/0", 1, 3, kA0, 1).marker(kOut, 3, kA0, false, 1);
    CHECK(run.kinds() == Kinds{"torn_transaction"});
  }
  SECTION("the next transaction joins, and is that of which the decision is") {
    run.began(2, "app-0/0", kA0).transition("app-0/0", 1, 1, kA0, 2);
    run.data(kOut, 2, kA0, 2, {{RunBuilder::kInput0, 1}});
    run.decide(2, "app-0/0", kA0, true).marker(kOut, 3, kA0, true, 2);
    run.complete(2, "app-0/0", kA0, true).ended(2, "app-0/0", CommitOutcome::kCommitted);
    run.quiesce();
    CHECK(run.kinds() == Kinds{});
    CHECK(run.suite().ledger().decision(2) == Decision::kCommit);
  }
}

TEST_CASE("what a timed-out transaction adds under the same number does not undo its abort") {
  RunBuilder run;
  run.open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{RunBuilder::kInput0, 0}});
  run.transition("app-0/0", 1, 3, kA0, 1).marker(kOut, 1, kA0, false, 1);
  run.complete(1, "app-0/0", kA0, false);
  run.transition("app-0/0", 5, 1, kA0, 1);
  run.data(kOut, 2, kA0, 1, {{RunBuilder::kInput0, 1}});
  run.decide(1, "app-0/0", kA0, true).marker(kOut, 3, kA0, true, 1);
  CHECK(run.kinds() == Kinds{"torn_transaction"});
  run.complete(1, "app-0/0", kA0, true).ended(1, "app-0/0", CommitOutcome::kCommitted);
  CHECK(run.kinds() == Kinds{"torn_transaction", "client_misinformed"});
}

TEST_CASE("at quiescence a committed transaction has no open part") {
  RunBuilder run = two_partitions(true);
  SECTION("no marker came") {
    run.quiesce();
    REQUIRE(!run.kinds().empty());
    CHECK(run.kinds()[0] == "torn_transaction");
  }
  SECTION("the marker came late") {
    run.at(60'000).marker(kOut1, 1, kA0, true, 1).complete(1, "app-0/0", kA0, true);
    run.ended(1, "app-0/0", CommitOutcome::kCommitted).quiesce();
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("the client is told what the coordinator decided") {
  struct Row {
    bool commit;
    CommitOutcome told;
    bool wrong;
  };
  const Row rows[] = {
      {true, CommitOutcome::kCommitted, false}, {true, CommitOutcome::kAborted, true},
      {true, CommitOutcome::kUnknown, false},   {true, CommitOutcome::kFailed, false},
      {false, CommitOutcome::kCommitted, true}, {false, CommitOutcome::kAborted, false},
      {false, CommitOutcome::kUnknown, false}};
  for (const Row& row : rows) {
    RunBuilder run = two_partitions(row.commit);
    run.ended(1, "app-0/0", row.told);
    CHECK(run.kinds() == (row.wrong ? Kinds{"client_misinformed"} : Kinds{}));
  }
}

TEST_CASE("an empty transaction may be told anything") {
  RunBuilder run;
  run.transition("app-0/0", kNoState, 0, kA0).began(1, "app-0/0", kA0);
  run.ended(1, "app-0/0", CommitOutcome::kCommitted);
  CHECK(run.kinds() == Kinds{});
}

TEST_CASE("nobody commits for a client that did not ask") {
  RunBuilder run;
  run.open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{RunBuilder::kInput0, 0}});
  SECTION("it did not ask") {
    run.transition("app-0/0", 1, 2, kA0, 1);
    CHECK(run.kinds() == Kinds{"client_misinformed"});
  }
  SECTION("a timeout aborts without asking") {
    run.transition("app-0/0", 1, 3, producer(1000, 1), 1);
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("committed is not told when a record failed") {
  RunBuilder run = two_partitions(true);
  kafka::RecordBatch batch;
  batch.instance = kafka::Ghost<kafka::TransactionInstance>({1});
  const kafka::BatchId id = run.shared().batches.put(batch);
  run.fact(Event::kProducerFailed, {kOut.packed(), id.index, 7});
  CHECK(run.kinds() == Kinds{});
  run.ended(1, "app-0/0", CommitOutcome::kCommitted);
  CHECK(run.kinds() == Kinds{"client_misinformed"});
}

TEST_CASE("a decision that only a restarted coordinator could report counts") {
  RunBuilder run;
  run.open(1, "app-0/0", kA0).data(kOut, 0, kA0, 1, {{RunBuilder::kInput0, 0}});
  run.end_sent(1, "app-0/0", true);
  run.fact(Event::kTransactionLoaded, {run.name("app-0/0").id, 2, 1000, 0});
  run.ended(1, "app-0/0", CommitOutcome::kCommitted);
  CHECK(run.kinds() == Kinds{});
}

}  // namespace
}  // namespace eosim::check
