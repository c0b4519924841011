// Who is who in the cluster: what clients ask brokers, and brokers the controller
// (groups-streams-replication.md 6.1, 6.2).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>

#include "models/protocol/errors.h"
#include "models/protocol/rpc.h"
#include "models/protocol/types.h"
#include "sim/assert.h"
#include "sim/ids.h"
#include "sim/store.h"

namespace eosim::kafka {

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
// An image is big, and whoever learns of the next one lets go of it: a block each.
using MetadataStore = sim::Store<MetadataImage, 1>;
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

// --- controller

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

}  // namespace eosim::kafka
