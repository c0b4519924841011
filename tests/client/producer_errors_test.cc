// What the application sees of an error, by generation (transactions.md 2.13, 5.9, 5.11, 6.2), and
// the requests by which a producer heals.
#include "stub_cluster.h"

namespace eosim::kafka::producer_test {
namespace {

using C = Command;
using Words = std::vector<std::string>;

// A transaction with a record and offsets; the commit; and what an application does then.
const std::vector<C>& transaction() {
  static const std::vector<C> commands = {{C::kInit, {}},
                                          {C::kBegin, {}},
                                          {C::kSend, {TopicId{0}, 0}, 1},
                                          {C::kOffsets, {TopicId{0}, 1}, 0},
                                          {C::kFlush, {}},
                                          {C::kCommit, {}},
                                          {C::kBegin, {}},
                                          {C::kAbort, {}},
                                          {C::kBegin, {}}};
  return commands;
}

// Of init, begin, offsets, flush, commit, begin, abort, begin: from the first that failed to the
// last, but for the flush.
std::string told(StubWorld& w) {
  const Words log = w.run(transaction());
  std::string text;
  for (size_t i = 0; i < log.size(); ++i) {
    if (i == 3 || (text.empty() && log[i] == "ok")) continue;
    text += (text.empty() ? "" : ", ") + log[i];
  }
  return text;
}

}  // namespace

TEST_CASE("an error of a request shows to the application as its generation has it") {
  struct Row {
    std::vector<const char*> presets;
    Rpc rpc;
    Error error;
    const char* told;
  };
  // From the call that fails on; the calls are offsets, commit, begin, abort, begin.
  const Row rows[] = {
      // Fenced is fenced.
      {{"2.4", "2.5", "2.8", "3.8", "4.0", "4.2"},
       Rpc::kEndTxn,
       Error::kInvalidProducerEpoch,
       "fenced INVALID_PRODUCER_EPOCH, fenced INVALID_PRODUCER_EPOCH, fenced "
       "INVALID_PRODUCER_EPOCH, fenced INVALID_PRODUCER_EPOCH"},
      {{"2.8", "3.8", "4.2"},
       Rpc::kTxnOffsetCommit,
       Error::kProducerFenced,
       "fenced PRODUCER_FENCED, fenced PRODUCER_FENCED, fenced PRODUCER_FENCED, fenced "
       "PRODUCER_FENCED, fenced PRODUCER_FENCED"},
      // A leader's 47.
      {{"2.4", "2.5", "2.6"},
       Rpc::kProduce,
       Error::kInvalidProducerEpoch,
       "fenced INVALID_PRODUCER_EPOCH, fenced INVALID_PRODUCER_EPOCH, fenced "
       "INVALID_PRODUCER_EPOCH, fenced INVALID_PRODUCER_EPOCH"},
      {{"2.8", "3.5", "3.9", "4.0", "4.2"},
       Rpc::kProduce,
       Error::kInvalidProducerEpoch,
       "stale INVALID_PRODUCER_EPOCH, stale INVALID_PRODUCER_EPOCH, ok, ok"},
      // Verification (KIP-890).
      {{"2.8", "3.6", "3.7"},
       Rpc::kProduce,
       Error::kInvalidTxnState,
       "abortable INVALID_TXN_STATE, abortable INVALID_TXN_STATE, ok, ok"},
      {{"3.8", "4.0", "4.1"},
       Rpc::kProduce,
       Error::kTransactionAbortable,
       "abortable TRANSACTION_ABORTABLE, abortable TRANSACTION_ABORTABLE, ok, ok"},
      {{"3.7", "3.8", "4.2"},
       Rpc::kTxnOffsetCommit,
       Error::kInvalidTxnState,
       "fatal INVALID_TXN_STATE, fatal INVALID_TXN_STATE, fatal INVALID_TXN_STATE, fatal "
       "INVALID_TXN_STATE, fatal INVALID_TXN_STATE"},
      {{"3.8", "4.0", "4.2"},
       Rpc::kTxnOffsetCommit,
       Error::kTransactionAbortable,
       "abortable TRANSACTION_ABORTABLE, abortable TRANSACTION_ABORTABLE, abortable "
       "TRANSACTION_ABORTABLE, ok, ok"},
      {{"3.6", "3.9"},
       Rpc::kProduce,
       Error::kInvalidProducerIdMapping,
       "abortable INVALID_PRODUCER_ID_MAPPING, abortable INVALID_PRODUCER_ID_MAPPING, ok, ok"},
      {{"4.0", "4.2"},
       Rpc::kProduce,
       Error::kInvalidProducerIdMapping,
       "fatal INVALID_PRODUCER_ID_MAPPING, fatal INVALID_PRODUCER_ID_MAPPING, fatal "
       "INVALID_PRODUCER_ID_MAPPING, fatal INVALID_PRODUCER_ID_MAPPING"},
      // Generation fencing (KIP-447).
      {{"2.5", "3.5", "4.2"},
       Rpc::kTxnOffsetCommit,
       Error::kIllegalGeneration,
       "commit failed ILLEGAL_GENERATION, abortable ILLEGAL_GENERATION, abortable "
       "ILLEGAL_GENERATION, ok, ok"},
      {{"2.5", "3.8", "4.0"},
       Rpc::kTxnOffsetCommit,
       Error::kFencedInstanceId,
       "instance FENCED_INSTANCE_ID, abortable FENCED_INSTANCE_ID, abortable FENCED_INSTANCE_ID, "
       "ok, ok"},
      // The coordinator has forgotten the id.
      {{"2.4", "4.0", "4.2"},
       Rpc::kEndTxn,
       Error::kInvalidProducerIdMapping,
       "fatal INVALID_PRODUCER_ID_MAPPING, fatal INVALID_PRODUCER_ID_MAPPING, fatal "
       "INVALID_PRODUCER_ID_MAPPING, fatal INVALID_PRODUCER_ID_MAPPING"},
      {{"2.5", "2.6", "2.8", "3.5", "3.9"},
       Rpc::kEndTxn,
       Error::kInvalidProducerIdMapping,
       "abortable INVALID_PRODUCER_ID_MAPPING, abortable INVALID_PRODUCER_ID_MAPPING, ok, ok"},
      // Retriable, but not for everybody.
      {{"2.4", "2.8"},
       Rpc::kEndTxn,
       Error::kRequestTimedOut,
       "fatal REQUEST_TIMED_OUT, fatal REQUEST_TIMED_OUT, fatal REQUEST_TIMED_OUT, fatal "
       "REQUEST_TIMED_OUT"},
      {{"3.5", "3.8", "4.2"}, Rpc::kEndTxn, Error::kRequestTimedOut, "illegal, ok"},
      {{"2.5", "3.5", "3.7"},
       Rpc::kTxnOffsetCommit,
       Error::kConcurrentTransactions,
       "fatal CONCURRENT_TRANSACTIONS, fatal CONCURRENT_TRANSACTIONS, fatal "
       "CONCURRENT_TRANSACTIONS, fatal CONCURRENT_TRANSACTIONS, fatal CONCURRENT_TRANSACTIONS"},
      {{"3.8", "4.0", "4.2"}, Rpc::kTxnOffsetCommit, Error::kConcurrentTransactions, "illegal, ok"},
      {{"2.4", "2.6", "3.8"},
       Rpc::kEndTxn,
       Error::kInvalidTxnState,
       "fatal INVALID_TXN_STATE, fatal INVALID_TXN_STATE, fatal INVALID_TXN_STATE, fatal "
       "INVALID_TXN_STATE"},
  };
  for (const Row& row : rows) {
    for (const char* preset : row.presets) {
      StubWorld w(preset);
      w.script().errors[row.rpc] = {row.error};
      const std::string seen = told(w);
      CAPTURE(preset, rpc_name(row.rpc), error_name(row.error), w.script().seen);
      // Where all went well the second begin succeeds, and so what follows is another transaction.
      if (std::string(row.told) == "illegal, ok") {
        CHECK(w.app().log == Words{"ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok"});
      } else {
        CHECK(seen == row.told);
      }
    }
  }
}

TEST_CASE("a coordinator that moves is looked up, one that loads is asked again") {
  const Error moved = Error::kNotCoordinator;
  const Error away = Error::kCoordinatorNotAvailable;
  const Error loads = Error::kCoordinatorLoadInProgress;
  for (const char* preset : {"2.4", "2.5", "3.8"}) {
    for (const Rpc rpc : {Rpc::kInitProducerId, Rpc::kAddPartitionsToTxn, Rpc::kAddOffsetsToTxn,
                          Rpc::kTxnOffsetCommit, Rpc::kEndTxn}) {
      for (const Error error : {moved, away, loads}) {
        StubWorld w(preset);
        w.script().errors[rpc] = {error, error};
        CAPTURE(preset, rpc_name(rpc), error_name(error));
        Words log = w.run({{C::kInit, {}},
                           {C::kBegin, {}},
                           {C::kSend, w.data(0), 1},
                           {C::kOffsets, w.data(1), 0},
                           {C::kCommit, {}}});
        CHECK(log == Words(4, "ok"));
        CHECK(count(w.script().seen, rpc_name(rpc)) == 3);
        CHECK(count(w.script().seen, "FindCoordinator") == (error == loads ? 2U : 4U));
      }
    }
    StubWorld w(preset);
    w.script().errors[Rpc::kFindCoordinator] = {away, loads, away};
    CHECK(w.run({{C::kInit, {}}}) == Words{"ok"});
    CHECK(count(w.script().seen, "FindCoordinator") == 4);
  }
}

TEST_CASE("KIP-360: the abort is followed by a request for the next epoch of the same producer") {
  for (const char* preset : {"2.5", "2.6", "2.8", "3.5", "3.6", "3.7", "3.8", "3.9"}) {
    StubWorld w(preset);
    w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 2}, {C::kFlush, {}}});
    w.take_seen();
    w.script().errors[Rpc::kProduce] = {Error::kInvalidTxnState};
    w.script().errors[Rpc::kInitProducerId] = {Error::kConcurrentTransactions};
    CHECK(w.go_on({{C::kSend, w.data(0), 1},
                   {C::kFlush, {}},
                   {C::kAbort, {}},
                   {C::kBegin, {}},
                   {C::kSend, w.data(0), 1},
                   {C::kCommit, {}}}) == Words(4, "ok"));
    Words seen = w.take_seen();
    // Versions have tests of their own.
    for (std::string& line : seen) {
      const size_t v = line.find(" v");
      line.erase(v, line.find(' ', v + 1) - v);
    }
    CAPTURE(preset);
    CHECK(seen == Words{"Produce 0: 0 7/0 seq 2", "EndTxn abort 7/0", "InitProducerId 7/0",
                        "InitProducerId 7/0", "AddPartitionsToTxn 7/1 0", "Produce 0: 0 7/1 seq 0",
                        "EndTxn commit 7/1"});
  }
}

TEST_CASE("before KIP-360, or against a coordinator before it, the epoch stays") {
  struct Row {
    const char* client;
    const char* brokers;
  };
  for (const Row& row : {Row{"2.4", "2.4"}, Row{"3.8", "2.4"}}) {
    StubWorld w(row.client, row.brokers);
    w.script().errors[Rpc::kProduce] = {Error::kInvalidTxnState};
    CHECK(w.run({{C::kInit, {}},
                 {C::kBegin, {}},
                 {C::kSend, w.data(0), 1},
                 {C::kFlush, {}},
                 {C::kAbort, {}}}) == Words(4, "ok"));
    CHECK(count(w.script().seen, "InitProducerId") == 1);
    CHECK(w.app().producer.producer().epoch == ProducerEpoch{0});
  }
}

TEST_CASE("a refused initialisation may be repeated since 3.6") {
  for (const char* preset : {"2.5", "3.5", "3.6", "4.0"}) {
    StubWorld w(preset);
    w.script().errors[Rpc::kInitProducerId] = {Error::kTransactionalIdAuthorizationFailed};
    const Words log = w.run({{C::kInit, {}}, {C::kInit, {}}, {C::kBegin, {}}});
    const bool recovers = find_preset(preset)->release >= Release::k36;
    CAPTURE(preset, log);
    CHECK(Words(log.begin() + 1, log.end()) ==
          (recovers ? Words{"ok", "ok"}
                    : Words{"fatal TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
                            "fatal TRANSACTIONAL_ID_AUTHORIZATION_FAILED"}));
  }
}

// KIP-447. Streams with exactly_once asks for the second (groups-streams-replication.md 5.3).
TEST_CASE("membership that a group coordinator cannot read is an error, or is not told") {
  for (const bool downgrades : {false, true}) {
    CAPTURE(downgrades);
    StubWorld w("2.6", "2.4");
    w.config.downgrades_txn_commit = downgrades;
    const Words log =
        w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kOffsets, w.data(0), 5}, {C::kCommit, {}}});
    if (downgrades) {
      CHECK(log == Words(4, "ok"));
      CHECK(count(w.script().seen, "TxnOffsetCommit v2 7/0 generation -1") == 1);
    } else {
      CHECK(log.at(2) == "fatal UNSUPPORTED_VERSION");
      CHECK(count(w.script().seen, "TxnOffsetCommit") == 0);
    }
  }
}

}  // namespace eosim::kafka::producer_test
