// Which exception migrates a task, corrupts it, or ends its thread (groups-streams-replication.md
// 5.7): the table.
#include "models/app/streams/reactions.h"
#include "catch.h"

using namespace eosim::kafka;

TEST_CASE("what Streams makes of an exception") {
  using enum StreamsCall;
  using enum StreamsReaction;
  using T = Thrown;
  using E = Error;
  const struct {
    StreamsCall call;
    Thrown thrown;
    Error error;
    StreamsReaction reaction;
  } rows[] = {
      // initTransactions
      {kInit, T::kNothing, E::kNone, kGoOn},
      {kInit, T::kTimeout, E::kNone, kTryLater},
      {kInit, T::kFatal, E::kTransactionalIdAuthorizationFailed, kDie},
      // beginTransaction
      {kBegin, T::kProducerFenced, E::kProducerFenced, kMigrated},
      {kBegin, T::kInvalidProducerEpoch, E::kInvalidProducerEpoch, kMigrated},
      {kBegin, T::kFatal, E::kInvalidProducerIdMapping, kMigrated},
      {kBegin, T::kIllegalState, E::kNone, kDie},
      // send, and what a flush finds
      {kSend, T::kProducerFenced, E::kProducerFenced, kMigrated},
      {kSend, T::kAbortable, E::kInvalidProducerEpoch, kMigrated},
      {kSend, T::kAbortable, E::kUnknownProducerId, kMigrated},
      {kSend, T::kAbortable, E::kOutOfOrderSequenceNumber, kMigrated},
      {kSend, T::kAbortable, E::kRequestTimedOut, kCorrupted},
      {kSend, T::kAbortable, E::kNotEnoughReplicas, kCorrupted},
      {kSend, T::kAbortable, E::kNone, kCorrupted},  // expired without an answer
      {kSend, T::kFatal, E::kTopicAuthorizationFailed, kDie},
      {kSend, T::kAbortable, E::kMessageTooLarge, kDie},
      // the commit under exactly-once
      {kSendOffsets, T::kCommitFailed, E::kIllegalGeneration, kMigrated},
      {kSendOffsets, T::kProducerFenced, E::kProducerFenced, kMigrated},
      {kSendOffsets, T::kTimeout, E::kNone, kCorrupted},
      {kSendOffsets, T::kFencedInstanceId, E::kFencedInstanceId, kDie},
      {kSendOffsets, T::kFatal, E::kUnsupportedVersion, kDie},
      {kCommitTransaction, T::kTimeout, E::kNone, kCorrupted},
      {kCommitTransaction, T::kInvalidProducerEpoch, E::kInvalidProducerEpoch, kMigrated},
      {kCommitTransaction, T::kAbortable, E::kInvalidTxnState, kDie},
      // the commit of at_least_once
      {kCommitSync, T::kCommitFailed, E::kUnknownMemberId, kMigrated},
      {kCommitSync, T::kTimeout, E::kNone, kTryLater},
      {kCommitSync, T::kRebalanceInProgress, E::kRebalanceInProgress, kTryLater},
      {kCommitSync, T::kFencedInstanceId, E::kFencedInstanceId, kDie},
      {kCommitSync, T::kFatal, E::kGroupAuthorizationFailed, kDie},
  };
  for (const auto& row : rows) {
    CAPTURE(static_cast<int>(row.call), static_cast<int>(row.thrown), error_name(row.error));
    CHECK(react(row.call, {row.thrown, row.error}) == row.reaction);
  }
}
