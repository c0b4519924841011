#include "models/protocol/versions.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

constexpr ApiVersionTable kRanges24 = {{
    {0, 8},   // Produce
    {0, 11},  // Fetch
    {0, 5},   // ListOffsets
    {0, 9},   // Metadata
    {0, 8},   // OffsetCommit
    {0, 6},   // OffsetFetch: without requireStable
    {0, 3},   // FindCoordinator
    {0, 6},   // JoinGroup
    {0, 4},   // Heartbeat
    {0, 4},   // LeaveGroup
    {0, 4},   // SyncGroup
    {0, 3},   // ApiVersions
    {0, 2},   // InitProducerId: without an expected pair
    {0, 1},   // AddPartitionsToTxn
    {0, 1},   // AddOffsetsToTxn
    {0, 1},   // EndTxn
    {0, 0},   // WriteTxnMarkers
    {0, 2},   // TxnOffsetCommit: without group metadata
}};

constexpr ApiVersionTable with(ApiVersionTable table, Rpc rpc, VersionRange range) {
  table[static_cast<size_t>(rpc)] = range;
  return table;
}

constexpr ApiVersionTable ranges_25() {
  ApiVersionTable table = kRanges24;
  table = with(table, Rpc::kOffsetFetch, {0, 7});      // requireStable (KIP-447)
  table = with(table, Rpc::kTxnOffsetCommit, {0, 3});  // generation, member, instance (KIP-447)
  table = with(table, Rpc::kInitProducerId, {0, 3});   // expected pair (KIP-360)
  table = with(table, Rpc::kJoinGroup, {0, 7});        // protocol type (KIP-559)
  table = with(table, Rpc::kSyncGroup, {0, 5});
  return table;
}
constexpr ApiVersionTable kRanges25 = ranges_25();

}  // namespace

const ApiVersionTable& api_versions(const Preset& preset) {
  if (preset.name == "2.4") return kRanges24;
  EOSIM_ASSERT(preset.name == "2.5");
  return kRanges25;
}

ApiVersionTable versions_for(const Preset& preset, const Switches& switches) {
  struct Carrier {
    Switch needs;
    Rpc rpc;
    int16_t version;
  };
  constexpr Carrier kCarriers[] = {
      {Switch::kTxnOffsetMembershipCheck, Rpc::kTxnOffsetCommit, 3},
      {Switch::kGroupMetadata, Rpc::kTxnOffsetCommit, 3},
      {Switch::kStableOffsetFetch, Rpc::kOffsetFetch, 7},
      {Switch::kRequireStable, Rpc::kOffsetFetch, 7},
      {Switch::kInitExpectedPair, Rpc::kInitProducerId, 3},
      {Switch::kClientCanBumpEpoch, Rpc::kInitProducerId, 3},
      {Switch::kTcFenceCode, Rpc::kInitProducerId, 4},
      {Switch::kTcFenceCode, Rpc::kAddPartitionsToTxn, 2},
      {Switch::kTcFenceCode, Rpc::kAddOffsetsToTxn, 2},
      {Switch::kTcFenceCode, Rpc::kEndTxn, 2},
      {Switch::kLeader47, Rpc::kInitProducerId, 4},
      {Switch::kLeader47, Rpc::kAddPartitionsToTxn, 2},
      {Switch::kLeader47, Rpc::kAddOffsetsToTxn, 2},
      {Switch::kLeader47, Rpc::kEndTxn, 2},
  };
  ApiVersionTable table = api_versions(preset);
  for (const Carrier& carrier : kCarriers) {
    int16_t& max = table[static_cast<size_t>(carrier.rpc)].max;
    if (switches.on(carrier.needs)) max = std::max(max, carrier.version);
  }
  return table;
}

std::optional<int16_t> highest_common(Rpc rpc, const ApiVersionTable& a, const ApiVersionTable& b) {
  const VersionRange& x = a.at(static_cast<size_t>(rpc));
  const VersionRange& y = b.at(static_cast<size_t>(rpc));
  const int16_t highest = std::min(x.max, y.max);
  if (highest < std::max(x.min, y.min)) return std::nullopt;
  return highest;
}

}  // namespace eosim::kafka
