#include "models/protocol/switches.h"

#include <set>
#include <string>

#include "catch.h"
#include "models/protocol/versions.h"

namespace eosim::kafka {
namespace {

struct Row {
  Switch id;
  const char* name;
  const char* in_2_4;
  const char* in_2_5;
};

// transactions.md 6.1 and 6.2 (columns A and B), groups-streams-replication.md 0.2.
constexpr Row kRows[] = {
    {Switch::kInitExpectedPair, "init_expected_pair", "off", "on"},
    {Switch::kFenceLastEpoch, "fence_last_epoch", "none", "old"},
    {Switch::kClientEndtxnEpoch, "client_endtxn_epoch", "at_least", "at_least"},
    {Switch::kFailedFenceGuard, "failed_fence_guard", "off", "off"},
    {Switch::kTcFenceCode, "tc_fence_code", "invalid_producer_epoch", "invalid_producer_epoch"},
    {Switch::kPlUnknownPidRaises, "pl_unknown_pid_raises", "on", "off"},
    {Switch::kEmptyMarkerBooksTxn, "empty_marker_books_txn", "on", "on"},
    {Switch::kTxnOffsetMembershipCheck, "gc_member_check", "off", "on"},
    {Switch::kTxnOffsetCheckStyle, "txn_offset_check_style", "v25", "v25"},
    {Switch::kStableOffsetFetch, "gc_require_stable", "off", "on"},
    {Switch::kHeartbeatInCompleting, "heartbeat_in_completing", "error", "error"},
    {Switch::kPendingSyncTimer, "pending_sync_timer", "off", "off"},
    {Switch::kClientCanBumpEpoch, "client_can_bump_epoch", "off", "on"},
    {Switch::kLeader47, "leader_47", "fatal", "fatal"},
    {Switch::kPidMappingError, "pid_mapping_error", "fatal", "bump"},
    {Switch::kUnresolvedSequences, "unresolved_sequences", "fatal", "abortable"},
    {Switch::kRpcGenericRetriable, "rpc_generic_retriable", "off", "off"},
    {Switch::kGroupMetadata, "group_metadata", "off", "on"},
    {Switch::kRequireStable, "require_stable", "off", "on"},
    {Switch::kKeepMemberIdOnIllegalGeneration, "keep_member_id_on_illegal_generation", "off",
     "off"},
    {Switch::kPollBlocksOnJoin, "poll_blocks_on_join", "on", "off"},
    {Switch::kLateResultKept, "late_result_kept", "off", "off"},
    {Switch::kSendApiErrorChangesState, "send_api_error_changes_state", "off", "off"},
};
static_assert(std::size(kRows) == kSwitchCount);

std::string value_word(const Switches& switches, Switch s) {
  return std::string(switch_info(s).values[switches.value(s)]);
}

TEST_CASE("a preset has the values of its release") {
  const Switches old = preset_switches(*find_preset("2.4"));
  const Switches recent = preset_switches(*find_preset("2.5"));
  for (const Row& row : kRows) {
    CAPTURE(row.name);
    CHECK(switch_info(row.id).name == row.name);
    CHECK(find_switch(row.name) == row.id);
    CHECK(value_word(old, row.id) == row.in_2_4);
    CHECK(value_word(recent, row.id) == row.in_2_5);
  }
  CHECK(find_preset("2.4")->variant == "A");
  CHECK(find_preset("2.5")->era == "E2");
  CHECK(find_preset("0.10") == nullptr);
}

TEST_CASE("switches are set by the words of a scenario") {
  Switches switches;
  CHECK(switches.set(Switch::kClientEndtxnEpoch, "equal"));
  CHECK(switches.as<ClientEndTxnEpoch>(Switch::kClientEndtxnEpoch) == ClientEndTxnEpoch::kEqual);
  CHECK_FALSE(switches.set(Switch::kClientEndtxnEpoch, "on"));
  CHECK(switches.as<ClientEndTxnEpoch>(Switch::kClientEndtxnEpoch) == ClientEndTxnEpoch::kEqual);
  CHECK_FALSE(find_switch("no_such_switch").has_value());
}

TEST_CASE("a group sets its switches together") {
  std::set<std::string_view> names;
  for (const SwitchGroup& group : switch_groups()) {
    CAPTURE(group.name);
    CHECK(names.insert(group.name).second);
    CHECK_FALSE(find_switch(group.name).has_value());
    CHECK(find_switch_group(group.name) == &group);
    REQUIRE(group.on.size() == group.switches.size());
    REQUIRE(group.off.size() == group.switches.size());
    for (size_t i = 0; i < group.switches.size(); ++i) {
      CHECK(group.on[i] != group.off[i]);
      CHECK(group.on[i] < switch_info(group.switches[i]).values.size());
    }
  }
  CHECK(names == std::set<std::string_view>{"kip_360", "kip_447", "kip_588"});
}

TEST_CASE("without KIP-360 and KIP-447 the switches of 2.5 are nearly those of 2.4") {
  Switches switches = preset_switches(*find_preset("2.5"));
  set_group(switches, *find_switch_group("kip_360"), false);
  set_group(switches, *find_switch_group("kip_447"), false);
  switches.set(Switch::kFenceLastEpoch, "none");
  switches.set(Switch::kPollBlocksOnJoin, "on");
  CHECK(switches == preset_switches(*find_preset("2.4")));
}

struct VersionRow {
  Rpc rpc;
  int max_2_4;
  int max_2_5;
};

// transactions.md 2.1, groups-streams-replication.md 0.3: the versions that carry semantics.
constexpr VersionRow kVersionRows[] = {
    {Rpc::kProduce, 8, 8},         {Rpc::kInitProducerId, 2, 3}, {Rpc::kAddPartitionsToTxn, 1, 1},
    {Rpc::kAddOffsetsToTxn, 1, 1}, {Rpc::kEndTxn, 1, 1},         {Rpc::kWriteTxnMarkers, 0, 0},
    {Rpc::kTxnOffsetCommit, 2, 3}, {Rpc::kOffsetFetch, 6, 7},    {Rpc::kJoinGroup, 6, 7},
    {Rpc::kSyncGroup, 4, 5},
};

TEST_CASE("the highest version that both sides speak is used") {
  const ApiVersionTable& old = api_versions(*find_preset("2.4"));
  const ApiVersionTable& recent = api_versions(*find_preset("2.5"));
  for (const VersionRow& row : kVersionRows) {
    CAPTURE(rpc_name(row.rpc));
    CHECK(highest_common(row.rpc, old, old) == row.max_2_4);
    CHECK(highest_common(row.rpc, recent, recent) == row.max_2_5);
    CHECK(highest_common(row.rpc, old, recent) == row.max_2_4);
    CHECK(highest_common(row.rpc, recent, old) == row.max_2_4);
  }
  ApiVersionTable ahead = recent;
  ahead[static_cast<size_t>(Rpc::kProduce)] = {9, 12};
  CHECK_FALSE(highest_common(Rpc::kProduce, ahead, old).has_value());
}

TEST_CASE("a switch that a version carries raises the version") {
  // transactions.md 2.1: PRODUCER_FENCED goes to those only who say that they know it.
  Switches switches = preset_switches(*find_preset("2.5"));
  set_group(switches, *find_switch_group("kip_588"), true);
  const ApiVersionTable after = versions_for(*find_preset("2.5"), switches);
  const auto max_of = [&](Rpc rpc) { return int{after[static_cast<size_t>(rpc)].max}; };
  CHECK(max_of(Rpc::kInitProducerId) == 4);
  CHECK(max_of(Rpc::kAddPartitionsToTxn) == 2);
  CHECK(max_of(Rpc::kAddOffsetsToTxn) == 2);
  CHECK(max_of(Rpc::kEndTxn) == 2);
  CHECK(max_of(Rpc::kProduce) == 8);
}

TEST_CASE("every rpc has a name and a range in every preset") {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kRpcCount; ++i) {
    names.insert(rpc_name(static_cast<Rpc>(i)));
    for (const Preset& preset : presets()) {
      CHECK(api_versions(preset)[i].min <= api_versions(preset)[i].max);
    }
  }
  CHECK(names.size() == kRpcCount);
}

}  // namespace
}  // namespace eosim::kafka
