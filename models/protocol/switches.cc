#include "models/protocol/switches.h"

#include <algorithm>

namespace eosim::kafka {
namespace {

using std::string_view;
using enum Switch;
using enum Release;

constexpr std::array<string_view, 2> kOffOn = {"off", "on"};
constexpr std::array<string_view, 2> kNoneOld = {"none", "old"};
constexpr std::array<string_view, 2> kAtLeastEqual = {"at_least", "equal"};
constexpr std::array<string_view, 2> kFenceCodes = {"invalid_producer_epoch", "producer_fenced"};
constexpr std::array<string_view, 2> kPidSources = {"store_cas", "controller_rpc"};
constexpr std::array<string_view, 2> kVerifyFailErrors = {"invalid_txn_state",
                                                          "transaction_abortable"};
constexpr std::array<string_view, 2> kVersions01 = {"v0", "v1"};
constexpr std::array<string_view, 2> kLogRaise = {"log", "raise"};
constexpr std::array<string_view, 2> kExpirySettings = {"transactional_id", "producer_id"};
constexpr std::array<string_view, 3> kCheckStyles = {"v25", "v30", "v33"};
constexpr std::array<string_view, 2> kErrorOk = {"error", "ok"};
constexpr std::array<string_view, 2> kAsyncAtomic = {"async", "atomic"};
constexpr std::array<string_view, 2> kClassicNew = {"classic", "new"};
constexpr std::array<string_view, 2> kAdvanceHold = {"advance", "hold"};
constexpr std::array<string_view, 2> kFatalAbortable = {"fatal", "abortable"};
constexpr std::array<string_view, 2> kFatalBump = {"fatal", "bump"};
constexpr std::array<string_view, 2> kCompletionLazy = {"completion", "lazy"};
constexpr std::array<string_view, 3> kOffOnAll = {"off", "on", "all"};
constexpr std::array<string_view, 3> kClaims = {"highest_generation", "cancelling",
                                                "each_generation"};
constexpr std::array<string_view, 2> kConstantExponential = {"constant", "exponential"};
constexpr std::array<string_view, 2> kNoneFull = {"none", "full"};
constexpr std::array<string_view, 2> kInitTimings = {"in_callback", "after_poll"};
constexpr std::array<string_view, 2> kSharedAll = {"shared", "all"};
constexpr std::array<string_view, 3> kCommitPositions = {"last_record", "position",
                                                         "position_and_epoch"};
constexpr std::array<string_view, 2> kRestoreTargets = {"last_stable_offset", "high_watermark"};
constexpr std::array<string_view, 2> kRegistrations = {"always", "not_with_tv2"};

using Values = History<uint8_t>;
constexpr Values since(Release release) { return {0, {{release, 1}}}; }
constexpr Values until(Release release) { return {1, {{release, 0}}}; }

struct Row {
  Switch id;
  SwitchInfo info;
  Values values;
};

// Values: transactions.md 6.1 and 6.2, groups-streams-replication.md 0.2, at the last patch release
// of each minor version: what came with 2.7 is first in 2.8, what came with 3.7.1 is in 3.7.
constexpr std::array<Row, kSwitchCount> kTable = {{
    {kInitExpectedPair,
     {"init_expected_pair", Side::kServer, kOffOn, "transactions.md 2.3",
      "InitProducerId evaluates an expected producer id and epoch (KIP-360)"},
     since(k25)},
    {kFenceLastEpoch,
     {"fence_last_epoch", Side::kServer, kNoneOld, "transactions.md 3.5",
      "what a fence of epoch e leaves as the last producer epoch: nothing, or e"},
     {0, {{k25, 1}, {k26, 0}}}},
    {kClientEndtxnEpoch,
     {"client_endtxn_epoch", Side::kServer, kAtLeastEqual, "transactions.md 3.5",
      "how the epoch of a client's EndTxn must compare with the coordinator's (KAFKA-9600)"},
     since(k26)},
    {kFailedFenceGuard,
     {"failed_fence_guard", Side::kServer, kOffOn, "transactions.md 3.6",
      "a fence that was retried after a failed append does not bump the epoch again"},
     since(k26)},
    {kTcFenceCode,
     {"tc_fence_code", Side::kServer, kFenceCodes, "transactions.md 2.1",
      "what a coordinator answers to a fenced producer that understands both (KIP-588)"},
     since(k28)},
    {kPidSource,
     {"pid_source", Side::kServer, kPidSources, "transactions.md 1.6",
      "who hands out blocks of producer ids"},
     since(k35)},
    {kVerifyFailError,
     {"verify_fail_error", Side::kServer, kVerifyFailErrors, "transactions.md 2.4",
      "a partition that a leader asks about is not in the transaction"},
     since(k38)},
    {kTv2Endtxn,
     {"tv2_endtxn", Side::kServer, kOffOn, "transactions.md 3.5",
      "transaction.version is 2: each end bumps the epoch and answers the new pair"},
     since(k40)},
    {kPendingCheckFirst,
     {"pending_check_first", Side::kServer, kOffOn, "transactions.md 2.4",
      "a transition under way is noticed before a wrong producer id"},
     since(k40)},
    {kFenceDoubleBump,
     {"fence_double_bump", Side::kServer, kOffOn, "transactions.md 3.6",
      "a fence and the abort that follows it raise the epoch once each (KAFKA-19367)"},
     0},
    {kTxnLogValueVersion,
     {"txn_log_value_version", Side::kServer, kVersions01, "transactions.md 1.5",
      "the format of a transaction's record; v0 has no previous and next producer id"},
     since(k40)},
    {kExpireUnusedTids,
     {"expire_unused_tids", Side::kServer, kOffOn, "transactions.md 3.8",
      "transactional ids whose first append failed expire too (KAFKA-14880)"},
     since(k35)},
    {kResignForgetsOlderLoads,
     {"resign_forgets_older_loads", Side::kServer, kOffOn, "transactions.md 3.11",
      "a resignation cancels loads of every older epoch, not of one epoch (KAFKA-18137)"},
     since(k40)},
    {kPreviousIdRenewed,
     {"previous_id_renewed", Side::kServer, kOffOn, "transactions.md 1.2",
      "every transition of a transaction renews the previous producer id, not only some of them"},
     since(k41)},
    {kPlUnknownPidRaises,
     {"pl_unknown_pid_raises", Side::kServer, kOffOn, "transactions.md 4.4",
      "a first sequence other than 0 of an unknown producer is UNKNOWN_PRODUCER_ID"},
     until(k25)},
    {kPlEvictStateOnLogStart,
     {"pl_evict_state_on_log_start", Side::kServer, kOffOn, "transactions.md 4.9",
      "retention of its last record takes a producer's state along (up to 2.3)"},
     0},
    {kPlMarkerCoordEpochOnReplication,
     {"pl_marker_coord_epoch_on_replication", Side::kServer, kLogRaise, "transactions.md 4.6",
      "a replica that meets a marker of an older coordinator logs it, or fails (up to 2.3)"},
     0},
    {kEmptyMarkerBooksTxn,
     {"empty_marker_books_txn", Side::kServer, kOffOn, "transactions.md 4.6",
      "a marker without an open transaction is booked as a transaction of one offset"},
     until(k28)},
    {kProducerExpiry,
     {"producer_expiry_ms", Side::kServer, kExpirySettings, "transactions.md 4.9",
      "whose expiration.ms forgets the state of an idle producer"},
     since(k35)},
    {kVerifyProduce,
     {"verify_produce", Side::kServer, kOffOn, "transactions.md 4.11",
      "a leader asks the coordinator before a transaction's first write (KIP-890)"},
     since(k36)},
    {kVerifyOffsetCommit,
     {"verify_offset_commit", Side::kServer, kOffOn, "transactions.md 4.11",
      "and before its first offset commit"},
     since(k37)},
    {kVerifyNetworkError,
     {"verify_network_error", Side::kServer, kOffOn, "transactions.md 4.11",
      "a broken connection to the coordinator becomes a code that clients repeat"},
     since(k37)},
    {kVerifyOffsetErrorsMapped,
     {"verify_offset_errors_mapped", Side::kServer, kOffOn, "transactions.md 4.11",
      "offset commits get the mapped errors of Produce, not the coordinator's own"},
     {0, {{k37, 1}, {k38, 0}}}},
    {kOngoingCheckUsesEpoch,
     {"ongoing_check_uses_epoch", Side::kServer, kOffOn, "transactions.md 4.11",
      "an open transaction of another epoch does not count as verified"},
     since(k40)},
    {kImplicitRegistration,
     {"implicit_registration", Side::kServer, kOffOn, "transactions.md 4.11",
      "a leader registers its partition at a transaction's first write"},
     since(k40)},
    {kRejectNonzeroFirstSeq,
     {"reject_nonzero_first_seq", Side::kServer, kOffOn, "transactions.md 4.4",
      "an unknown producer has to begin at sequence 0"},
     since(k41)},
    {kEarlyStaleEpoch,
     {"early_stale_epoch", Side::kServer, kOffOn, "transactions.md 4.11",
      "a stale epoch is told before the verification fails"},
     since(k41)},
    {kStrictMarkerEpoch,
     {"strict_marker_epoch", Side::kServer, kOffOn, "transactions.md 4.6",
      "a marker of version 2 needs an epoch above the producer's (KIP-1228)"},
     since(k42)},
    {kTxnOffsetMembershipCheck,
     {"gc_member_check", Side::kServer, kOffOn, "groups-streams-replication.md 2.3",
      "TxnOffsetCommit checks generation, member and instance (KIP-447)"},
     since(k25)},
    {kTxnOffsetCheckStyle,
     {"txn_offset_check_style", Side::kServer, kCheckStyles, "groups-streams-replication.md 2.3",
      "the order of the checks of TxnOffsetCommit"},
     {0, {{k35, 2}}}},
    {kStableOffsetFetch,
     {"gc_require_stable", Side::kServer, kOffOn, "groups-streams-replication.md 2.8",
      "OffsetFetch honours the wish for stable offsets (KIP-447)"},
     since(k25)},
    {kHeartbeatInCompleting,
     {"heartbeat_in_completing", Side::kServer, kErrorOk, "groups-streams-replication.md 1.4",
      "the answer to a heartbeat while the group waits for the leader's assignment"},
     since(k26)},
    {kPendingSyncTimer,
     {"pending_sync_timer", Side::kServer, kOffOn, "groups-streams-replication.md 1.6",
      "members that joined and never send SyncGroup are removed"},
     since(k28)},
    {kMarkerMaterialization,
     {"marker_materialization", Side::kServer, kAsyncAtomic, "groups-streams-replication.md 2.5",
      "whether a marker's offsets show with the marker, or by a task after it"},
     since(k40)},
    {kCoordinatorImpl,
     {"coordinator_impl", Side::kServer, kClassicNew, "groups-streams-replication.md 1.14",
      "which group coordinator serves classic groups"},
     since(k40)},
    {kUnknownInstanceCheck,
     {"unknown_instance_check", Side::kServer, kOffOn, "groups-streams-replication.md 1.3",
      "every request of a member is tested for an unknown instance id, not JoinGroup alone"},
     since(k35)},
    {kStaticSwapPersisted,
     {"static_swap_persisted", Side::kServer, kOffOn, "groups-streams-replication.md 1.12",
      "a static member that comes back is answered when its new id is in the log"},
     since(k26)},
    {kStaticSwapChecksProtocol,
     {"static_swap_checks_protocol", Side::kServer, kOffOn, "groups-streams-replication.md 1.12",
      "a static member that comes back with other protocols may rebalance a stable group"},
     since(k26)},
    {kStaticSwapInCompleting,
     {"static_swap_in_completing", Side::kServer, kOffOn, "groups-streams-replication.md 1.12",
      "a static member that comes back before the assignment rebalances the group"},
     since(k25)},
    {kExpireOnlyWhenStable,
     {"expire_only_when_stable", Side::kServer, kOffOn, "groups-streams-replication.md 1.13",
      "offsets of topics that a group left expire only while it is stable (KAFKA-13636)"},
     since(k28)},
    {kHwUnderMinIsr,
     {"hw_under_min_isr", Side::kServer, kAdvanceHold, "groups-streams-replication.md 6.4",
      "what the high watermark does while fewer replicas are in sync than must be"},
     since(k37)},
    {kElr,
     {"elr", Side::kServer, kOffOn, "groups-streams-replication.md 7.3",
      "replicas that left the ISR below its minimum may still be elected (KIP-966)"},
     since(k41)},
    {kTruncateToHw,
     {"truncate_to_hw", Side::kServer, kOffOn, "groups-streams-replication.md 6.6",
      "a follower truncates to its own high watermark, not by leader epoch (before 0.11)"},
     0},
    {kIsrShrinkBumpsLeaderEpoch,
     {"isr_shrink_bumps_leader_epoch", Side::kServer, kOffOn, "groups-streams-replication.md 6.7",
      "a smaller ISR alone begins a new leader epoch"},
     until(k36)},
    {kClientCanBumpEpoch,
     {"client_can_bump_epoch", Side::kClient, kOffOn, "transactions.md 5.9",
      "a producer asks for a new epoch instead of failing for good (KIP-360)"},
     since(k25)},
    {kLeader47,
     {"leader_47", Side::kClient, kFatalAbortable, "transactions.md 2.13",
      "INVALID_PRODUCER_EPOCH in a Produce response (KIP-588)"},
     since(k28)},
    {kPidMappingError,
     {"pid_mapping_error", Side::kClient, kFatalBump, "transactions.md 2.13",
      "INVALID_PRODUCER_ID_MAPPING from the coordinator"},
     {0, {{k25, 1}, {k40, 0}}}},
    {kUnresolvedSequences,
     {"unresolved_sequences", Side::kClient, kFatalAbortable, "transactions.md 5.8",
      "a batch of a transaction expired and its outcome is unknown"},
     since(k25)},
    {kSequenceReset,
     {"sequence_reset", Side::kClient, kCompletionLazy, "transactions.md 5.9",
      "when a partition begins again at 0 after an idempotent producer's own bump"},
     since(k28)},
    {kRpcGenericRetriable,
     {"rpc_generic_retriable", Side::kClient, kOffOnAll, "transactions.md 2.13",
      "transactional requests are repeated after any retriable error; on: not TxnOffsetCommit"},
     {0, {{k35, 1}, {k38, 2}}}},
    {kGroupMetadata,
     {"group_metadata", Side::kClient, kOffOn, "transactions.md 6.2",
      "TxnOffsetCommit carries generation, member and instance (KIP-447)"},
     since(k25)},
    {kRequireStable,
     {"require_stable", Side::kClient, kOffOn, "groups-streams-replication.md 0.2",
      "a consumer asks for stable offsets (KIP-447)"},
     since(k25)},
    {kFailIfStableUnsupported,
     {"fail_if_stable_unsupported", Side::kClient, kOffOn, "groups-streams-replication.md 0.3",
      "and fails where a broker cannot give them, as Streams does"},
     0},
    {kKeepMemberIdOnIllegalGeneration,
     {"keep_member_id_on_illegal_generation", Side::kClient, kOffOn,
      "groups-streams-replication.md 3.4",
      "ILLEGAL_GENERATION makes a consumer join again under its member id"},
     since(k35)},
    {kPollBlocksOnJoin,
     {"poll_blocks_on_join", Side::kClient, kOffOn, "groups-streams-replication.md 3.1",
      "poll() spends its time on a rebalance and returns nothing of what it owns (up to 2.5.0)"},
     until(k25)},
    {kHeartbeatAfterJoin,
     {"heartbeat_after_join", Side::kClient, kOffOn, "groups-streams-replication.md 3.2",
      "a member beats from the answer to its JoinGroup on, not only once it is stable"},
     since(k26)},
    {kStickyClaims,
     {"sticky_claims", Side::kClient, kClaims, "groups-streams-replication.md 3.3",
      "whom a sticky assignor believes when two members claim a partition (KIP-792)"},
     {0, {{k28, 1}, {k35, 2}}}},
    {kPrepareAfterReset,
     {"prepare_after_reset", Side::kClient, kOffOn, "groups-streams-replication.md 3.3",
      "a member that lost its id while joining gives up its partitions first (KAFKA-12983)"},
     since(k28)},
    {kLateResultKept,
     {"late_result_kept", Side::kClient, kOffOn, "transactions.md 5.10",
      "a call that timed out may be repeated though it ended meanwhile"},
     since(k35)},
    {kSendApiErrorChangesState,
     {"send_api_error_changes_state", Side::kClient, kOffOn, "transactions.md 6.2",
      "an error of send() moves the transaction to an error state"},
     since(k35)},
    {kRegisterBeforeAppend,
     {"register_before_append", Side::kClient, kOffOn, "transactions.md 6.2",
      "send() registers a partition before it has a batch (up to 2.3)"},
     0},
    {kAppendBeforeCheck,
     {"append_before_check", Side::kClient, kOffOn, "transactions.md 5.5",
      "send() looks at the state when its record is in the accumulator already (3.1.1)"},
     since(k35)},
    {kSplitHalves,
     {"split_halves", Side::kClient, kOffOn, "transactions.md 5.7",
      "a batch that is too large once more is cut in two, whatever batch.size is (KAFKA-8350)"},
     since(k41)},
    {kInitAuthErrorRecoverable,
     {"init_auth_error_recoverable", Side::kClient, kOffOn, "transactions.md 6.2",
      "initTransactions() may be repeated after a refused authorisation"},
     since(k36)},
    {kPoisonOnIllegalTransition,
     {"poison_on_illegal_transition", Side::kClient, kOffOn, "transactions.md 6.2",
      "an illegal transition in the I/O loop ends the producer"},
     since(k36)},
    {kBatchRetryBackoff,
     {"batch_retry_backoff", Side::kClient, kConstantExponential, "transactions.md 6.2",
      "how the pause between attempts grows (KIP-580)"},
     since(k37)},
    {kExplicitRegistration,
     {"explicit_registration", Side::kClient, kRegistrations, "transactions.md 5.12",
      "AddPartitionsToTxn and AddOffsetsToTxn are sent"},
     since(k40)},
    {kWrapTransactionAbortable,
     {"wrap_as_transaction_abortable", Side::kClient, kOffOn, "transactions.md 5.11",
      "abortable errors reach the application as TransactionAbortableException"},
     since(k41)},
    {kAbortAbortableIsFatal,
     {"abort_abortable_is_fatal", Side::kClient, kOffOn, "transactions.md 5.11",
      "an abortable error of an abort ends the producer"},
     since(k41)},
    {kV1Metadata,
     {"v1_metadata", Side::kApplication, kNoneFull, "groups-streams-replication.md 5.3",
      "what Streams with exactly_once tells the group coordinator of its membership"},
     {0, {{k26, 1}, {k35, 0}}}},
    {kInitTxnTiming,
     {"init_txn_timing", Side::kApplication, kInitTimings, "groups-streams-replication.md 5.5",
      "when Streams initialises the producer of a new task: before or after its offset is fetched"},
     since(k26)},
    {kCommitTxnWithoutOffsets,
     {"commit_txn_without_offsets", Side::kApplication, kOffOn, "groups-streams-replication.md 5.5",
      "Streams commits an open transaction though no task has offsets for it"},
     since(k35)},
    {kRevocationCommitsAll,
     {"revocation_commits_all", Side::kApplication, kSharedAll, "groups-streams-replication.md 5.5",
      "which guarantees commit all tasks with those that leave: of a shared producer, or all"},
     since(k28)},
    {kCommitBeforeDirtyClose,
     {"commit_before_dirty_close", Side::kApplication, kOffOn, "groups-streams-replication.md 5.7",
      "Streams commits its healthy tasks before it aborts for a corrupted one"},
     1},
    {kCommitPosition,
     {"commit_position", Side::kApplication, kCommitPositions, "groups-streams-replication.md 5.5",
      "what a Streams task commits: behind its last record, or where it reads on, or that with its "
      "leader epoch (KAFKA-15344)"},
     {0, {{k25, 1}, {k40, 2}}}},
    {kProcessIdPersisted,
     {"process_id_persisted", Side::kApplication, kOffOn, "groups-streams-replication.md 5.3",
      "a Streams instance with stores has the same process id after a restart"},
     since(k28)},
    {kRestoreTarget,
     {"restore_target", Side::kApplication, kRestoreTargets, "groups-streams-replication.md 5.6",
      "up to where a store is restored before its task runs (KAFKA-10167)"},
     since(k26)},
    {kWipeUncleanStore,
     {"wipe_unclean_store", Side::kApplication, kOffOn, "groups-streams-replication.md 5.6",
      "state that an unclean stop left is deleted under exactly-once (KAFKA-7192)"},
     1},
}};

consteval bool in_order() {
  for (size_t i = 0; i < kSwitchCount; ++i) {
    const Row& row = kTable[i];
    if (static_cast<size_t>(row.id) != i) return false;
    if (row.values.first() >= row.info.values.size()) return false;
    for (const Values::Change& change : row.values) {
      if (change.value >= row.info.values.size()) return false;
    }
  }
  return true;
}
static_assert(in_order(), "the table is indexed by Switch");

}  // namespace

const SwitchInfo& switch_info(Switch s) { return kTable.at(static_cast<size_t>(s)).info; }

std::optional<Switch> find_switch(string_view name) {
  const auto at =
      std::ranges::find_if(kTable, [&](const Row& row) { return row.info.name == name; });
  if (at == kTable.end()) return std::nullopt;
  return at->id;
}

bool Switches::set(Switch s, string_view word) {
  const auto& words = switch_info(s).values;
  const auto at = std::ranges::find(words, word);
  if (at == words.end()) return false;
  values_[static_cast<size_t>(s)] = static_cast<uint8_t>(at - words.begin());
  return true;
}

Switches preset_switches(const Preset& preset) {
  Switches switches;
  for (const Row& row : kTable) switches.set(row.id, row.values.at(preset.release));
  return switches;
}

}  // namespace eosim::kafka
