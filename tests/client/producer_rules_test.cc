// The tables of a producer's rules: transitions (transactions.md 5.1), reactions to errors (2.13),
// outcomes of batches (5.7).
#include <algorithm>
#include <string>
#include <vector>

#include "catch.h"
#include "models/client/produce_outcome.h"
#include "models/client/producer_state.h"
#include "models/client/rpc_reaction.h"
#include "models/protocol/switches.h"

namespace eosim::kafka {
namespace {

using S = ProducerClientState;
using R = Reaction;

Switches switches_of(const char* preset) { return preset_switches(*find_preset(preset)); }

constexpr Rpc kRpcs[] = {Rpc::kFindCoordinator, Rpc::kInitProducerId,  Rpc::kAddPartitionsToTxn,
                         Rpc::kAddOffsetsToTxn, Rpc::kTxnOffsetCommit, Rpc::kEndTxn};

struct ReactionRow {
  Error error;
  R of[6];
};

}  // namespace

TEST_CASE("a producer's state changes only as the table says") {
  struct Row {
    S target;
    std::vector<S> sources;
  };
  const std::vector<S> all = {
      S::kUninitialized,         S::kInitializing,        S::kReady,          S::kInTransaction,
      S::kCommittingTransaction, S::kAbortingTransaction, S::kAbortableError, S::kFatalError};
  const Row rows[] = {
      {S::kUninitialized, {S::kReady, S::kAbortableError}},
      {S::kInitializing, {S::kUninitialized, S::kAbortingTransaction}},
      {S::kReady, {S::kInitializing, S::kCommittingTransaction, S::kAbortingTransaction}},
      {S::kInTransaction, {S::kReady}},
      {S::kCommittingTransaction, {S::kInTransaction}},
      {S::kAbortingTransaction, {S::kInTransaction, S::kAbortableError}},
      {S::kAbortableError,
       {S::kInTransaction, S::kCommittingTransaction, S::kAbortableError, S::kInitializing}},
      {S::kFatalError, all},
  };
  for (const Row& row : rows) {
    for (const S source : all) {
      const bool allowed =
          std::find(row.sources.begin(), row.sources.end(), source) != row.sources.end();
      CAPTURE(static_cast<int>(source), static_cast<int>(row.target));
      CHECK(legal_transition(source, row.target) == allowed);
    }
  }
}

TEST_CASE("errors of transactional requests have the reactions of the table") {
  // Columns: FindCoordinator, InitProducerId, AddPartitions, AddOffsets, TxnOffsetCommit, EndTxn.
  const R r = R::kRetry, l = R::kRediscover, f = R::kFatal, x = R::kFatalFenced;
  const R ab = R::kAbortableAtEnd, bump = R::kAbortableBump;
  const std::vector<ReactionRow> both = {
      {Error::kNone, {R::kDone, R::kDone, R::kDone, R::kDone, R::kDone, R::kDone}},
      {Error::kCoordinatorNotAvailable, {r, l, l, l, l, l}},
      {Error::kNotCoordinator, {r, l, l, l, l, l}},
      {Error::kCoordinatorLoadInProgress, {r, r, r, r, r, r}},
      {Error::kConcurrentTransactions, {f, r, r, r, f, r}},
      {Error::kRequestTimedOut, {r, f, ab, f, l, f}},
      {Error::kNotEnoughReplicas, {r, f, ab, f, f, f}},
      {Error::kUnknownTopicOrPartition, {r, f, r, f, r, f}},
      {Error::kInvalidProducerEpoch, {f, x, x, x, x, x}},
      {Error::kProducerFenced, {f, x, x, x, x, x}},
      {Error::kUnknownProducerId, {f, f, bump, bump, f, bump}},
      {Error::kInvalidTxnState, {f, f, f, f, f, f}},
      {Error::kOperationNotAttempted, {f, f, ab, f, f, f}},
      {Error::kIllegalGeneration, {f, f, ab, f, R::kCommitFailed, f}},
      {Error::kUnknownMemberId, {f, f, ab, f, R::kCommitFailed, f}},
      {Error::kFencedInstanceId, {f, f, ab, f, R::kFencedInstance, f}},
      {Error::kUnknownServerError, {f, f, ab, f, f, f}},
  };
  for (const char* preset : {"2.4", "2.5"}) {
    std::vector<ReactionRow> rows = both;
    if (std::string(preset) == "2.4") {
      rows.push_back({Error::kInvalidProducerIdMapping, {f, f, f, f, f, f}});
    } else {
      rows.push_back({Error::kInvalidProducerIdMapping, {f, f, bump, bump, f, bump}});
    }
    for (const ReactionRow& row : rows) {
      for (size_t i = 0; i < 6; ++i) {
        CAPTURE(preset, error_name(row.error), rpc_name(kRpcs[i]));
        CHECK(reaction_to(kRpcs[i], row.error, switches_of(preset)) == row.of[i]);
      }
    }
  }
}

TEST_CASE("with the generic rule every retriable code is retried, but in TxnOffsetCommit") {
  Switches switches = switches_of("2.5");
  switches.set(Switch::kRpcGenericRetriable, uint8_t{1});
  for (const Rpc rpc :
       {Rpc::kInitProducerId, Rpc::kAddPartitionsToTxn, Rpc::kAddOffsetsToTxn, Rpc::kEndTxn}) {
    CHECK(reaction_to(rpc, Error::kRequestTimedOut, switches) == R::kRetry);
    CHECK(reaction_to(rpc, Error::kNotEnoughReplicasAfterAppend, switches) == R::kRetry);
  }
  CHECK(reaction_to(Rpc::kTxnOffsetCommit, Error::kNotEnoughReplicas, switches) == R::kFatal);
}

TEST_CASE("a failed batch aborts the transaction or ends the producer") {
  using B = FailedBatchReaction;
  struct Row {
    Error error;
    B reaction;
  };
  const Row rows[] = {
      {Error::kInvalidProducerEpoch, B::kFatalFenced},  // 2.4, 2.5: this code is the fence
      {Error::kProducerFenced, B::kFatalFenced},
      {Error::kUnsupportedVersion, B::kFatal},
      {Error::kInvalidTxnState, B::kAbortable},
      {Error::kInvalidProducerIdMapping, B::kAbortable},
      {Error::kOutOfOrderSequenceNumber, B::kAbortable},
      {Error::kRequestTimedOut, B::kAbortable},
  };
  for (const char* preset : {"2.4", "2.5"}) {
    for (const Row& row : rows) {
      CAPTURE(preset, error_name(row.error));
      CHECK(reaction_to_failed_batch(row.error, switches_of(preset)) == row.reaction);
    }
  }
  Switches later = switches_of("2.5");
  later.set(Switch::kLeader47, "abortable");
  CHECK(reaction_to_failed_batch(Error::kInvalidProducerEpoch, later) == B::kAbortable);
}

TEST_CASE("whether a refused batch is sent again depends on what is known of its sequence") {
  struct Row {
    const char* what;
    RefusedBatch batch;
    RetryDecision decision;
  };
  const Error order = Error::kOutOfOrderSequenceNumber;
  const Error unknown = Error::kUnknownProducerId;
  const RetryDecision no{}, yes{.retry = true}, bump{.retry = true, .request_bump = true};
  const RetryDecision restart{.retry = true, .restart_sequences = true};
  const Row rows[] = {
      {"retriable", {.error = Error::kNotLeaderOrFollower, .transactional = true}, yes},
      {"not retriable", {.error = Error::kInvalidTxnState, .transactional = true}, no},
      {"an earlier batch must fail first", {.error = order, .transactional = true}, yes},
      {"the next one", {.error = order, .transactional = true, .next_in_sequence = true}, no},
      {"renumbered since",
       {.error = order, .transactional = true, .rewritten = true, .next_in_sequence = true},
       yes},
      {"unresolved", {.error = order, .transactional = true, .partition_unresolved = true}, no},
      {"idempotent, next", {.error = order, .can_bump = true, .next_in_sequence = true}, bump},
      {"idempotent, unresolved",
       {.error = order, .can_bump = true, .partition_unresolved = true},
       yes},
      {"idempotent, follows the unresolved",
       {.error = order, .can_bump = true, .partition_unresolved = true, .follows_unresolved = true},
       bump},
      {"idempotent 2.4, next", {.error = order, .next_in_sequence = true}, no},
      {"no log start", {.error = unknown, .transactional = true}, yes},
      {"log start passed what was acknowledged",
       {.error = unknown,
        .log_start_offset = Offset{10},
        .transactional = true,
        .last_acked_offset = Offset{9}},
       restart},
      {"the same, renumbered already",
       {.error = unknown,
        .log_start_offset = Offset{10},
        .transactional = true,
        .rewritten = true,
        .last_acked_offset = Offset{9}},
       yes},
      {"unknown without a reason",
       {.error = unknown,
        .log_start_offset = Offset{10},
        .transactional = true,
        .last_acked_offset = Offset{10}},
       no},
      {"unknown without a reason, idempotent",
       {.error = unknown,
        .log_start_offset = Offset{10},
        .can_bump = true,
        .last_acked_offset = Offset{10}},
       bump},
      {"unknown without a reason, idempotent 2.4",
       {.error = unknown, .log_start_offset = Offset{10}, .last_acked_offset = Offset{10}},
       no},
      {"of an id that was dropped",
       {.error = Error::kNetworkException, .current_producer = false},
       no},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(decide_retry(row.batch) == row.decision);
  }
}

}  // namespace eosim::kafka
