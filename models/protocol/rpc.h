// What every message has: which request it is, its version, and errors by partition.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/protocol/errors.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

// In the order of Kafka's API keys where it matters to a reader; the number is the MessageKind.
enum class Rpc : uint8_t {
  kProduce,
  kFetch,
  kListOffsets,
  kMetadata,
  kOffsetCommit,
  kOffsetFetch,
  kFindCoordinator,
  kJoinGroup,
  kHeartbeat,
  kLeaveGroup,
  kSyncGroup,
  kApiVersions,
  kInitProducerId,
  kAddPartitionsToTxn,
  kAddOffsetsToTxn,
  kEndTxn,
  kWriteTxnMarkers,
  kTxnOffsetCommit,
  // Broker to controller.
  kBrokerRegistration,
  kBrokerHeartbeat,
  kAlterPartition,
  kAllocateProducerIds,
  kFetchClusterMetadata,  // Kafka: Fetch of __cluster_metadata
  // KIP-664.
  kDescribeTransactions,
  kListTransactions,
  kDescribeProducers,
  kOffsetForLeaderEpoch,  // of consumers; followers here learn it with their fetches
};
inline constexpr size_t kRpcCount = 27;

std::string_view rpc_name(Rpc rpc);    // "EndTxn"
std::vector<std::string> rpc_names();  // of all, by number

struct VersionRange {
  int16_t min = 0;
  int16_t max = 0;
};
using ApiVersionTable = std::array<VersionRange, kRpcCount>;

// Every request starts with these.
struct RequestHeader {
  int16_t version = 0;
  Name client_id;
};

template <Rpc rpc>
struct RequestOf {
  static constexpr Rpc kRpc = rpc;
  static constexpr bool kRequest = true;
  RequestHeader header;
};
template <Rpc rpc>
struct ResponseOf {
  static constexpr Rpc kRpc = rpc;
  static constexpr bool kRequest = false;
};

struct PartitionError {
  TopicPartition partition;
  Error error = Error::kNone;
};

struct OffsetAndEpoch {
  TopicPartition partition;
  Offset offset;
  LeaderEpoch leader_epoch;
};

}  // namespace eosim::kafka
