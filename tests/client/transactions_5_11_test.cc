// transactions.md 5.11: what a transactional call throws in each state of the producer, by the
// names of the Java client, and what the call throws that was waiting when the error struck.
#include "models/client/exceptions.h"
#include "reaction_cells.h"
#include "stub_cluster.h"

namespace eosim::kafka::producer_test::section_5_11 {
namespace {

using C = Command;
using Words = std::vector<std::string>;

std::string name_of(const CallResult& result) {
  constexpr const char* kNames[] = {"returns",
                                    "TimeoutException",
                                    "ProducerFencedException",
                                    "InvalidProducerEpochException",
                                    "CommitFailedException",
                                    "RebalanceInProgressException",
                                    "FencedInstanceIdException",
                                    "IllegalStateException",
                                    "OutOfOrderSequenceException",
                                    "AuthorizationException",
                                    "UnsupportedVersionException",
                                    "InvalidPidMappingException",
                                    "InvalidTxnStateException",
                                    "TransactionAbortableException",
                                    "ApiException",
                                    "KafkaException"};
  return kNames[static_cast<size_t>(exception_of(result))];
}

// What each of these comes to, made one after the other.
Words exceptions(StubWorld& w, const std::vector<C>& commands) {
  w.go_on(commands);
  Words names;
  for (const CallResult& result : w.app().results) names.push_back(name_of(result));
  return names;
}

// An error that strikes while a commit waits.
struct Row {
  const char* preset;
  Rpc rpc;
  Error error;
  const char* waiting;  // what the commit throws
  const char* later;    // begin, sendOffsets and commit after it
  const char* send;     // "": it returns
  const char* abort;
};

}  // namespace

TEST_CASE("transactions.md 5.11: the waiting call throws the error, later ones by the state") {
  const char* const fenced = "ProducerFencedException";
  const char* const stale = "InvalidProducerEpochException";
  const char* const kafka = "KafkaException";
  // Since 3.1.1 send() meets these two like any ApiException: they are in its future.
  const char* const future = "";
  const Row rows[] = {
      // FATAL_ERROR
      {"2.5", Rpc::kEndTxn, Error::kInvalidProducerEpoch, fenced, fenced, kafka, fenced},
      {"2.8", Rpc::kEndTxn, Error::kProducerFenced, fenced, fenced, kafka, fenced},
      {"4.2", Rpc::kEndTxn, Error::kProducerFenced, fenced, fenced, future, fenced},
      {"2.5", Rpc::kProduce, Error::kInvalidProducerEpoch, fenced, fenced, kafka, fenced},
      {"2.8", Rpc::kEndTxn, Error::kInvalidTxnState, "InvalidTxnStateException", kafka, kafka,
       kafka},
      {"2.8", Rpc::kEndTxn, Error::kTransactionalIdAuthorizationFailed, "AuthorizationException",
       kafka, kafka, kafka},
      {"4.0", Rpc::kEndTxn, Error::kInvalidProducerIdMapping, "InvalidPidMappingException", kafka,
       kafka, kafka},
      {"3.8", Rpc::kProduce, Error::kUnsupportedVersion, "UnsupportedVersionException", kafka,
       kafka, kafka},
      {"2.4", Rpc::kEndTxn, Error::kRequestTimedOut, "TimeoutException", kafka, kafka, kafka},
      // ABORTABLE_ERROR
      {"2.8", Rpc::kProduce, Error::kInvalidProducerEpoch, stale, stale, kafka, "returns"},
      {"3.9", Rpc::kProduce, Error::kInvalidProducerEpoch, stale, stale, future, "returns"},
      {"4.2", Rpc::kProduce, Error::kInvalidProducerEpoch, stale, stale, future, "returns"},
      {"2.8", Rpc::kProduce, Error::kOutOfOrderSequenceNumber, "OutOfOrderSequenceException", kafka,
       kafka, "returns"},
      {"2.8", Rpc::kAddPartitionsToTxn, Error::kTopicAuthorizationFailed, "AuthorizationException",
       kafka, kafka, "returns"},
      {"3.6", Rpc::kProduce, Error::kInvalidTxnState, "InvalidTxnStateException", kafka, kafka,
       "returns"},
      {"4.1", Rpc::kProduce, Error::kInvalidTxnState, "TransactionAbortableException", kafka, kafka,
       "returns"},
      {"3.8", Rpc::kProduce, Error::kTransactionAbortable, "TransactionAbortableException", kafka,
       kafka, "returns"},
      {"2.8", Rpc::kProduce, Error::kMessageTooLarge, "ApiException", kafka, kafka, "returns"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.preset, rpc_name(row.rpc), error_name(row.error));
    StubWorld w(row.preset);
    w.script().errors[row.rpc] = {row.error};
    w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kCommit, {}}});
    REQUIRE(w.app().results.size() == 3);
    CHECK(name_of(w.app().results.back()) == row.waiting);
    CHECK(exceptions(w, {{C::kBegin, {}}, {C::kOffsets, w.data(1), 0}, {C::kCommit, {}}}) ==
          Words(3, row.later));
    const uint64_t failed = w.app().producer.failed_records();
    const bool throws = row.send != future;
    CHECK(exceptions(w, {{C::kSend, w.data(0), 1}}) == (throws ? Words{row.send} : Words{}));
    CHECK(exceptions(w, {{C::kAbort, {}}}) == Words{row.abort});
    if (!throws) CHECK(w.app().producer.failed_records() == failed + 1);
  }
}

TEST_CASE("transactions.md 5.11: errors of sendOffsetsToTransaction") {
  struct OffsetsRow {
    const char* preset;
    Error error;
    const char* offsets;
    const char* commit;
    const char* abort;
  };
  const OffsetsRow rows[] = {
      {"2.5", Error::kIllegalGeneration, "CommitFailedException", "KafkaException", "returns"},
      {"4.2", Error::kUnknownMemberId, "CommitFailedException", "KafkaException", "returns"},
      {"2.8", Error::kFencedInstanceId, "FencedInstanceIdException", "KafkaException", "returns"},
      {"2.8", Error::kGroupAuthorizationFailed, "AuthorizationException", "KafkaException",
       "returns"},
      {"3.8", Error::kTransactionAbortable, "TransactionAbortableException", "KafkaException",
       "returns"},
      {"2.8", Error::kProducerFenced, "ProducerFencedException", "ProducerFencedException",
       "ProducerFencedException"},
      {"2.8", Error::kTopicAuthorizationFailed, "AuthorizationException", "KafkaException",
       "KafkaException"},
      {"3.7", Error::kInvalidTxnState, "InvalidTxnStateException", "KafkaException",
       "KafkaException"},
  };
  for (const OffsetsRow& row : rows) {
    CAPTURE(row.preset, error_name(row.error));
    StubWorld w(row.preset);
    w.script().errors[Rpc::kTxnOffsetCommit] = {row.error};
    w.run({{C::kInit, {}}, {C::kBegin, {}}});
    CHECK(exceptions(w, {{C::kOffsets, w.data(1), 0}, {C::kCommit, {}}, {C::kAbort, {}}}) ==
          Words{row.offsets, row.commit, row.abort});
  }
}

// The leader never takes the batch, and it expires between two attempts: nobody knows whether one
// of them has been appended.
TEST_CASE("transactions.md 5.8: an unknown outcome is a KafkaException, to a waiting commit too") {
  struct UnresolvedRow {
    const char* preset;
    const char* abort;
    size_t initialised;  // InitProducerId in all
  };
  const UnresolvedRow rows[] = {
      {"2.4", "KafkaException", 1}, {"2.8", "returns", 2}, {"3.9", "returns", 2}};
  for (const UnresolvedRow& row : rows) {
    StubWorld w(row.preset);
    w.config.request_timeout_ms = 500;
    w.config.delivery_timeout_ms = 1'050;
    w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(1), 1}, {C::kFlush, {}}});
    auto& errors = w.script().errors[Rpc::kProduce];
    errors.assign(100, Error::kNotEnoughReplicas);
    CAPTURE(row.preset);
    CHECK(exceptions(w, {{C::kSend, w.data(0), 1}, {C::kCommit, {}}}) == Words{"KafkaException"});
    errors.clear();
    CHECK(exceptions(w, {{C::kAbort, {}}}) == Words{row.abort});
    CHECK(count(w.script().seen, "InitProducerId") == row.initialised);
  }
}

TEST_CASE("transactions.md 5.11: misuse is IllegalStateException and changes nothing") {
  StubWorld w("2.8");
  w.run({{C::kBegin, {}}});
  CHECK(exceptions(w, {{C::kCommit, {}}, {C::kAbort, {}}, {C::kOffsets, w.data(0), 0}}) ==
        Words(3, "IllegalStateException"));
  CHECK(exceptions(w, {{C::kInit, {}}, {C::kInit, {}}, {C::kBegin, {}}, {C::kBegin, {}}}) ==
        Words{"returns", "IllegalStateException", "returns", "IllegalStateException"});
}

TEST_CASE("transactions.md 5.10: a call that timed out goes on, and only it may be repeated") {
  struct Row {
    const char* preset;
    C::Kind call;
    const char* other;  // what another call comes to meanwhile
  };
  // Up to 3.1.0 another call is refused by the state alone.
  const Row rows[] = {
      {"2.5", C::kInit, "IllegalStateException"},   {"3.5", C::kInit, "IllegalStateException"},
      {"2.5", C::kCommit, "IllegalStateException"}, {"3.5", C::kCommit, "IllegalStateException"},
      {"4.2", C::kCommit, "IllegalStateException"}, {"2.5", C::kAbort, "IllegalStateException"},
      {"4.2", C::kAbort, "IllegalStateException"}};
  for (const Row& row : rows) {
    CAPTURE(row.preset, static_cast<int>(row.call));
    StubWorld w(row.preset);
    w.config.max_block_ms = 3'000;
    if (row.call == C::kInit) {
      w.run({});
    } else {
      w.run({{C::kInit, {}}, {C::kBegin, {}}, {C::kSend, w.data(0), 1}, {C::kFlush, {}}});
    }
    w.script().silent = true;
    CHECK(exceptions(w, {{row.call, {}}}) == Words{"TimeoutException"});
    const C::Kind other = row.call == C::kCommit ? C::kAbort : C::kCommit;
    CHECK(exceptions(w, {{other, {}}}) == Words{row.other});
    w.script().silent = false;
    CHECK(exceptions(w, {{C::kWait, {}, 40'000}}).empty());
    const bool kept = std::string(row.preset) >= "3.5";
    CHECK(exceptions(w, {{row.call, {}}}) == Words{kept ? "returns" : "IllegalStateException"});
    CHECK(exceptions(w, {{C::kBegin, {}}}) == Words{"returns"});
  }
}

}  // namespace eosim::kafka::producer_test::section_5_11
