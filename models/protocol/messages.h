// The requests and responses, a struct an RPC, with the fields that decide something
// (transactions.md 2, groups-streams-replication.md 1-3). Bodies live in pools (bodies.h); what is
// big and immutable is an id in a store.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "models/protocol/batch.h"
#include "models/protocol/errors.h"
#include "models/protocol/ghost.h"
#include "models/protocol/types.h"
#include "sim/assert.h"
#include "sim/ids.h"
#include "sim/small_list.h"
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
  sim::SmallList<Partition, 2> partitions;
};
struct ProduceResponse : ResponseOf<Rpc::kProduce> {
  struct Partition {
    TopicPartition partition;
    Error error = Error::kNone;
    Offset base_offset;
    Offset log_start_offset;
    // Who leads instead, where this broker knows (version 10, KIP-951).
    BrokerId leader;
    LeaderEpoch leader_epoch;
  };
  sim::SmallList<Partition, 2> partitions;
};

struct FetchRequest : RequestOf<Rpc::kFetch> {
  struct Partition {
    TopicPartition partition;
    Offset offset;
    LeaderEpoch current_leader_epoch;
    LeaderEpoch last_fetched_epoch;  // followers: of the last batch they hold; unset: none
  };
  BrokerId replica;           // unset: a consumer
  BrokerEpoch replica_epoch;  // followers (KIP-903)
  // Followers fetch in sessions (KIP-227): 0 opens one and names every partition, later ones count
  // from 1 and name only what changed since the last request.
  int32_t session_epoch = 0;
  List<TopicPartition> forgotten;  // left the session
  IsolationLevel isolation = IsolationLevel::kReadUncommitted;
  int32_t max_wait_ms = 500;
  int32_t min_bytes = 1;
  int32_t max_bytes = 52'428'800;
  sim::SmallList<Partition, 2> partitions;
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
using FetchedBatches = sim::SmallList<FetchedBatch, 2>;
struct FetchResponse : ResponseOf<Rpc::kFetch> {
  struct Partition {
    TopicPartition partition;
    Error error = Error::kNone;
    Offset fetch_offset;  // what was asked, so that a stale response can be dropped
    Offset high_watermark;
    Offset last_stable_offset;
    Offset log_start_offset;
    // Followers: where the leader's log parts from theirs (groups-streams-replication.md 6.3).
    LeaderEpoch diverging_epoch;
    Offset diverging_end;
    FetchedBatches batches;
    List<AbortedTransaction> aborted;
  };
  // FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH: open a new session.
  Error error = Error::kNone;
  List<Partition> partitions;  // in a session: those with something to say
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

// Where the log of a leader ends for an epoch (KIP-320).
struct OffsetForLeaderEpochRequest : RequestOf<Rpc::kOffsetForLeaderEpoch> {
  struct Partition {
    TopicPartition partition;
    LeaderEpoch current_leader_epoch;
    LeaderEpoch leader_epoch;  // the one asked about
  };
  List<Partition> partitions;
};
struct OffsetForLeaderEpochResponse : ResponseOf<Rpc::kOffsetForLeaderEpoch> {
  struct Partition {
    TopicPartition partition;
    Error error = Error::kNone;
    // The greatest epoch up to the one asked about, and its end; unset: not known to the leader.
    LeaderEpoch leader_epoch;
    Offset end_offset;
  };
  List<Partition> partitions;
};

// --- discovery
// ------------------------------------------------------------------------------------

// A few brokers in an order that matters, kept in place: images are copied at every change.
class BrokerList {
 public:
  static constexpr size_t kCapacity = 8;
  BrokerList() = default;
  BrokerList(std::initializer_list<BrokerId> brokers) {
    for (const BrokerId broker : brokers) push_back(broker);
  }
  void push_back(BrokerId broker) {
    EOSIM_ASSERT(size_ < kCapacity);
    brokers_[size_++] = broker;
  }
  void erase(BrokerId broker) {
    BrokerId* const first = brokers_.data();
    BrokerId* const last = std::remove(first, first + size_, broker);
    std::fill(last, first + kCapacity, BrokerId{});
    size_ = static_cast<uint8_t>(last - first);
  }
  bool contains(BrokerId broker) const { return std::find(begin(), end(), broker) != end(); }
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  BrokerId front() const { return brokers_.front(); }
  BrokerId operator[](size_t i) const { return brokers_.at(i); }
  const BrokerId* begin() const { return brokers_.data(); }
  const BrokerId* end() const { return brokers_.data() + size_; }
  friend bool operator==(const BrokerList&, const BrokerList&) = default;

 private:
  std::array<BrokerId, kCapacity> brokers_{};  // beyond size_: unset, so that == compares values
  uint8_t size_ = 0;
};

// The controller's record of a partition (groups-streams-replication.md 6.1).
struct PartitionMetadata {
  BrokerId leader;  // unset: none
  LeaderEpoch leader_epoch;
  PartitionEpoch partition_epoch;
  BrokerList replicas;      // in order of preference
  BrokerList isr;           // committed
  bool recovering = false;  // an unclean election made the leader
  friend bool operator==(const PartitionMetadata&, const PartitionMetadata&) = default;
};
struct TopicMetadata {
  TopicId topic;
  bool internal = false;
  List<PartitionMetadata> partitions;
};
struct BrokerMetadata {
  BrokerId id;
  sim::ProcessId process;
  bool alive = true;  // registered and not fenced
  BrokerEpoch epoch;
  bool shutting_down = false;
};
// Levels of what the whole cluster has finalised, not of what its brokers could do (KIP-584;
// transactions.md 6.7).
struct FinalisedFeatures {
  int64_t epoch = 0;  // version of the image that brought them
  int16_t transaction_version = 0;
  bool eligible_leader_replicas = false;
  friend bool operator==(const FinalisedFeatures&, const FinalisedFeatures&) = default;
};
// The cluster after one change by the controller; immutable, in a store. Brokers hold the one that
// they have applied, clients the one that a broker told them.
struct MetadataImage {
  int64_t version = 0;  // of the controller's log
  FinalisedFeatures features;
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
  int16_t transaction_version = 0;  // the finalised feature (transactions.md 6.7)
  int64_t features_epoch = 0;       // and since which image
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
  struct Transaction {
    Name transactional_id;
    ProducerIdAndEpoch producer;
    bool verify_only = false;
    List<TopicPartition> partitions;
    Ghost<TransactionInstance> instance;
  };
  // v0-3, from clients.
  Name transactional_id;
  ProducerIdAndEpoch producer;
  List<TopicPartition> partitions;
  Ghost<TransactionInstance> instance;
  // v4+, from partition leaders (KIP-890): everything that waited for this coordinator.
  List<Transaction> transactions;
};
struct AddPartitionsToTxnResponse : ResponseOf<Rpc::kAddPartitionsToTxn> {
  struct Transaction {
    Name transactional_id;
    List<PartitionError> partitions;
  };
  List<PartitionError> partitions;  // v0-3
  Error error = Error::kNone;       // v4+: of the whole request
  List<Transaction> transactions;   // v4+: in the order of the request
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
  int16_t transaction_version = 0;  // v2+ (KIP-1228)
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
  List<Member> members;          // for the leader only; in join order
  Name protocol_type;            // v7+
  bool skip_assignment = false;  // v9+: a leader that came back assigns nothing (KIP-814)
};

struct MemberAssignment {
  Name member_id;
  List<TopicPartition> partitions;
  UserData user_data;
};
struct SyncGroupRequest : RequestOf<Rpc::kSyncGroup> {
  Name group;
  Generation generation;
  Name member_id;
  Name instance_id;
  List<MemberAssignment> assignments;
  Name protocol_type;  // v5+, as the protocol: what the member was told when it joined
  Name protocol;
};
struct SyncGroupResponse : ResponseOf<Rpc::kSyncGroup> {
  Error error = Error::kNone;
  List<TopicPartition> assignment;
  Name protocol_type;  // v5+
  Name protocol;       // v5+
  UserData user_data;
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

// --- controller
// -----------------------------------------------------------------------------------

struct BrokerRegistrationRequest : RequestOf<Rpc::kBrokerRegistration> {
  BrokerId broker;
  uint64_t incarnation = 0;
  // KIP-966: of the life that left the mark of a clean stop on the disk; invalid: there is none.
  BrokerEpoch previous_epoch;
};
struct BrokerRegistrationResponse : ResponseOf<Rpc::kBrokerRegistration> {
  Error error = Error::kNone;  // DUPLICATE_BROKER_REGISTRATION: another life has a session
  BrokerEpoch broker_epoch;
};

struct BrokerHeartbeatRequest : RequestOf<Rpc::kBrokerHeartbeat> {
  BrokerId broker;
  BrokerEpoch broker_epoch;
  int64_t metadata_version = 0;  // applied
  bool want_fence = false;
  bool want_shut_down = false;
};
struct BrokerHeartbeatResponse : ResponseOf<Rpc::kBrokerHeartbeat> {
  Error error = Error::kNone;  // STALE_BROKER_EPOCH, BROKER_ID_NOT_REGISTERED
  bool caught_up = false;
  bool fenced = true;
  bool should_shut_down = false;
};

struct AlterPartitionRequest : RequestOf<Rpc::kAlterPartition> {
  struct Replica {
    BrokerId broker;
    BrokerEpoch epoch;  // as the leader knows it; unset: not known
  };
  struct Partition {
    TopicPartition partition;
    LeaderEpoch leader_epoch;
    PartitionEpoch partition_epoch;
    List<Replica> isr;
    bool recovering = false;
  };
  BrokerId broker;
  BrokerEpoch broker_epoch;
  List<Partition> partitions;
};
struct AlterPartitionResponse : ResponseOf<Rpc::kAlterPartition> {
  struct Partition {
    TopicPartition partition;
    Error error = Error::kNone;
    PartitionMetadata state;  // with NONE: what holds now
  };
  Error error = Error::kNone;  // STALE_BROKER_EPOCH
  List<Partition> partitions;  // in the order of the request
};

struct AllocateProducerIdsRequest : RequestOf<Rpc::kAllocateProducerIds> {
  BrokerId broker;
  BrokerEpoch broker_epoch;
};
struct AllocateProducerIdsResponse : ResponseOf<Rpc::kAllocateProducerIds> {
  Error error = Error::kNone;
  int64_t first = 0;
  int32_t count = 0;
};

// Long poll: answered as soon as there is a newer image than `known_version`.
struct FetchClusterMetadataRequest : RequestOf<Rpc::kFetchClusterMetadata> {
  BrokerId broker;
  int64_t known_version = 0;
  int32_t max_wait_ms = 500;
};
struct FetchClusterMetadataResponse : ResponseOf<Rpc::kFetchClusterMetadata> {
  MetadataId image;  // unset: nothing newer
};

// --- looking at transactions (KIP-664, transactions.md 2.11)
// ------------------------------------------------------

struct DescribeTransactionsRequest : RequestOf<Rpc::kDescribeTransactions> {
  List<Name> transactional_ids;
};
struct DescribeTransactionsResponse : ResponseOf<Rpc::kDescribeTransactions> {
  struct Transaction {
    Error error = Error::kNone;
    Name transactional_id;
    TransactionState state = TransactionState::kEmpty;
    ProducerIdAndEpoch producer;
    int32_t timeout_ms = 0;
    int64_t start_ms = -1;
    List<TopicPartition> partitions;
  };
  List<Transaction> transactions;
};

struct ListTransactionsRequest : RequestOf<Rpc::kListTransactions> {
  List<TransactionState> states;  // empty: all
  List<ProducerId> producers;     // empty: all
  int64_t duration_ms = -1;       // v1+: at least this old; -1: any
};
struct ListTransactionsResponse : ResponseOf<Rpc::kListTransactions> {
  struct Transaction {
    Name transactional_id;
    ProducerId producer_id;
    TransactionState state = TransactionState::kEmpty;
  };
  Error error = Error::kNone;
  List<Transaction> transactions;
};

struct DescribeProducersRequest : RequestOf<Rpc::kDescribeProducers> {
  List<TopicPartition> partitions;
};
struct DescribeProducersResponse : ResponseOf<Rpc::kDescribeProducers> {
  struct Producer {
    ProducerIdAndEpoch producer;
    Sequence last_sequence;
    int64_t last_timestamp_ms = -1;
    CoordinatorEpoch coordinator_epoch;
    Offset open_transaction;  // first offset; unset: none
  };
  struct Partition {
    TopicPartition partition;
    Error error = Error::kNone;
    List<Producer> producers;
  };
  List<Partition> partitions;
};

}  // namespace eosim::kafka
