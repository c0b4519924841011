// The table of groups-streams-replication.md 4.3, row by row: what the plain loop does about each
// exception. The loop and its clients are real; one answer of the broker is not.
#include <algorithm>

#include "app_world.h"
#include "models/app/app_reaction.h"

namespace eosim::kafka::app_test {
namespace {

using Words = std::vector<std::string>;

struct Row {
  const char* exception;
  const char* preset;
  Rpc rpc;
  Error error;
  Words does;             // from the refused request on
  int64_t linger_ms = 0;  // batches go out at once, or with the commit
};

// Rewinds, does the work again and commits it.
Words again(Words before) {
  before.insert(before.end(), {"OffsetFetch", "TxnOffsetCommit", "EndTxn commit", "committed"});
  return before;
}

}  // namespace

TEST_CASE("groups 4.3: what an application sees decides what it does") {
  struct Cell {
    Exception exception;
    AppReaction send, offsets, commit, abort;
  };
  using R = AppReaction;
  const Cell cells[] = {
      {Exception::kProducerFenced, R::kClose, R::kClose, R::kClose, R::kClose},
      {Exception::kOutOfOrderSequence, R::kClose, R::kClose, R::kClose, R::kClose},
      {Exception::kAuthorization, R::kClose, R::kClose, R::kClose, R::kClose},
      {Exception::kUnsupportedVersion, R::kClose, R::kClose, R::kClose, R::kClose},
      {Exception::kFencedInstanceId, R::kClose, R::kClose, R::kClose, R::kClose},
      {Exception::kIllegalState, R::kClose, R::kClose, R::kClose, R::kClose},
      {Exception::kCommitFailed, R::kAbort, R::kAbort, R::kAbort, R::kClose},
      {Exception::kInvalidProducerEpoch, R::kAbort, R::kAbort, R::kAbort, R::kClose},
      {Exception::kTransactionAbortable, R::kAbort, R::kAbort, R::kAbort, R::kClose},
      {Exception::kInvalidTxnState, R::kAbort, R::kAbort, R::kAbort, R::kClose},
      {Exception::kInvalidPidMapping, R::kAbort, R::kAbort, R::kAbort, R::kClose},
      {Exception::kOther, R::kAbort, R::kAbort, R::kAbort, R::kClose},
      {Exception::kKafka, R::kAbort, R::kAbort, R::kAbort, R::kClose},
      {Exception::kTimeout, R::kAbort, R::kAbort, R::kRepeat, R::kRepeat},
  };
  for (const Cell& cell : cells) {
    CAPTURE(static_cast<int>(cell.exception));
    CHECK(reaction_to(ApiCall::kSend, cell.exception) == cell.send);
    CHECK(reaction_to(ApiCall::kSendOffsets, cell.exception) == cell.offsets);
    CHECK(reaction_to(ApiCall::kCommit, cell.exception) == cell.commit);
    CHECK(reaction_to(ApiCall::kAbort, cell.exception) == cell.abort);
  }
  CHECK(reaction_to(ApiCall::kInit, Exception::kTimeout) == R::kRepeat);
  CHECK(reaction_to(ApiCall::kInit, Exception::kKafka) == R::kClose);
  CHECK(reaction_to(ApiCall::kCommit, Exception::kNone) == R::kGoOn);
}

TEST_CASE("groups 4.3: the plain loop with one producer a thread, row by row") {
  const Row rows[] = {
      {"ProducerFencedException: close, never abort",
       "2.8",
       Rpc::kEndTxn,
       Error::kProducerFenced,
       {"EndTxn commit", "LeaveGroup", "closed PRODUCER_FENCED", "created", "InitProducerId"}},
      {"ProducerFencedException of sendOffsets",
       "2.8",
       Rpc::kTxnOffsetCommit,
       Error::kProducerFenced,
       {"TxnOffsetCommit", "LeaveGroup", "closed PRODUCER_FENCED", "created", "InitProducerId"}},
      {"ProducerFencedException, up to 2.6 from a leader",
       "2.5",
       Rpc::kProduce,
       Error::kInvalidProducerEpoch,
       {"LeaveGroup", "closed INVALID_PRODUCER_EPOCH", "created", "InitProducerId"}},
      {"OutOfOrderSequenceException, while the commit waits",
       "2.8",
       Rpc::kProduce,
       Error::kOutOfOrderSequenceNumber,
       // The abort is close()'s: it could still be aborted.
       {"EndTxn abort", "LeaveGroup", "closed OUT_OF_ORDER_SEQUENCE_NUMBER", "created"},
       60'000},
      {"the same before it: a KafkaException around it", "2.8", Rpc::kProduce,
       Error::kOutOfOrderSequenceNumber, again({"EndTxn abort", "InitProducerId"})},
      {"AuthorizationException",
       "2.8",
       Rpc::kTxnOffsetCommit,
       Error::kTopicAuthorizationFailed,
       {"TxnOffsetCommit", "LeaveGroup", "closed TOPIC_AUTHORIZATION_FAILED", "created",
        "InitProducerId"}},
      {"UnsupportedVersionException",
       "2.8",
       Rpc::kProduce,
       Error::kUnsupportedVersion,
       {"LeaveGroup", "closed UNSUPPORTED_VERSION", "created", "InitProducerId"}},
      {"FencedInstanceIdException of sendOffsets",
       "2.8",
       Rpc::kTxnOffsetCommit,
       Error::kFencedInstanceId,
       {"TxnOffsetCommit", "EndTxn abort", "LeaveGroup", "closed FENCED_INSTANCE_ID", "created",
        "InitProducerId"}},
      {"CommitFailedException: abort, rewind", "2.8", Rpc::kTxnOffsetCommit,
       Error::kIllegalGeneration, again({"TxnOffsetCommit", "EndTxn abort"})},
      {"another KafkaException: abort, rewind", "3.8", Rpc::kTxnOffsetCommit,
       Error::kTransactionAbortable, again({"TxnOffsetCommit", "EndTxn abort"})},
      {"InvalidProducerEpochException: abort, rewind, with a new epoch", "2.8", Rpc::kProduce,
       Error::kInvalidProducerEpoch, again({"EndTxn abort", "InitProducerId"})},
      {"a KafkaException that was the end: the abort throws, close",
       "2.8",
       Rpc::kEndTxn,
       Error::kInvalidTxnState,
       {"EndTxn commit", "LeaveGroup", "closed INVALID_TXN_STATE", "created", "InitProducerId"}},
  };
  for (const Row& row : rows) {
    AppOptions options;
    options.preset = row.preset;
    options.settings[SettingId::kLingerMs] = row.linger_ms;
    AppWorld w(options);
    Words seen = w.meet(row.rpc, {row.error});
    CAPTURE(row.exception, seen);
    CHECK(w.script().over);  // the application goes on, in every case
    seen.resize(std::min(seen.size(), row.does.size()));
    CHECK(seen == row.does);
  }
}

TEST_CASE("groups 4.3: a commit that timed out is repeated, and never aborted") {
  for (const char* preset : {"2.5", "3.5", "4.2"}) {
    AppOptions options;
    options.preset = preset;
    options.settings = {{SettingId::kMaxBlockMs, 3'000}, {SettingId::kRequestTimeoutMs, 8'000}};
    AppWorld w(options);
    const Words seen = w.leave_unanswered(Rpc::kEndTxn, 1);
    CAPTURE(preset, seen);
    CHECK(seen == Words{"EndTxn commit", "EndTxn commit", "committed"});
  }
}

TEST_CASE("groups 4.3: giving a commit up closes the producer, and another one asks how it ended") {
  AppOptions options;
  options.settings = {{SettingId::kMaxBlockMs, 1'000}, {SettingId::kRequestTimeoutMs, 20'000}};
  AppWorld w(options);
  Words seen = w.leave_unanswered(Rpc::kEndTxn, 1);
  CAPTURE(seen);
  REQUIRE(seen.size() > 4);
  seen.resize(5);
  CHECK(seen == Words{"EndTxn commit", "LeaveGroup", "closed", "created", "InitProducerId"});
}

TEST_CASE("groups 4.2: the loop with one producer a partition, row by row") {
  const Row rows[] = {
      {"fenced: close, drop the partition, neither abort nor seek; the group deals anew",
       "2.4",
       Rpc::kEndTxn,
       Error::kInvalidProducerEpoch,
       {"EndTxn commit", "closed INVALID_PRODUCER_EPOCH"}},
      {"another KafkaException: abort, back to the committed offset",
       "2.4",
       Rpc::kProduce,
       Error::kInvalidTxnState,
       {"EndTxn abort", "OffsetFetch"}},
      {"a KafkaException that was the end",
       "2.4",
       Rpc::kEndTxn,
       Error::kRequestTimedOut,
       {"EndTxn commit", "closed REQUEST_TIMED_OUT"}},
  };
  for (const Row& row : rows) {
    AppOptions options;
    options.preset = row.preset;
    options.scope = ProducerScope::kInputPartition;
    options.commit = OffsetCommitWay::kTransaction;
    AppWorld w(options);
    w.script().commits_wanted = 6;
    Words seen = w.meet(row.rpc, {row.error});
    CAPTURE(row.exception, seen);
    CHECK(w.script().over);
    // The producer of the other partition goes on meanwhile: these come in this order.
    auto at = seen.begin();
    for (const std::string& wanted : row.does) {
      at = std::find(at, seen.end(), wanted);
      CHECK(at != seen.end());
    }
  }
}

}  // namespace eosim::kafka::app_test
