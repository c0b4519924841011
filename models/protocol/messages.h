// The requests and responses, a struct an RPC, with the fields that decide something
// (transactions.md 2, groups-streams-replication.md 1-3). Bodies live in pools (bodies.h); what is
// big and immutable is an id in a store.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "models/protocol/batch.h"
#include "models/protocol/errors.h"
#include "models/protocol/ghost.h"
#include "models/protocol/types.h"
#include "sim/ids.h"
#include "sim/time.h"

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
};
inline constexpr size_t kRpcCount = 18;

std::string_view rpc_name(Rpc rpc);  // "EndTxn"

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

// --- data
// -----------------------------------------------------------------------------------------

struct ProduceRequest : RequestOf<Rpc::kProduce> {
  struct Partition {
    TopicPartition partition;
    BatchId batch;
  };
  Name transactional_id;
  int16_t acks = -1;
  int32_t timeout_ms = 30'000;
  List<Partition> partitions;
};
struct ProduceResponse : ResponseOf<Rpc::kProduce> {
  struct Partition {
    TopicPartition partition;
    Error error = Error::kNone;
    Offset base_offset;
    Offset log_start_offset;
  };
  List<Partition> partitions;
};

struct FetchRequest : RequestOf<Rpc::kFetch> {
  struct Partition {
    TopicPartition partition;
    Offset offset;
    LeaderEpoch current_leader_epoch;
  };
  BrokerId replica;  // unset: a consumer
  IsolationLevel isolation = IsolationLevel::kReadUncommitted;
  int32_t max_wait_ms = 500;
  int32_t min_bytes = 1;
  int32_t max_bytes = 52'428'800;
  List<Partition> partitions;
};
struct AbortedTransaction {
  ProducerId producer_id;
  Offset first_offset;
};
struct FetchedBatch {
  Offset base_offset;
  LeaderEpoch leader_epoch;
  BatchId batch;
};
struct FetchResponse : ResponseOf<Rpc::kFetch> {
  struct Partition {
    TopicPartition partition;
    Error error = Error::kNone;
    Offset fetch_offset;  // what was asked, so that a stale response can be dropped
    Offset high_watermark;
    Offset last_stable_offset;
    Offset log_start_offset;
    List<FetchedBatch> batches;
    List<AbortedTransaction> aborted;
  };
  List<Partition> partitions;
};

inline constexpr int64_t kLatestTimestamp = -1;
inline constexpr int64_t kEarliestTimestamp = -2;

struct ListOffsetsRequest : RequestOf<Rpc::kListOffsets> {
  struct Partition {
    TopicPartition partition;
    int64_t timestamp = kLatestTimestamp;
    LeaderEpoch current_leader_epoch;
  };
  IsolationLevel isolation = IsolationLevel::kReadUncommitted;
  List<Partition> partitions;
};
struct ListOffsetsResponse : ResponseOf<Rpc::kListOffsets> {
  struct Partition {
    TopicPartition partition;
    Error error = Error::kNone;
    Offset offset;
    LeaderEpoch leader_epoch;
  };
  List<Partition> partitions;
};

// --- discovery
// ------------------------------------------------------------------------------------

struct PartitionMetadata {
  BrokerId leader;
  LeaderEpoch leader_epoch;
  List<BrokerId> replicas;
};
struct TopicMetadata {
  TopicId topic;
  bool internal = false;
  List<PartitionMetadata> partitions;
};
struct BrokerMetadata {
  BrokerId id;
  sim::ProcessId process;
  bool alive = true;
};
// What a broker knows of the cluster at one moment; immutable, in a store.
struct MetadataImage {
  List<BrokerMetadata> brokers;  // by id
  List<TopicMetadata> topics;    // by TopicId: index = id
};
using MetadataStore = sim::Store<MetadataImage>;
using MetadataId = MetadataStore::Id;

struct MetadataRequest : RequestOf<Rpc::kMetadata> {};
struct MetadataResponse : ResponseOf<Rpc::kMetadata> {
  MetadataId image;
};

struct ApiVersionsRequest : RequestOf<Rpc::kApiVersions> {};
struct ApiVersionsResponse : ResponseOf<Rpc::kApiVersions> {
  Error error = Error::kNone;
  ApiVersionTable versions{};
};

struct FindCoordinatorRequest : RequestOf<Rpc::kFindCoordinator> {
  CoordinatorType type = CoordinatorType::kGroup;
  Name key;
};
struct FindCoordinatorResponse : ResponseOf<Rpc::kFindCoordinator> {
  Error error = Error::kNone;
  BrokerId broker;
};

// --- transactions
// ---------------------------------------------------------------------------------

struct InitProducerIdRequest : RequestOf<Rpc::kInitProducerId> {
  Name transactional_id;  // unset: idempotent only
  int32_t transaction_timeout_ms = 60'000;
  ProducerIdAndEpoch expected;  // v3+ (KIP-360)
};
struct InitProducerIdResponse : ResponseOf<Rpc::kInitProducerId> {
  Error error = Error::kNone;
  ProducerIdAndEpoch producer;
};

struct AddPartitionsToTxnRequest : RequestOf<Rpc::kAddPartitionsToTxn> {
  Name transactional_id;
  ProducerIdAndEpoch producer;
  List<TopicPartition> partitions;
  Ghost<TransactionInstance> instance;
};
struct AddPartitionsToTxnResponse : ResponseOf<Rpc::kAddPartitionsToTxn> {
  List<PartitionError> partitions;
};

struct AddOffsetsToTxnRequest : RequestOf<Rpc::kAddOffsetsToTxn> {
  Name transactional_id;
  ProducerIdAndEpoch producer;
  Name group;
  Ghost<TransactionInstance> instance;
};
struct AddOffsetsToTxnResponse : ResponseOf<Rpc::kAddOffsetsToTxn> {
  Error error = Error::kNone;
};

struct OffsetAndEpoch {
  TopicPartition partition;
  Offset offset;
  LeaderEpoch leader_epoch;
};

struct TxnOffsetCommitRequest : RequestOf<Rpc::kTxnOffsetCommit> {
  Name transactional_id;
  Name group;
  ProducerIdAndEpoch producer;
  Generation generation;  // v3+; -1, "", null below (KIP-447)
  Name member_id;
  Name instance_id;
  List<OffsetAndEpoch> offsets;
  Ghost<TransactionInstance> instance;
};
struct TxnOffsetCommitResponse : ResponseOf<Rpc::kTxnOffsetCommit> {
  List<PartitionError> partitions;
};

struct EndTxnRequest : RequestOf<Rpc::kEndTxn> {
  Name transactional_id;
  ProducerIdAndEpoch producer;
  bool committed = false;
  Ghost<TransactionInstance> instance;
};
struct EndTxnResponse : ResponseOf<Rpc::kEndTxn> {
  Error error = Error::kNone;
  ProducerIdAndEpoch producer;  // v5+
};

struct TxnMarkerEntry {
  ProducerIdAndEpoch producer;
  CoordinatorEpoch coordinator_epoch;
  ControlType result = ControlType::kAbort;
  List<TopicPartition> partitions;
  Ghost<TransactionInstance> instance;
};
struct WriteTxnMarkersRequest : RequestOf<Rpc::kWriteTxnMarkers> {
  List<TxnMarkerEntry> markers;
};
struct WriteTxnMarkersResponse : ResponseOf<Rpc::kWriteTxnMarkers> {
  struct Marker {
    ProducerId producer_id;
    List<PartitionError> partitions;
  };
  List<Marker> markers;  // in the order of the request
};

// --- groups
// ---------------------------------------------------------------------------------------

struct JoinGroupRequest : RequestOf<Rpc::kJoinGroup> {
  struct Protocol {
    Name name;
    Subscription subscription;
    friend bool operator==(const Protocol&, const Protocol&) = default;
  };
  Name group;
  int32_t session_timeout_ms = 10'000;
  int32_t rebalance_timeout_ms = 300'000;
  Name member_id;
  Name instance_id;
  Name protocol_type;
  List<Protocol> protocols;
};
struct JoinGroupResponse : ResponseOf<Rpc::kJoinGroup> {
  struct Member {
    Name member_id;
    Name instance_id;
    Subscription subscription;
  };
  Error error = Error::kNone;
  Generation generation;
  Name protocol;
  Name leader;
  Name member_id;
  List<Member> members;  // for the leader only; in join order
};

struct MemberAssignment {
  Name member_id;
  List<TopicPartition> partitions;
};
struct SyncGroupRequest : RequestOf<Rpc::kSyncGroup> {
  Name group;
  Generation generation;
  Name member_id;
  Name instance_id;
  List<MemberAssignment> assignments;
};
struct SyncGroupResponse : ResponseOf<Rpc::kSyncGroup> {
  Error error = Error::kNone;
  List<TopicPartition> assignment;
};

struct HeartbeatRequest : RequestOf<Rpc::kHeartbeat> {
  Name group;
  Generation generation;
  Name member_id;
  Name instance_id;
};
struct HeartbeatResponse : ResponseOf<Rpc::kHeartbeat> {
  Error error = Error::kNone;
};

struct LeaveGroupRequest : RequestOf<Rpc::kLeaveGroup> {
  struct Member {
    Name member_id;
    Name instance_id;
  };
  Name group;
  List<Member> members;
};
struct LeaveGroupResponse : ResponseOf<Rpc::kLeaveGroup> {
  Error error = Error::kNone;
  List<Error> members;
};

struct OffsetCommitRequest : RequestOf<Rpc::kOffsetCommit> {
  Name group;
  Generation generation;
  Name member_id;
  Name instance_id;
  List<OffsetAndEpoch> offsets;
};
struct OffsetCommitResponse : ResponseOf<Rpc::kOffsetCommit> {
  List<PartitionError> partitions;
};

struct OffsetFetchRequest : RequestOf<Rpc::kOffsetFetch> {
  Name group;
  bool require_stable = false;  // v7+
  List<TopicPartition> partitions;
};
struct OffsetFetchResponse : ResponseOf<Rpc::kOffsetFetch> {
  struct Partition {
    TopicPartition partition;
    Offset offset;  // unset: none committed
    LeaderEpoch leader_epoch;
    Error error = Error::kNone;
  };
  Error error = Error::kNone;
  List<Partition> partitions;
};

}  // namespace eosim::kafka
