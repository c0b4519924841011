// transactions.md 5.7 and the last paragraph of 2.13: what becomes of a batch that a leader
// refuses, by what a real producer sends and tells.
//
//   R   the same batch again          S   told to be written
//   AB, AB+, F, FF as in transactions_2_13_test.cc
#include "reaction_cells.h"
#include "stub_cluster.h"

namespace eosim::kafka::producer_test::section_5_7 {
namespace {

using C = Command;
using Words = std::vector<std::string>;

struct Row {
  Error error;
  const char* transactional;
  const char* idempotent;  // "F": the batch fails, and nothing else can
};

const Row kRows[] = {
    {Error::kNotLeaderOrFollower, "R", "R"},
    {Error::kNotEnoughReplicas, "R", "R"},
    {Error::kNotEnoughReplicasAfterAppend, "R", "R"},
    {Error::kRequestTimedOut, "R", "R"},
    {Error::kNetworkException, "R", "R"},
    {Error::kUnknownTopicOrPartition, "R", "R"},
    {Error::kKafkaStorageError, "R", "R"},
    {Error::kCoordinatorLoadInProgress, "R", "R"},
    {Error::kCoordinatorNotAvailable, "R", "R"},
    {Error::kNotCoordinator, "R", "R"},
    // Retriable since 3.3; leaders send it since 4.0.
    {Error::kConcurrentTransactions, "-|4.0:R", "-"},
    {Error::kDuplicateSequenceNumber, "S", "S"},
    {Error::kInvalidProducerEpoch, "FF|2.8:AB+", "-"},
    {Error::kProducerFenced, "FF", "-"},
    {Error::kInvalidTxnState, "AB|2.5:AB+", "-"},
    {Error::kTransactionAbortable, "-|3.8:AB+", "-"},
    {Error::kInvalidProducerIdMapping, "AB|2.5:AB+|4.0:F", "-"},
    {Error::kClusterAuthorizationFailed, "F", "F"},
    {Error::kTransactionalIdAuthorizationFailed, "F", "-"},
    {Error::kUnsupportedVersion, "F", "F"},
    {Error::kTopicAuthorizationFailed, "AB|2.5:AB+", "failed"},
    {Error::kMessageTooLarge, "AB|2.5:AB+", "failed"},
    {Error::kInvalidRecord, "AB|2.5:AB+", "failed"},
    {Error::kUnknownServerError, "AB|2.5:AB+", "failed"},
    // The next one in sequence: a gap that nothing explains.
    {Error::kOutOfOrderSequenceNumber, "AB|2.5:AB+", "failed|2.5:R"},
    // The log's start is behind what was acknowledged (nothing): sequences begin again.
    {Error::kUnknownProducerId, "R", "R"},
};

std::string observed(StubWorld& w, bool transactional) {
  Producer& producer = w.app().producer;
  if (producer.state() == ProducerClientState::kFatalError) {
    return producer.last_error().thrown == Thrown::kProducerFenced ? "FF" : "F";
  }
  if (producer.state() == ProducerClientState::kAbortableError) {
    if (w.go_on({{C::kAbort, {}}}) != Words{"ok"}) return "not aborted";
    return count(w.script().seen, "InitProducerId") > 1 ? "AB+" : "AB";
  }
  if (producer.failed_records() > 0) return transactional ? "failed alone" : "failed";
  return count(w.script().seen, "Produce") > 1 ? "R" : "S";
}

}  // namespace

TEST_CASE("transactions.md 5.7: what becomes of a batch that a leader refuses") {
  for (const Preset& preset : presets()) {
    const std::string brokers = preset.release >= Release::k40 ? "3.9" : "";
    for (const Row& row : kRows) {
      CAPTURE(preset.name, error_name(row.error));
      const std::string in_transaction = cell_in(row.transactional, preset.name);
      if (in_transaction != "-") {
        StubWorld w(std::string(preset.name), brokers);
        w.script().errors[Rpc::kProduce] = {row.error};
        w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kFlush, {}}});
        CHECK(observed(w, true) == in_transaction);
      }
      const std::string alone = cell_in(row.idempotent, preset.name);
      if (alone != "-") {
        StubWorld w(std::string(preset.name), brokers, false);
        w.script().errors[Rpc::kProduce] = {row.error};
        w.run({{C::kSend, w.data(0), 1}, {C::kFlush, {}}});
        CHECK(observed(w, false) == alone);
      }
    }
  }
}

// The leader takes batches of three records at most; batch.size lets ten into one.
TEST_CASE("transactions.md 5.7: a batch that is too large is cut, with its sequences") {
  const int32_t most = static_cast<int32_t>(kBatchOverheadBytes) + 3 * 100;
  for (const bool transactional : {true, false}) {
    StubWorld w("4.1", "3.9", transactional);
    w.script().max_message_bytes = static_cast<uint32_t>(most);
    w.config.linger_ms = 20;
    w.run(transactional ? std::vector<C>{{C::kInit, {}}, {C::kBegin, {}}} : std::vector<C>{});
    w.go_on({{C::kSend, w.data(0), 10}, {C::kFlush, {}}});
    Words seen = w.take_seen();
    std::erase_if(seen, [](const std::string& line) { return !line.starts_with("Produce"); });
    for (std::string& line : seen) line = line.substr(line.find("seq"));
    // Whole; as a piece of batch.size; then pieces of half of that with the header, 4, 4 and 2
    // records; of half of those, 1 record each. What follows waits for what is before it.
    CHECK(seen == Words{"seq 0", "seq 0", "seq 0", "seq 0", "seq 1", "seq 2", "seq 3", "seq 4",
                        "seq 4", "seq 5", "seq 6", "seq 7", "seq 8"});
    CHECK(w.app().producer.failed_records() == 0);
    CHECK(w.script().next_offset == Offset{10});
  }
}

TEST_CASE("transactions.md 5.7: before 4.1 it goes out again as it is, until it expires") {
  StubWorld w("3.9");
  w.script().max_message_bytes = 400;
  w.config.linger_ms = 20;
  w.config.request_timeout_ms = 400;
  w.config.delivery_timeout_ms = 500;
  w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 10}, {C::kCommit, {}}});
  CHECK(w.app().log.back() == "abortable REQUEST_TIMED_OUT");
  const Words seen = w.take_seen();
  CHECK(count(seen, "Produce") > 100);
  CHECK(count(seen, "EndTxn") == 0);
}

TEST_CASE("transactions.md 5.7: one record that is too large cannot be cut") {
  StubWorld w("4.2");
  w.script().max_message_bytes = 100;
  w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kCommit, {}}});
  CHECK(w.app().log.back() == "abortable MESSAGE_TOO_LARGE");
  CHECK(w.go_on({{C::kAbort, {}}}) == Words{"ok"});
}

}  // namespace eosim::kafka::producer_test::section_5_7
