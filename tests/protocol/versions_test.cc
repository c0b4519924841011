// Request versions by release, and what raises them.
#include "models/protocol/versions.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "catch.h"

namespace eosim::kafka {
namespace {

using Range = std::pair<int, int>;

Range range_of(const ApiVersionTable& table, Rpc rpc) {
  const VersionRange range = table[static_cast<size_t>(rpc)];
  return {range.min, range.max};
}

struct VersionRow {
  Rpc rpc;
  std::vector<Range> ranges;
};

// The columns of transactions.md 2.1 that have a preset.
const std::vector<std::string_view> kColumns = {"2.4", "2.5", "2.6", "2.8", "3.5", "3.6",
                                                "3.7", "3.8", "3.9", "4.0", "4.1", "4.2"};
const std::vector<VersionRow> kVersions = {
    {Rpc::kProduce,
     {{0, 8},
      {0, 8},
      {0, 8},
      {0, 9},
      {0, 9},
      {0, 9},
      {0, 10},
      {0, 11},
      {0, 11},
      {3, 12},
      {3, 13},
      {3, 13}}},
    {Rpc::kInitProducerId,
     {{0, 2},
      {0, 3},
      {0, 3},
      {0, 4},
      {0, 4},
      {0, 4},
      {0, 4},
      {0, 5},
      {0, 5},
      {0, 5},
      {0, 5},
      {0, 5}}},
    {Rpc::kAddPartitionsToTxn,
     {{0, 1},
      {0, 1},
      {0, 1},
      {0, 3},
      {0, 3},
      {0, 4},
      {0, 4},
      {0, 5},
      {0, 5},
      {0, 5},
      {0, 5},
      {0, 5}}},
    {Rpc::kAddOffsetsToTxn,
     {{0, 1},
      {0, 1},
      {0, 1},
      {0, 3},
      {0, 3},
      {0, 3},
      {0, 3},
      {0, 4},
      {0, 4},
      {0, 4},
      {0, 4},
      {0, 4}}},
    {Rpc::kEndTxn,
     {{0, 1},
      {0, 1},
      {0, 1},
      {0, 3},
      {0, 3},
      {0, 3},
      {0, 3},
      {0, 4},
      {0, 4},
      {0, 5},
      {0, 5},
      {0, 5}}},
    {Rpc::kWriteTxnMarkers,
     {{0, 0},
      {0, 0},
      {0, 0},
      {0, 1},
      {0, 1},
      {0, 1},
      {0, 1},
      {0, 1},
      {0, 1},
      {1, 1},
      {1, 1},
      {1, 2}}},
    {Rpc::kTxnOffsetCommit,
     {{0, 2},
      {0, 3},
      {0, 3},
      {0, 3},
      {0, 3},
      {0, 3},
      {0, 3},
      {0, 4},
      {0, 4},
      {0, 5},
      {0, 5},
      {0, 5}}},
};

TEST_CASE("transactional requests have the versions of each release") {
  for (const VersionRow& row : kVersions) {
    CAPTURE(rpc_name(row.rpc));
    REQUIRE(row.ranges.size() == kColumns.size());
    for (size_t i = 0; i < kColumns.size(); ++i) {
      CAPTURE(kColumns[i]);
      CHECK(range_of(api_versions(*find_preset(kColumns[i])), row.rpc) == row.ranges[i]);
    }
  }
}

struct Since {
  Rpc rpc;
  int version;
  const char* release;
};

// groups-streams-replication.md 0.3: the release that first spoke a version which carries meaning.
constexpr Since kSince[] = {
    {Rpc::kJoinGroup, 5, "2.4"},        {Rpc::kJoinGroup, 7, "2.5"},
    {Rpc::kJoinGroup, 9, "3.5"},        {Rpc::kSyncGroup, 5, "2.5"},
    {Rpc::kHeartbeat, 3, "2.4"},        {Rpc::kLeaveGroup, 3, "2.4"},
    {Rpc::kOffsetCommit, 7, "2.4"},     {Rpc::kOffsetFetch, 7, "2.5"},
    {Rpc::kTxnOffsetCommit, 3, "2.5"},  {Rpc::kFetch, 9, "2.4"},
    {Rpc::kFetch, 12, "2.8"},           {Rpc::kFetch, 15, "3.5"},
    {Rpc::kListTransactions, 0, "3.5"}, {Rpc::kDescribeTransactions, 0, "3.5"},
};

TEST_CASE("a version that carries meaning is there from its release on") {
  for (const Since& row : kSince) {
    CAPTURE(rpc_name(row.rpc));
    CAPTURE(row.version);
    for (const Preset& preset : presets()) {
      CAPTURE(preset.name);
      CHECK((range_of(api_versions(preset), row.rpc).second >= row.version) ==
            (preset.name >= row.release));
    }
  }
}

TEST_CASE("the highest version that both sides speak is used") {
  for (const Preset& old : presets()) {
    for (const Preset& recent : presets()) {
      const ApiVersionTable a = api_versions(old);
      const ApiVersionTable b = api_versions(recent);
      for (const VersionRow& row : kVersions) {
        const auto common = highest_common(row.rpc, a, b);
        CHECK(common == highest_common(row.rpc, b, a));
        const int highest = std::min(range_of(a, row.rpc).second, range_of(b, row.rpc).second);
        const int lowest = std::max(range_of(a, row.rpc).first, range_of(b, row.rpc).first);
        CHECK(common.has_value() == (lowest <= highest));
        if (common) CHECK(*common == highest);
      }
    }
  }
  // transactions.md 2.1: what 4.2 no longer speaks, and what 2.4 does not speak yet.
  const ApiVersionTable old = api_versions(*find_preset("2.4"));
  CHECK_FALSE(highest_common(Rpc::kListTransactions, old, api_versions(*find_preset("4.2"))));
  // Brokers of 2.4 to 2.6 and of 4.x cannot send each other markers: Kafka has no such clusters.
  CHECK_FALSE(highest_common(Rpc::kWriteTxnMarkers, old, api_versions(*find_preset("4.0"))));
  ApiVersionTable ahead = old;
  ahead[static_cast<size_t>(Rpc::kProduce)] = {9, 12};
  CHECK_FALSE(highest_common(Rpc::kProduce, ahead, old).has_value());
}

TEST_CASE("from 4 on AddPartitionsToTxn is the brokers' own") {
  for (const Preset& preset : presets()) {
    CAPTURE(preset.name);
    Switches all = preset_switches(preset);
    for (const SwitchGroup& group : switch_groups()) set_group(all, group, true);
    CHECK(range_of(api_versions(preset, Side::kClient), Rpc::kAddPartitionsToTxn).second <= 3);
    CHECK(range_of(versions_for(preset, all, Side::kClient), Rpc::kAddPartitionsToTxn).second == 3);
    CHECK(range_of(versions_for(preset, all), Rpc::kAddPartitionsToTxn).second == 5);
    CHECK(range_of(api_versions(preset, Side::kClient), Rpc::kProduce) ==
          range_of(api_versions(preset), Rpc::kProduce));
  }
}

struct Carried {
  const char* group;
  Rpc rpc;
  int version;
};

// transactions.md 2.1, "version facts that carry semantics".
constexpr Carried kCarried[] = {
    {"kip_360", Rpc::kInitProducerId, 3},
    {"kip_447", Rpc::kTxnOffsetCommit, 3},
    {"kip_447", Rpc::kOffsetFetch, 7},
    {"kip_588", Rpc::kInitProducerId, 4},
    {"kip_588", Rpc::kAddPartitionsToTxn, 2},
    {"kip_588", Rpc::kAddOffsetsToTxn, 2},
    {"kip_588", Rpc::kEndTxn, 2},
    {"kip_890_verification", Rpc::kAddPartitionsToTxn, 5},
    {"kip_890_verification", Rpc::kProduce, 11},
    {"kip_890_verification", Rpc::kTxnOffsetCommit, 4},
    {"kip_890_verification", Rpc::kInitProducerId, 5},
    {"kip_890_verification", Rpc::kEndTxn, 4},
    {"transaction_version", Rpc::kProduce, 12},
    {"transaction_version", Rpc::kTxnOffsetCommit, 5},
    {"transaction_version", Rpc::kEndTxn, 5},
};

TEST_CASE("a switch that a version carries raises the version, and no other") {
  const Preset& preset = *find_preset("2.4");
  for (const SwitchGroup& group : switch_groups()) {
    CAPTURE(group.name);
    Switches switches = preset_switches(preset);
    set_group(switches, group, true);
    const ApiVersionTable after = versions_for(preset, switches);
    std::set<Rpc> named;
    for (const Carried& row : kCarried) {
      if (group.name != row.group) continue;
      CAPTURE(rpc_name(row.rpc));
      CHECK(range_of(after, row.rpc).second == row.version);
      named.insert(row.rpc);
    }
    const bool brings_broker_form =
        group.name == "transaction_version" || group.name == "kip_890_verification";
    for (size_t i = 0; i < kRpcCount; ++i) {
      const Rpc rpc = static_cast<Rpc>(i);
      if (named.contains(rpc)) continue;
      if (brings_broker_form && (rpc == Rpc::kAddPartitionsToTxn || rpc == Rpc::kAddOffsetsToTxn)) {
        continue;
      }
      CAPTURE(rpc_name(rpc));
      CHECK(range_of(after, rpc) == range_of(api_versions(preset), rpc));
    }
  }
}

TEST_CASE("a preset's own switches raise nothing") {
  for (const Preset& preset : presets()) {
    const ApiVersionTable bare = api_versions(preset);
    const ApiVersionTable raised = versions_for(preset, preset_switches(preset));
    for (size_t i = 0; i < kRpcCount; ++i) {
      CAPTURE(preset.name);
      CAPTURE(rpc_name(static_cast<Rpc>(i)));
      CHECK(range_of(bare, static_cast<Rpc>(i)) == range_of(raised, static_cast<Rpc>(i)));
    }
  }
}

TEST_CASE("every rpc has a name, and a range from its release on") {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kRpcCount; ++i) {
    const Rpc rpc = static_cast<Rpc>(i);
    names.insert(rpc_name(rpc));
    bool was_there = false;
    for (const Preset& preset : presets()) {
      const Range range = range_of(api_versions(preset), rpc);
      const bool is_there = range.first <= range.second;
      CHECK(range.first >= 0);
      CHECK((is_there || !was_there));
      CHECK((is_there || i >= static_cast<size_t>(Rpc::kDescribeTransactions)));
      was_there = is_there;
    }
    CHECK(was_there);
  }
  CHECK(names.size() == kRpcCount);
}

}  // namespace
}  // namespace eosim::kafka
