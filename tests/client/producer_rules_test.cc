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
      // A producer that has gone over to TV2 may bump its epoch behind a commit too.
      const bool upgrade = source == S::kCommittingTransaction && row.target == S::kInitializing;
      CHECK(legal_transition(source, row.target, true) == (allowed || upgrade));
    }
  }
}

TEST_CASE("errors of transactional requests have the reactions of the table") {
  // Columns: FindCoordinator, InitProducerId, AddPartitions, AddOffsets, TxnOffsetCommit, EndTxn.
  const R r = R::kRetry, l = R::kRediscover, f = R::kFatal, x = R::kFatalFenced;
  const R ab = R::kAbortable, end = R::kAbortableAtEnd, bump = R::kAbortableBump;
  const std::vector<ReactionRow> all = {
      {Error::kNone, {R::kDone, R::kDone, R::kDone, R::kDone, R::kDone, R::kDone}},
      {Error::kCoordinatorNotAvailable, {r, l, l, l, l, l}},
      {Error::kNotCoordinator, {r, l, l, l, l, l}},
      {Error::kCoordinatorLoadInProgress, {r, r, r, r, r, r}},
      {Error::kInvalidProducerEpoch, {f, x, x, x, x, x}},
      {Error::kProducerFenced, {f, x, x, x, x, x}},
      {Error::kUnknownProducerId, {f, f, bump, bump, f, bump}},
      {Error::kInvalidTxnState, {f, f, f, f, f, f}},
      {Error::kOperationNotAttempted, {f, f, end, f, f, f}},
      {Error::kIllegalGeneration, {f, f, end, f, R::kCommitFailed, f}},
      {Error::kUnknownMemberId, {f, f, end, f, R::kCommitFailed, f}},
      {Error::kFencedInstanceId, {f, f, end, f, R::kFencedInstance, f}},
      {Error::kTopicAuthorizationFailed, {f, f, end, f, f, f}},
      {Error::kGroupAuthorizationFailed, {ab, f, end, ab, ab, f}},
      {Error::kTransactionAbortable, {ab, ab, ab, ab, ab, ab}},
      {Error::kUnknownServerError, {f, f, end, f, f, f}},
  };
  // What changed: REQUEST_TIMED_OUT, other retriable codes, CONCURRENT_TRANSACTIONS, a refused id,
  // code 49.
  struct Era {
    std::vector<const char*> presets;
    std::vector<ReactionRow> rows;
  };
  const ReactionRow timed_out_before{Error::kRequestTimedOut, {r, f, end, f, l, f}};
  const ReactionRow timed_out{Error::kRequestTimedOut, {r, r, r, r, l, r}};
  const ReactionRow topic_before{Error::kUnknownTopicOrPartition, {r, f, r, f, r, f}};
  const ReactionRow topic{Error::kUnknownTopicOrPartition, {r, r, r, r, r, r}};
  const ReactionRow few_before{Error::kNotEnoughReplicas, {r, f, end, f, f, f}};
  const ReactionRow few_c{Error::kNotEnoughReplicas, {r, r, r, r, f, r}};
  const ReactionRow few_d8{Error::kNotEnoughReplicas, {r, r, r, r, r, r}};
  const ReactionRow concurrent{Error::kConcurrentTransactions, {f, r, r, r, f, r}};
  const ReactionRow concurrent_d8{Error::kConcurrentTransactions, {f, r, r, r, r, r}};
  const ReactionRow refused{Error::kTransactionalIdAuthorizationFailed, {f, f, f, f, f, f}};
  const ReactionRow refused_d{Error::kTransactionalIdAuthorizationFailed, {f, ab, f, f, f, f}};
  const ReactionRow mapping_fatal{Error::kInvalidProducerIdMapping, {f, f, f, f, f, f}};
  const ReactionRow mapping{Error::kInvalidProducerIdMapping, {f, f, bump, bump, f, bump}};
  const Era eras[] = {
      {{"2.4"}, {timed_out_before, topic_before, few_before, concurrent, refused, mapping_fatal}},
      {{"2.5", "2.6", "2.8"},
       {timed_out_before, topic_before, few_before, concurrent, refused, mapping}},
      {{"3.5"}, {timed_out, topic, few_c, concurrent, refused, mapping}},
      {{"3.6", "3.7"}, {timed_out, topic, few_c, concurrent, refused_d, mapping}},
      {{"3.8", "3.9"}, {timed_out, topic, few_d8, concurrent_d8, refused_d, mapping}},
      {{"4.0", "4.1", "4.2"}, {timed_out, topic, few_d8, concurrent_d8, refused_d, mapping_fatal}},
  };
  size_t presets_seen = 0;
  for (const Era& era : eras) {
    std::vector<ReactionRow> rows = all;
    rows.insert(rows.end(), era.rows.begin(), era.rows.end());
    for (const char* preset : era.presets) {
      ++presets_seen;
      for (const ReactionRow& row : rows) {
        for (size_t i = 0; i < 6; ++i) {
          CAPTURE(preset, error_name(row.error), rpc_name(kRpcs[i]));
          CHECK(reaction_to(kRpcs[i], row.error, switches_of(preset)) == row.of[i]);
        }
      }
    }
  }
  CHECK(presets_seen == presets().size());
}

TEST_CASE("since 4.1 an abort that is told to abort ends the producer") {
  for (const Preset& preset : presets()) {
    const bool later = preset.release >= Release::k41;
    CAPTURE(preset.name);
    CHECK(reaction_to(Rpc::kEndTxn, Error::kTransactionAbortable, preset_switches(preset), true) ==
          (later ? R::kFatal : R::kAbortable));
  }
}

TEST_CASE("a failed batch aborts the transaction or ends the producer") {
  using B = FailedBatchReaction;
  struct Row {
    Error error;
    B reaction;
  };
  const Row rows[] = {
      {Error::kProducerFenced, B::kFatalFenced},
      {Error::kUnsupportedVersion, B::kFatal},
      {Error::kInvalidTxnState, B::kAbortable},
      {Error::kTransactionAbortable, B::kAbortable},
      {Error::kClusterAuthorizationFailed, B::kFatal},
      {Error::kTransactionalIdAuthorizationFailed, B::kFatal},
      {Error::kOutOfOrderSequenceNumber, B::kAbortable},
      {Error::kRequestTimedOut, B::kAbortable},
  };
  for (const Preset& preset : presets()) {
    const Switches switches = preset_switches(preset);
    const bool knows_bumps = preset.release >= Release::k25;
    CAPTURE(preset.name);
    for (const Row& row : rows) {
      CAPTURE(error_name(row.error));
      CHECK(reaction_to_failed_batch(row.error, switches, knows_bumps) == row.reaction);
    }
    // Up to 2.7 this code is the fence.
    CHECK(reaction_to_failed_batch(Error::kInvalidProducerEpoch, switches, knows_bumps) ==
          (preset.release >= Release::k28 ? B::kAbortable : B::kFatalFenced));
    CHECK(reaction_to_failed_batch(Error::kInvalidProducerIdMapping, switches, knows_bumps) ==
          (preset.release >= Release::k40 ? B::kFatal : B::kAbortable));
    const bool wraps = preset.release >= Release::k41;
    for (const Error error : {Error::kRequestTimedOut, Error::kInvalidTxnState}) {
      CHECK(error_of_failed_batch(error, switches) ==
            (wraps ? Error::kTransactionAbortable : error));
    }
    CHECK(error_of_failed_batch(Error::kMessageTooLarge, switches) == Error::kMessageTooLarge);
  }
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
