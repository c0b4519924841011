// The value of every switch in every preset, against the specification's tables by variant. The
// code has the values by release; the two are written independently.
#include <map>
#include <string>
#include <vector>

#include "catch.h"
#include "models/protocol/switches.h"

namespace eosim::kafka {
namespace {

// Columns of transactions.md 6.1; for 6.2 and groups-streams-replication.md 0.2 (which states the
// release that brought a value) the same columns.
const std::vector<std::string_view> kVariants = {"A", "B", "C", "D6", "D7", "D8", "E1", "E2"};

struct MatrixRow {
  Switch id;
  const char* name;
  // A column a word, "=" for "same". "on/2.8:off": the value changed at that release within the
  // variant.
  const char* cells;
};

constexpr MatrixRow kMatrix[] = {
    // transactions.md 6.1
    {Switch::kInitExpectedPair, "init_expected_pair", "off on = = = = = ="},
    // E: the path of transaction.version 2 has its own rule.
    {Switch::kFenceLastEpoch, "fence_last_epoch", "none old none = = = = ="},
    {Switch::kClientEndtxnEpoch, "client_endtxn_epoch", "at_least = equal = = = = ="},
    {Switch::kFailedFenceGuard, "failed_fence_guard", "off off on = = = = ="},
    {Switch::kTcFenceCode, "tc_fence_code",
     "invalid_producer_epoch = invalid_producer_epoch/2.8:producer_fenced producer_fenced = = = ="},
    {Switch::kPlUnknownPidRaises, "pl_unknown_pid_raises", "on off = = = = = ="},
    {Switch::kPlEvictStateOnLogStart, "pl_evict_state_on_log_start", "off = = = = = = ="},
    {Switch::kPlMarkerCoordEpochOnReplication, "pl_marker_coord_epoch_on_replication",
     "log = = = = = = ="},
    {Switch::kEmptyMarkerBooksTxn, "empty_marker_books_txn", "on on on/2.8:off off = = = ="},
    {Switch::kTxnOffsetMembershipCheck, "gc_member_check", "off on = = = = = ="},
    {Switch::kStableOffsetFetch, "gc_require_stable", "off on = = = = = ="},
    {Switch::kPidSource, "pid_source",
     "store_cas = store_cas/3.5:controller_rpc controller_rpc = = = ="},
    {Switch::kProducerExpiry, "producer_expiry_ms",
     "transactional_id = transactional_id/3.5:producer_id producer_id = = = ="},
    {Switch::kVerifyProduce, "verify_produce", "off off off on = = = ="},
    {Switch::kVerifyOffsetCommit, "verify_offset_commit", "off off off off on = = ="},
    {Switch::kVerifyFailError, "verify_fail_error",
     "invalid_txn_state = = = = transaction_abortable = ="},
    {Switch::kVerifyNetworkError, "verify_network_error", "off = = off on = = ="},
    {Switch::kOngoingCheckUsesEpoch, "ongoing_check_uses_epoch", "off = = off = = on ="},
    {Switch::kTv2Endtxn, "tv2_endtxn", "off = = = = = on ="},
    {Switch::kImplicitRegistration, "implicit_registration", "off = = = = = on ="},
    {Switch::kPendingCheckFirst, "pending_check_first", "off = = = = = on ="},
    {Switch::kFenceDoubleBump, "fence_double_bump", "off = = = = = off ="},
    {Switch::kRejectNonzeroFirstSeq, "reject_nonzero_first_seq", "off = = = = = off/4.1:on on"},
    {Switch::kEarlyStaleEpoch, "early_stale_epoch", "off = = = = = off/4.1:on on"},
    {Switch::kStrictMarkerEpoch, "strict_marker_epoch", "off = = = = = = on"},
    {Switch::kTxnLogValueVersion, "txn_log_value_version", "v0 = = = = = v1 ="},
    // transactions.md 1.2, 3.8, 3.11, 4.11 step 6, 6.6
    {Switch::kExpireUnusedTids, "expire_unused_tids", "off off off/3.5:on on = = = ="},
    {Switch::kResignForgetsOlderLoads, "resign_forgets_older_loads", "off = = = = = on ="},
    {Switch::kPreviousIdRenewed, "previous_id_renewed", "off = = = = = off/4.1:on on"},
    {Switch::kVerifyOffsetErrorsMapped, "verify_offset_errors_mapped", "off = = = on off = ="},
    // groups-streams-replication.md 0.2, 6.7, 7.3
    {Switch::kTxnOffsetCheckStyle, "txn_offset_check_style", "v25 = v25/3.5:v33 v33 = = = ="},
    {Switch::kHeartbeatInCompleting, "heartbeat_in_completing", "error error ok = = = = ="},
    {Switch::kPendingSyncTimer, "pending_sync_timer", "off off off/2.8:on on = = = ="},
    {Switch::kMarkerMaterialization, "marker_materialization", "async = = = = = atomic ="},
    {Switch::kCoordinatorImpl, "coordinator_impl", "classic = = = = = new ="},
    // 1.3 and 1.12; known-bugs.md D42.
    {Switch::kUnknownInstanceCheck, "unknown_instance_check", "off off off/3.5:on on = = = ="},
    {Switch::kStaticSwapPersisted, "static_swap_persisted", "off off on = = = = ="},
    {Switch::kStaticSwapChecksProtocol, "static_swap_checks_protocol", "off off on = = = = ="},
    {Switch::kStaticSwapInCompleting, "static_swap_in_completing", "off on = = = = = ="},
    {Switch::kExpireOnlyWhenStable, "expire_only_when_stable", "off off off/2.8:on on = = = ="},
    {Switch::kHwUnderMinIsr, "hw_under_min_isr", "advance = = advance hold = = ="},
    {Switch::kElr, "elr", "off = = = = = off/4.1:on on"},
    {Switch::kTruncateToHw, "truncate_to_hw", "off = = = = = = ="},
    {Switch::kIsrShrinkBumpsLeaderEpoch, "isr_shrink_bumps_leader_epoch", "on = on off = = = ="},
    {Switch::kRequireStable, "require_stable", "off on = = = = = ="},
    {Switch::kFailIfStableUnsupported, "fail_if_stable_unsupported", "off = = = = = = ="},
    {Switch::kKeepMemberIdOnIllegalGeneration, "keep_member_id_on_illegal_generation",
     "off off off/3.5:on on = = = ="},
    {Switch::kPollBlocksOnJoin, "poll_blocks_on_join", "on off = = = = = ="},
    {Switch::kHeartbeatAfterJoin, "heartbeat_after_join", "off off on = = = = ="},
    // 3.3: KIP-792, KAFKA-12983, KAFKA-12984
    {Switch::kStickyClaims, "sticky_claims",
     "highest_generation = highest_generation/2.8:cancelling/3.5:each_generation each_generation "
     "= = = ="},
    {Switch::kPrepareAfterReset, "prepare_after_reset", "off off off/2.8:on on = = = ="},
    // transactions.md 6.2
    {Switch::kClientCanBumpEpoch, "client_can_bump_epoch", "off on = = = = = ="},
    {Switch::kLeader47, "leader_47", "fatal = fatal/2.8:abortable abortable = = = ="},
    {Switch::kPidMappingError, "pid_mapping_error", "fatal bump = = = = fatal ="},
    {Switch::kUnresolvedSequences, "unresolved_sequences", "fatal abortable = = = = = ="},
    {Switch::kSequenceReset, "sequence_reset",
     "completion completion completion/2.8:lazy lazy = = = ="},
    {Switch::kGroupMetadata, "group_metadata", "off on = = = = = ="},
    {Switch::kRegisterBeforeAppend, "register_before_append", "off = = = = = = ="},
    {Switch::kAppendBeforeCheck, "append_before_check", "off off off/3.5:on on = = = ="},
    {Switch::kSendApiErrorChangesState, "send_api_error_changes_state",
     "off off off/3.5:on on = = = ="},
    {Switch::kLateResultKept, "late_result_kept", "off off off/3.5:on on = = = ="},
    {Switch::kRpcGenericRetriable, "rpc_generic_retriable", "off off off/3.5:on on on all = ="},
    {Switch::kSplitHalves, "split_halves", "off = = = = = off/4.1:on on"},
    {Switch::kInitAuthErrorRecoverable, "init_auth_error_recoverable", "off off off on = = = ="},
    {Switch::kPoisonOnIllegalTransition, "poison_on_illegal_transition", "off off off on = = = ="},
    {Switch::kBatchRetryBackoff, "batch_retry_backoff", "constant = = constant exponential = = ="},
    {Switch::kExplicitRegistration, "explicit_registration", "always = = = = = not_with_tv2 ="},
    {Switch::kWrapTransactionAbortable, "wrap_as_transaction_abortable",
     "off = = = = = off/4.1:on on"},
    {Switch::kAbortAbortableIsFatal, "abort_abortable_is_fatal", "off = = = = = off/4.1:on on"},
    // groups-streams-replication.md 0.2, 5.3, 5.5 to 5.7
    {Switch::kV1Metadata, "v1_metadata", "none none full/3.5:none none = = = ="},
    {Switch::kInitTxnTiming, "init_txn_timing", "in_callback = after_poll = = = = ="},
    {Switch::kCommitTxnWithoutOffsets, "commit_txn_without_offsets",
     "off off off/3.5:on on = = = ="},
    {Switch::kRevocationCommitsAll, "revocation_commits_all",
     "shared shared shared/2.8:all all = = = ="},
    {Switch::kCommitBeforeDirtyClose, "commit_before_dirty_close", "on = = = = = = ="},
    {Switch::kCommitPosition, "commit_position",
     "last_record position = = = = position_and_epoch ="},
    {Switch::kProcessIdPersisted, "process_id_persisted", "off off off/2.8:on on = = = ="},
    {Switch::kRestoreTarget, "restore_target", "last_stable_offset = high_watermark = = = = ="},
    {Switch::kWipeUncleanStore, "wipe_unclean_store", "on = = = = = = ="},
};
static_assert(std::size(kMatrix) == kSwitchCount);

std::map<std::string_view, std::string> cells_of(const MatrixRow& row) {
  std::map<std::string_view, std::string> cells;
  std::string rest = row.cells;
  std::string last;
  for (const std::string_view variant : kVariants) {
    const size_t end = rest.find(' ');
    std::string cell = rest.substr(0, end);
    rest = end == std::string::npos ? "" : rest.substr(end + 1);
    if (cell != "=") last = cell;
    REQUIRE_FALSE(last.empty());
    cells[variant] = last;
  }
  REQUIRE(rest.empty());
  return cells;
}

// Releases compare as texts: "2.8" < "3.5" < "4.1".
std::string value_in(const std::string& cell, std::string_view release) {
  const size_t slash = cell.rfind('/');
  if (slash == std::string::npos) return cell;
  const size_t colon = cell.rfind(':');
  const std::string from = cell.substr(slash + 1, colon - slash - 1);
  return release < from ? value_in(cell.substr(0, slash), release) : cell.substr(colon + 1);
}

TEST_CASE("each switch has in each preset the value of its variant") {
  for (const MatrixRow& row : kMatrix) {
    CAPTURE(row.name);
    CHECK(switch_info(row.id).name == row.name);
    CHECK(find_switch(row.name) == row.id);
    const auto cells = cells_of(row);
    for (const Preset& preset : presets()) {
      CAPTURE(preset.name);
      const Switches switches = preset_switches(preset);
      const auto& words = switch_info(row.id).values;
      REQUIRE(switches.value(row.id) < words.size());
      CHECK(std::string(words[switches.value(row.id)]) ==
            value_in(cells.at(preset.variant), preset.name));
    }
  }
}

TEST_CASE("presets have the eras and variants of the contract") {
  const std::vector<std::vector<std::string_view>> rows = {
      {"2.4", "E1", "A"},  {"2.5", "E2", "B"},  {"2.6", "E2", "C"},  {"2.8", "E2", "C"},
      {"3.5", "E2", "C"},  {"3.6", "E3", "D6"}, {"3.7", "E3", "D7"}, {"3.8", "E3", "D8"},
      {"3.9", "E3", "D8"}, {"4.0", "E4", "E1"}, {"4.1", "E4", "E1"}, {"4.2", "E4", "E2"}};
  REQUIRE(presets().size() == rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const Preset& preset = presets()[i];
    CHECK(std::vector{preset.name, preset.era, preset.variant} == rows[i]);
    CHECK(static_cast<size_t>(preset.release) == i);
    CHECK(find_preset(preset.name) == &preset);
  }
  CHECK(find_preset("0.10") == nullptr);
  CHECK(preset_switches(*find_preset("3.8")) == preset_switches(*find_preset("3.9")));
}

}  // namespace
}  // namespace eosim::kafka
