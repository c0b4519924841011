#include "models/protocol/switches.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using std::string_view;
using enum Switch;

constexpr std::array<string_view, 2> kOffOn = {"off", "on"};
constexpr std::array<string_view, 2> kNoneOld = {"none", "old"};
constexpr std::array<string_view, 2> kAtLeastEqual = {"at_least", "equal"};
constexpr std::array<string_view, 2> kFenceCodes = {"invalid_producer_epoch", "producer_fenced"};
constexpr std::array<string_view, 3> kCheckStyles = {"v25", "v30", "v33"};
constexpr std::array<string_view, 2> kErrorOk = {"error", "ok"};
constexpr std::array<string_view, 2> kFatalAbortable = {"fatal", "abortable"};
constexpr std::array<string_view, 2> kFatalBump = {"fatal", "bump"};

struct Row {
  Switch id;
  SwitchInfo info;
  uint8_t in_2_4;  // variant A
  uint8_t in_2_5;  // variant B
};

// Values: transactions.md 6.1 and 6.2, columns A and B; groups-streams-replication.md 0.2. A preset
// is the last patch release of its minor version: 2.4.1 and 2.5.1.
constexpr std::array<Row, kSwitchCount> kTable = {{
    {kInitExpectedPair,
     {"init_expected_pair", Side::kServer, kOffOn, "transactions.md 2.3",
      "InitProducerId evaluates an expected producer id and epoch (KIP-360)"},
     0,
     1},
    {kFenceLastEpoch,
     {"fence_last_epoch", Side::kServer, kNoneOld, "transactions.md 3.5",
      "what a fence of epoch e leaves as the last producer epoch: nothing, or e"},
     0,
     1},
    {kClientEndtxnEpoch,
     {"client_endtxn_epoch", Side::kServer, kAtLeastEqual, "transactions.md 3.5",
      "how the epoch of a client's EndTxn must compare with the coordinator's"},
     0,
     0},
    {kFailedFenceGuard,
     {"failed_fence_guard", Side::kServer, kOffOn, "transactions.md 3.6",
      "a fence that was retried after a failed append does not bump the epoch again"},
     0,
     0},
    {kTcFenceCode,
     {"tc_fence_code", Side::kServer, kFenceCodes, "transactions.md 2.1",
      "what a coordinator answers to a fenced producer that understands both (KIP-588)"},
     0,
     0},
    {kPlUnknownPidRaises,
     {"pl_unknown_pid_raises", Side::kServer, kOffOn, "transactions.md 4.4",
      "a first sequence other than 0 of an unknown producer is UNKNOWN_PRODUCER_ID"},
     1,
     0},
    {kEmptyMarkerBooksTxn,
     {"empty_marker_books_txn", Side::kServer, kOffOn, "transactions.md 4.6",
      "a marker without an open transaction is booked as a transaction of one offset"},
     1,
     1},
    {kTxnOffsetMembershipCheck,
     {"gc_member_check", Side::kServer, kOffOn, "groups-streams-replication.md 2.3",
      "TxnOffsetCommit checks generation, member and instance (KIP-447)"},
     0,
     1},
    {kTxnOffsetCheckStyle,
     {"txn_offset_check_style", Side::kServer, kCheckStyles, "groups-streams-replication.md 2.3",
      "the order of the checks of TxnOffsetCommit"},
     0,
     0},
    {kStableOffsetFetch,
     {"gc_require_stable", Side::kServer, kOffOn, "groups-streams-replication.md 2.8",
      "OffsetFetch honours the wish for stable offsets (KIP-447)"},
     0,
     1},
    {kHeartbeatInCompleting,
     {"heartbeat_in_completing", Side::kServer, kErrorOk, "groups-streams-replication.md 1.4",
      "the answer to a heartbeat while the group waits for the leader's assignment"},
     0,
     0},
    {kPendingSyncTimer,
     {"pending_sync_timer", Side::kServer, kOffOn, "groups-streams-replication.md 1.6",
      "members that joined and never send SyncGroup are removed"},
     0,
     0},
    {kClientCanBumpEpoch,
     {"client_can_bump_epoch", Side::kClient, kOffOn, "transactions.md 5.9",
      "a producer asks for a new epoch instead of failing for good (KIP-360)"},
     0,
     1},
    {kLeader47,
     {"leader_47", Side::kClient, kFatalAbortable, "transactions.md 2.13",
      "INVALID_PRODUCER_EPOCH in a Produce response (KIP-588)"},
     0,
     0},
    {kPidMappingError,
     {"pid_mapping_error", Side::kClient, kFatalBump, "transactions.md 2.13",
      "INVALID_PRODUCER_ID_MAPPING from the coordinator"},
     0,
     1},
    {kUnresolvedSequences,
     {"unresolved_sequences", Side::kClient, kFatalAbortable, "transactions.md 5.8",
      "a batch of a transaction expired and its outcome is unknown"},
     0,
     1},
    {kRpcGenericRetriable,
     {"rpc_generic_retriable", Side::kClient, kOffOn, "transactions.md 2.13",
      "transactional requests are repeated after any retriable error"},
     0,
     0},
    {kGroupMetadata,
     {"group_metadata", Side::kClient, kOffOn, "transactions.md 6.2",
      "TxnOffsetCommit carries generation, member and instance (KIP-447)"},
     0,
     1},
    {kRequireStable,
     {"require_stable", Side::kClient, kOffOn, "groups-streams-replication.md 0.2",
      "a consumer asks for stable offsets (KIP-447)"},
     0,
     1},
    {kKeepMemberIdOnIllegalGeneration,
     {"keep_member_id_on_illegal_generation", Side::kClient, kOffOn,
      "groups-streams-replication.md 3.4",
      "ILLEGAL_GENERATION makes a consumer join again under its member id"},
     0,
     0},
    {kPollBlocksOnJoin,
     {"poll_blocks_on_join", Side::kClient, kOffOn, "groups-streams-replication.md 3.1",
      "poll() stays in a rebalance beyond its own timeout"},
     1,
     0},
    {kLateResultKept,
     {"late_result_kept", Side::kClient, kOffOn, "transactions.md 5.10",
      "a call that timed out may be repeated though it ended meanwhile"},
     0,
     0},
    {kSendApiErrorChangesState,
     {"send_api_error_changes_state", Side::kClient, kOffOn, "transactions.md 6.2",
      "an error of send() moves the transaction to an error state"},
     0,
     0},
}};

consteval bool in_order() {
  for (size_t i = 0; i < kSwitchCount; ++i) {
    if (static_cast<size_t>(kTable[i].id) != i) return false;
    if (kTable[i].in_2_4 >= kTable[i].info.values.size()) return false;
    if (kTable[i].in_2_5 >= kTable[i].info.values.size()) return false;
  }
  return true;
}
static_assert(in_order());

constexpr std::array<Preset, 2> kPresets = {{{"2.4", "E1", "A"}, {"2.5", "E2", "B"}}};

constexpr std::array<Switch, 5> kKip360 = {kInitExpectedPair, kPlUnknownPidRaises,
                                           kClientCanBumpEpoch, kPidMappingError,
                                           kUnresolvedSequences};
constexpr std::array<uint8_t, 5> kKip360Off = {0, 1, 0, 0, 0};
constexpr std::array<uint8_t, 5> kKip360On = {1, 0, 1, 1, 1};
constexpr std::array<Switch, 4> kKip447 = {kTxnOffsetMembershipCheck, kStableOffsetFetch,
                                           kGroupMetadata, kRequireStable};
constexpr std::array<uint8_t, 4> kKip447Off = {0, 0, 0, 0};
constexpr std::array<uint8_t, 4> kKip447On = {1, 1, 1, 1};
constexpr std::array<Switch, 2> kKip588 = {kTcFenceCode, kLeader47};
constexpr std::array<uint8_t, 2> kKip588Off = {0, 0};
constexpr std::array<uint8_t, 2> kKip588On = {1, 1};

constexpr std::array<SwitchGroup, 3> kGroups = {{
    {"kip_360", "a producer recovers from lost sequences with a new epoch", kKip360, kKip360Off,
     kKip360On},
    {"kip_447", "group metadata fences offset commits; offset fetches wait for stable offsets",
     kKip447, kKip447Off, kKip447On},
    {"kip_588", "a code of its own for a fenced producer; a stale epoch is abortable", kKip588,
     kKip588Off, kKip588On},
}};

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

std::span<const Preset> presets() { return kPresets; }

const Preset* find_preset(string_view name) {
  const auto at = std::ranges::find(kPresets, name, &Preset::name);
  return at == kPresets.end() ? nullptr : &*at;
}

Switches preset_switches(const Preset& preset) {
  EOSIM_ASSERT(preset.name == "2.4" || preset.name == "2.5");
  Switches switches;
  for (const Row& row : kTable) {
    switches.set(row.id, preset.name == "2.4" ? row.in_2_4 : row.in_2_5);
  }
  return switches;
}

std::span<const SwitchGroup> switch_groups() { return kGroups; }

const SwitchGroup* find_switch_group(string_view name) {
  const auto at = std::ranges::find(kGroups, name, &SwitchGroup::name);
  return at == kGroups.end() ? nullptr : &*at;
}

void set_group(Switches& switches, const SwitchGroup& group, bool on) {
  const std::span<const uint8_t> values = on ? group.on : group.off;
  EOSIM_ASSERT(values.size() == group.switches.size());
  for (size_t i = 0; i < values.size(); ++i) switches.set(group.switches[i], values[i]);
}

}  // namespace eosim::kafka
