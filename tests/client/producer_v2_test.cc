// The producer of transaction.version 2 (transactions.md 5.12, 6.7), as lists of what it sends.
#include "stub_cluster.h"

namespace eosim::kafka::producer_test {
namespace {

using C = Command;
using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a TV2 transaction announces nothing, and each end brings the next epoch") {
  StubWorld w("4.0");
  CHECK(w.run({{C::kInit, {}},
               {C::kBegin, {}},
               {C::kSend, w.data(0), 3},
               {C::kOffsets, w.data(1), 4},
               {C::kCommit, {}},
               {C::kBegin, {}},
               {C::kSend, w.data(0), 1},
               {C::kFlush, {}},
               {C::kSend, w.data(0), 1},
               {C::kFlush, {}},
               {C::kAbort, {}}}) == Words(8, "ok"));
  CHECK(w.script().seen == Words{"FindCoordinator v6 transaction", "InitProducerId v5 -1/-1",
                                 "FindCoordinator v6 group", "TxnOffsetCommit v5 7/0 generation 4",
                                 "Produce v12 0: 0 7/0 seq 0", "EndTxn v5 commit 7/0",
                                 // Sequences begin again, for the epoch is another.
                                 "Produce v12 0: 0 7/1 seq 0", "Produce v12 0: 0 7/1 seq 1",
                                 "EndTxn v5 abort 7/1"});
  CHECK(w.app().producer.producer() == ProducerIdAndEpoch{ProducerId{7}, ProducerEpoch{2}});
}

TEST_CASE("a TV2 transaction in which nothing was sent ends without EndTxn") {
  for (const C::Kind end : {C::kCommit, C::kAbort}) {
    StubWorld w("4.2");
    CHECK(w.run({{C::kInit, {}}, {C::kBegin, {}}, {end, {}}}) == Words(3, "ok"));
    CHECK(w.take_seen() == Words{"FindCoordinator v6 transaction", "InitProducerId v5 -1/-1"});
  }
}

TEST_CASE("a TV2 abort is sent even if nothing has reached a broker") {
  StubWorld w("4.0");
  w.config.linger_ms = 60'000;
  CHECK(w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kAbort, {}}}) ==
        Words(3, "ok"));
  CHECK(w.script().seen.back() == "EndTxn v5 abort 7/0");
}

TEST_CASE("a transaction before TV2 keeps to the versions that say so") {
  StubWorld w("4.0");
  w.speak("4.0", false);
  CHECK(w.run({{C::kInit, {}},
               {C::kBegin, {}},
               {C::kSend, w.data(0), 1},
               {C::kOffsets, w.data(1), 0},
               {C::kCommit, {}}}) == Words(4, "ok"));
  CHECK(w.script().seen == Words{"FindCoordinator v6 transaction", "InitProducerId v5 -1/-1",
                                 "AddOffsetsToTxn v4 7/0", "AddPartitionsToTxn v3 7/0 0",
                                 "FindCoordinator v6 group", "TxnOffsetCommit v4 7/0 generation -1",
                                 "Produce v11 0: 0 7/0 seq 0", "EndTxn v4 commit 7/0"});
}

TEST_CASE("an idempotent producer speaks the newest Produce whatever the feature") {
  StubWorld w("4.0", "4.0", false);
  w.speak("4.0", false);
  CHECK(w.run({{C::kSend, w.data(0), 1}, {C::kFlush, {}}}) == Words{"ok"});
  CHECK(w.script().seen.back() == "Produce v12 0: 0 7/0 seq 0");
}

TEST_CASE("an older client against a TV2 server is a client of before") {
  StubWorld w("3.8", "4.2");
  CHECK(w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kCommit, {}}}) ==
        Words(3, "ok"));
  CHECK(w.script().seen == Words{"FindCoordinator v5 transaction", "InitProducerId v5 -1/-1",
                                 "AddPartitionsToTxn v3 7/0 0", "Produce v11 0: 0 7/0 seq 0",
                                 "EndTxn v4 commit 7/0"});
}

namespace {

// All connections end, so that the clients ask for versions again.
void reconnect(StubWorld& w) {
  for (const char* broker : {"broker-0", "broker-1"}) {
    sim::FaultSpec fault;
    fault.kind = sim::FaultKind::kCrash;
    fault.word = "crash";
    fault.at = w.world->now();
    fault.length = sim::milliseconds(10);
    fault.target = broker;
    w.world->add_fault(fault);
  }
  w.run_for(sim::seconds(2));
}

}  // namespace

TEST_CASE("an upgrade to TV2 ends its last transaction as before and bumps the epoch behind it") {
  for (const C::Kind end : {C::kCommit, C::kAbort}) {
    StubWorld w("4.0");
    w.speak("4.0", false);
    w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kFlush, {}}});
    w.speak("4.0", true);
    reconnect(w);
    w.take_seen();
    CHECK(w.go_on({{C::kSend, w.data(0), 1},
                   {C::kFlush, {}},
                   {end, {}},
                   {C::kBegin, {}},
                   {C::kSend, w.data(0), 1},
                   {C::kCommit, {}}}) == Words(4, "ok"));
    const std::string word = end == C::kCommit ? "commit" : "abort";
    CHECK(w.take_seen() == Words{"Produce v11 0: 0 7/0 seq 1", "EndTxn v4 " + word + " 7/0",
                                 "InitProducerId v5 7/0", "Produce v12 0: 0 7/1 seq 0",
                                 "EndTxn v5 commit 7/1"});
  }
}

TEST_CASE("a downgrade ends its last transaction in TV2 and goes on without a bump") {
  StubWorld w("4.0");
  w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kFlush, {}}});
  w.speak("4.0", false);
  reconnect(w);
  w.take_seen();
  CHECK(w.go_on({{C::kSend, w.data(0), 1},
                 {C::kCommit, {}},
                 {C::kBegin, {}},
                 {C::kSend, w.data(0), 1},
                 {C::kCommit, {}}}) == Words(3, "ok"));
  CHECK(w.take_seen() == Words{"Produce v12 0: 0 7/0 seq 1", "EndTxn v5 commit 7/0",
                               "AddPartitionsToTxn v3 7/1 0", "Produce v11 0: 0 7/1 seq 0",
                               "EndTxn v4 commit 7/1"});
}

TEST_CASE("a leader that cannot register yet is asked again, with the same sequence") {
  StubWorld w("4.0");
  w.script().errors[Rpc::kProduce] = {Error::kConcurrentTransactions};
  CHECK(w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kCommit, {}}}) ==
        Words(3, "ok"));
  CHECK(w.script().seen == Words{"FindCoordinator v6 transaction", "InitProducerId v5 -1/-1",
                                 "Produce v12 0: 0 7/0 seq 0", "Produce v12 0: 0 7/0 seq 0",
                                 "EndTxn v5 commit 7/0"});
}

TEST_CASE("every TV2 abort heals the producer, and the client asks for no epoch") {
  struct Row {
    const char* client;
    Rpc rpc;
    Error error;
    const char* told;
  };
  const Row rows[] = {
      {"4.0", Rpc::kProduce, Error::kInvalidTxnState, "abortable INVALID_TXN_STATE"},
      {"4.1", Rpc::kProduce, Error::kInvalidTxnState, "abortable TRANSACTION_ABORTABLE"},
      {"4.0", Rpc::kProduce, Error::kTransactionAbortable, "abortable TRANSACTION_ABORTABLE"},
      {"4.0", Rpc::kProduce, Error::kInvalidProducerEpoch, "stale INVALID_PRODUCER_EPOCH"},
      {"4.2", Rpc::kTxnOffsetCommit, Error::kTransactionAbortable,
       "abortable TRANSACTION_ABORTABLE"},
      {"4.2", Rpc::kEndTxn, Error::kUnknownProducerId, "abortable UNKNOWN_PRODUCER_ID"},
  };
  for (const Row& row : rows) {
    StubWorld w(row.client);
    w.script().errors[row.rpc] = {row.error};
    const bool offsets = row.rpc == Rpc::kTxnOffsetCommit;
    const Words log = w.run({{C::kInit, {}},
                             {C::kBegin, {}},
                             {offsets ? C::kOffsets : C::kSend, w.data(0), 1},
                             {C::kCommit, {}},
                             {C::kAbort, {}},
                             {C::kBegin, {}},
                             {C::kSend, w.data(0), 1},
                             {C::kCommit, {}}});
    CAPTURE(row.client, row.told, log, w.script().seen);
    REQUIRE(log.size() >= 6);
    CHECK(log[2] == row.told);
    CHECK(Words(log.end() - 3, log.end()) == Words(3, "ok"));
    CHECK(count(w.script().seen, "InitProducerId") == 1);
  }
}

}  // namespace eosim::kafka::producer_test
