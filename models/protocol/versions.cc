#include "models/protocol/versions.h"

#include <algorithm>

namespace eosim::kafka {
namespace {

constexpr VersionRange kAbsent = {0, -1};

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
    // Of brokers with the controller: one form for every release.
    {0, 0},   // BrokerRegistration
    {0, 0},   // BrokerHeartbeat
    {0, 0},   // AlterPartition
    {0, 0},   // AllocateProducerIds
    {0, 0},   // FetchClusterMetadata
    kAbsent,  // DescribeTransactions
    kAbsent,  // ListTransactions
    kAbsent,  // DescribeProducers
    {0, 3},   // OffsetForLeaderEpoch: from 3 on of consumers, too (KIP-320)
}};

struct RangeChange {
  Release in;
  Rpc rpc;
  VersionRange range;
};

// What each release widened or dropped. Transactional requests: transactions.md 2.1. Comments name
// what a version carries that something here decides by; the others are there so that the number
// in a trace is the one that a user would see.
constexpr RangeChange kChanges[] = {
    {Release::k25, Rpc::kOffsetFetch, {0, 7}},      // requireStable (KIP-447)
    {Release::k25, Rpc::kTxnOffsetCommit, {0, 3}},  // generation, member, instance (KIP-447)
    {Release::k25, Rpc::kInitProducerId, {0, 3}},   // expected pair (KIP-360)
    {Release::k25, Rpc::kJoinGroup, {0, 7}},
    {Release::k25, Rpc::kSyncGroup, {0, 5}},
    {Release::k28, Rpc::kProduce, {0, 9}},
    {Release::k28, Rpc::kFetch, {0, 12}},  // lastFetchedEpoch, divergingEpoch
    {Release::k28, Rpc::kListOffsets, {0, 6}},
    {Release::k28, Rpc::kMetadata, {0, 11}},
    {Release::k28, Rpc::kInitProducerId, {0, 4}},      // knows PRODUCER_FENCED (KIP-588)
    {Release::k28, Rpc::kAddPartitionsToTxn, {0, 3}},  // from 2 on: the same
    {Release::k28, Rpc::kAddOffsetsToTxn, {0, 3}},
    {Release::k28, Rpc::kEndTxn, {0, 3}},
    {Release::k28, Rpc::kWriteTxnMarkers, {0, 1}},
    {Release::k28, Rpc::kOffsetForLeaderEpoch, {0, 4}},
    {Release::k35, Rpc::kFetch, {0, 15}},  // the follower's broker epoch (KIP-903)
    {Release::k35, Rpc::kListOffsets, {0, 7}},
    {Release::k35, Rpc::kMetadata, {0, 12}},
    {Release::k35, Rpc::kOffsetFetch, {0, 8}},
    {Release::k35, Rpc::kFindCoordinator, {0, 4}},
    {Release::k35, Rpc::kJoinGroup, {0, 9}},  // skipAssignment (KIP-814)
    {Release::k35, Rpc::kLeaveGroup, {0, 5}},
    {Release::k35, Rpc::kDescribeTransactions, {0, 0}},  // KIP-664
    {Release::k35, Rpc::kListTransactions, {0, 0}},
    {Release::k35, Rpc::kDescribeProducers, {0, 0}},
    {Release::k36, Rpc::kListOffsets, {0, 8}},
    {Release::k36, Rpc::kAddPartitionsToTxn, {0, 4}},  // of leaders, verifyOnly (KIP-890)
    {Release::k37, Rpc::kProduce, {0, 10}},
    {Release::k37, Rpc::kFetch, {0, 16}},
    {Release::k37, Rpc::kOffsetCommit, {0, 9}},
    {Release::k37, Rpc::kOffsetFetch, {0, 9}},
    {Release::k38, Rpc::kProduce, {0, 11}},  // knows TRANSACTION_ABORTABLE
    {Release::k38, Rpc::kFindCoordinator, {0, 5}},
    {Release::k38, Rpc::kInitProducerId, {0, 5}},
    {Release::k38, Rpc::kAddPartitionsToTxn, {0, 5}},
    {Release::k38, Rpc::kAddOffsetsToTxn, {0, 4}},
    {Release::k38, Rpc::kEndTxn, {0, 4}},
    {Release::k38, Rpc::kTxnOffsetCommit, {0, 4}},
    {Release::k38, Rpc::kListTransactions, {0, 1}},  // by duration
    {Release::k39, Rpc::kFetch, {0, 17}},
    {Release::k39, Rpc::kListOffsets, {0, 9}},
    {Release::k39, Rpc::kApiVersions, {0, 4}},
    {Release::k40, Rpc::kProduce, {3, 12}},  // transaction.version 2; old ones dropped (KIP-896)
    {Release::k40, Rpc::kFetch, {4, 17}},
    {Release::k40, Rpc::kListOffsets, {1, 10}},
    {Release::k40, Rpc::kMetadata, {0, 13}},
    {Release::k40, Rpc::kOffsetCommit, {2, 9}},
    {Release::k40, Rpc::kOffsetFetch, {1, 9}},
    {Release::k40, Rpc::kFindCoordinator, {0, 6}},
    {Release::k40, Rpc::kJoinGroup, {2, 9}},
    {Release::k40, Rpc::kEndTxn, {0, 5}},  // answers the next pair
    {Release::k40, Rpc::kWriteTxnMarkers, {1, 1}},
    {Release::k40, Rpc::kTxnOffsetCommit, {0, 5}},
    {Release::k40, Rpc::kOffsetForLeaderEpoch, {2, 4}},
    {Release::k41, Rpc::kProduce, {3, 13}},
    {Release::k41, Rpc::kFetch, {4, 18}},
    {Release::k41, Rpc::kOffsetCommit, {2, 10}},
    {Release::k41, Rpc::kOffsetFetch, {1, 10}},
    {Release::k41, Rpc::kListTransactions, {0, 2}},
    {Release::k42, Rpc::kListOffsets, {1, 11}},
    {Release::k42, Rpc::kWriteTxnMarkers, {1, 2}},  // the transaction's version (KIP-1228)
};

constexpr std::array<ApiVersionTable, kReleaseCount> all_ranges() {
  std::array<ApiVersionTable, kReleaseCount> tables{};
  for (size_t i = 0; i < kReleaseCount; ++i) {
    tables[i] = i == 0 ? kRanges24 : tables[i - 1];
    for (const RangeChange& change : kChanges) {
      if (static_cast<size_t>(change.in) == i) {
        tables[i][static_cast<size_t>(change.rpc)] = change.range;
      }
    }
  }
  return tables;
}
constexpr std::array<ApiVersionTable, kReleaseCount> kRanges = all_ranges();

// AddPartitionsToTxn from 4 on is what partition leaders send (transactions.md 2.1).
constexpr int16_t kClientAddPartitionsMax = 3;

void keep_to_clients(ApiVersionTable& table) {
  int16_t& max = table[static_cast<size_t>(Rpc::kAddPartitionsToTxn)].max;
  max = std::min(max, kClientAddPartitionsMax);
}

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
    // KIP-890, part 1.
    {Switch::kVerifyProduce, Rpc::kAddPartitionsToTxn, 4},
    {Switch::kVerifyOffsetCommit, Rpc::kAddPartitionsToTxn, 4},
    {Switch::kVerifyFailError, Rpc::kProduce, 11},
    {Switch::kVerifyFailError, Rpc::kTxnOffsetCommit, 4},
    {Switch::kVerifyFailError, Rpc::kInitProducerId, 5},
    {Switch::kVerifyFailError, Rpc::kAddPartitionsToTxn, 5},
    {Switch::kVerifyFailError, Rpc::kAddOffsetsToTxn, 4},
    {Switch::kVerifyFailError, Rpc::kEndTxn, 4},
    // KIP-890, part 2: what the server offers, what the client can use.
    {Switch::kTv2Endtxn, Rpc::kEndTxn, 5},
    {Switch::kImplicitRegistration, Rpc::kProduce, 12},
    {Switch::kImplicitRegistration, Rpc::kTxnOffsetCommit, 5},
    {Switch::kImplicitRegistration, Rpc::kAddPartitionsToTxn, 5},
    {Switch::kExplicitRegistration, Rpc::kProduce, 12},
    {Switch::kExplicitRegistration, Rpc::kTxnOffsetCommit, 5},
    {Switch::kExplicitRegistration, Rpc::kEndTxn, 5},
    {Switch::kStrictMarkerEpoch, Rpc::kWriteTxnMarkers, 2},
};

}  // namespace

ApiVersionTable api_versions(const Preset& preset, Side side) {
  ApiVersionTable table = kRanges.at(static_cast<size_t>(preset.release));
  if (side == Side::kClient) keep_to_clients(table);
  return table;
}

ApiVersionTable versions_for(const Preset& preset, const Switches& switches, Side side) {
  ApiVersionTable table = api_versions(preset, Side::kServer);
  for (const Carrier& carrier : kCarriers) {
    VersionRange& range = table[static_cast<size_t>(carrier.rpc)];
    if (switches.on(carrier.needs)) range.max = std::max(range.max, carrier.version);
  }
  if (side == Side::kClient) keep_to_clients(table);
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
