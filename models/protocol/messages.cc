#include "models/protocol/messages.h"

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

constexpr std::array<std::string_view, kRpcCount> kRpcNames = {"Produce",
                                                               "Fetch",
                                                               "ListOffsets",
                                                               "Metadata",
                                                               "OffsetCommit",
                                                               "OffsetFetch",
                                                               "FindCoordinator",
                                                               "JoinGroup",
                                                               "Heartbeat",
                                                               "LeaveGroup",
                                                               "SyncGroup",
                                                               "ApiVersions",
                                                               "InitProducerId",
                                                               "AddPartitionsToTxn",
                                                               "AddOffsetsToTxn",
                                                               "EndTxn",
                                                               "WriteTxnMarkers",
                                                               "TxnOffsetCommit",
                                                               "BrokerRegistration",
                                                               "BrokerHeartbeat",
                                                               "AlterPartition",
                                                               "AllocateProducerIds",
                                                               "FetchClusterMetadata",
                                                               "DescribeTransactions",
                                                               "ListTransactions",
                                                               "DescribeProducers",
                                                               "OffsetForLeaderEpoch"};
static_assert(kRpcNames.back() == "OffsetForLeaderEpoch" &&
              static_cast<size_t>(Rpc::kOffsetForLeaderEpoch) + 1 == kRpcCount);

}  // namespace

std::string_view rpc_name(Rpc rpc) {
  EOSIM_ASSERT(static_cast<size_t>(rpc) < kRpcCount);
  return kRpcNames[static_cast<size_t>(rpc)];
}

std::vector<std::string> rpc_names() {
  std::vector<std::string> all;
  for (size_t i = 0; i < kRpcCount; ++i) all.emplace_back(rpc_name(static_cast<Rpc>(i)));
  return all;
}

}  // namespace eosim::kafka
