// The controller's rules without a kernel: a cluster of four brokers and partitions as a test wants
// them, and short words for what brokers do.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"
#include "models/controller/cluster_state.h"

namespace eosim::kafka::testing {

inline BrokerId b(int32_t id) { return BrokerId{id}; }

inline BrokerList brokers(const std::vector<int32_t>& ids) {
  BrokerList list;
  for (const int32_t id : ids) list.push_back(b(id));
  return list;
}

inline std::vector<int32_t> ids(const BrokerList& list) {
  std::vector<int32_t> result;
  for (const BrokerId broker : list) result.push_back(broker.value);
  return result;
}

// One partition: its replicas, and its ISR, of which the first one leads.
struct Placement {
  std::vector<int32_t> replicas{0, 1, 2};
  std::vector<int32_t> isr{0, 1, 2};
};

struct StateOptions {
  std::vector<Placement> partitions{{}};
  int32_t min_insync_replicas = 1;
  bool unclean = false;
  std::vector<Switch> on;
};

inline constexpr TopicPartition kFirst{{0}, 0};

class StateHarness {
 public:
  explicit StateHarness(const StateOptions& options = {}) : state(config(options), image(options)) {
    state.restart_sessions(now);
  }

  static ControllerConfig config(const StateOptions& options) {
    ControllerConfig config;
    config.topics = {{options.min_insync_replicas, options.unclean}};
    for (const Switch s : options.on) config.switches.set(s, 1);
    return config;
  }

  static MetadataImage image(const StateOptions& options) {
    MetadataImage image;
    for (int32_t id = 0; id < 4; ++id) {
      image.brokers.push_back({.id = b(id), .process = {static_cast<uint32_t>(id)}});
    }
    TopicMetadata topic{.topic = {0}};
    for (const Placement& placement : options.partitions) {
      PartitionMetadata partition;
      partition.leader = b(placement.isr.front());
      partition.leader_epoch = LeaderEpoch{0};
      partition.partition_epoch = PartitionEpoch{0};
      partition.replicas = brokers(placement.replicas);
      partition.isr = brokers(placement.isr);
      topic.partitions.push_back(partition);
    }
    image.topics = {topic};
    return image;
  }

  // --- what brokers do ---
  BrokerRegistrationResponse enrol(int32_t id, uint64_t incarnation,
                                   bool after_clean_stop = false) {
    BrokerRegistrationRequest request;
    request.broker = b(id);
    request.incarnation = incarnation;
    if (after_clean_stop) request.previous_epoch = state.broker(b(id)).epoch;
    const BrokerRegistrationResponse response = state.register_broker(request, now);
    commit();
    return response;
  }
  BrokerHeartbeatRequest heartbeat_of(int32_t id) {
    BrokerHeartbeatRequest request;
    request.broker = b(id);
    request.broker_epoch = state.broker(b(id)).epoch;
    request.metadata_version = state.image().version;
    return request;
  }
  BrokerHeartbeatResponse beat(const BrokerHeartbeatRequest& request) {
    const BrokerHeartbeatResponse response = state.heartbeat(request, now);
    commit();
    return response;
  }
  BrokerHeartbeatResponse beat(int32_t id) { return beat(heartbeat_of(id)); }
  BrokerHeartbeatResponse want_shut_down(int32_t id) {
    BrokerHeartbeatRequest request = heartbeat_of(id);
    request.want_shut_down = true;
    return beat(request);
  }
  // Its session ends: everybody else is heard of in time.
  void lose(int32_t id) {
    now = now + sim::seconds(9);
    for (const BrokerMetadata& broker : state.image().brokers) {
      if (broker.alive && broker.id != b(id)) beat(broker.id.value);
    }
    REQUIRE(state.expire_session(now));
    commit();
    REQUIRE_FALSE(state.broker(b(id)).alive);
  }
  // The next life of a broker that was fenced, up to its unfencing.
  void bring_back(int32_t id, bool after_clean_stop = false) {
    const uint64_t incarnation = state.incarnation(b(id)) + 1;
    REQUIRE(enrol(id, incarnation, after_clean_stop).error == Error::kNone);
    REQUIRE_FALSE(beat(id).fenced);
  }
  AlterPartitionResponse::Partition alter(int32_t sender, std::vector<int32_t> isr) {
    AlterPartitionRequest request = alter_of(sender, std::move(isr));
    return alter(request);
  }
  AlterPartitionRequest alter_of(int32_t sender, std::vector<int32_t> isr) {
    AlterPartitionRequest request;
    request.broker = b(sender);
    request.broker_epoch = state.broker(b(sender)).epoch;
    AlterPartitionRequest::Partition partition;
    partition.partition = kFirst;
    partition.leader_epoch = first().leader_epoch;
    partition.partition_epoch = first().partition_epoch;
    for (const int32_t member : isr) {
      partition.isr.push_back({b(member), state.broker(b(member)).epoch});
    }
    request.partitions = {partition};
    return request;
  }
  AlterPartitionResponse::Partition alter(const AlterPartitionRequest& request) {
    const AlterPartitionResponse response = state.alter_partitions(request);
    commit();
    REQUIRE(response.error == Error::kNone);
    REQUIRE(response.partitions.size() == 1);
    return response.partitions.front();
  }
  void commit() {
    if (!state.changed()) return;
    for (const EmittedEvent& fact : state.commit()) facts.push_back(fact);
  }

  // --- what came of it ---
  const PartitionMetadata& first() const { return state.partition(kFirst); }
  // "leader 1 isr 1 2 epochs 1/1"
  std::string shape(TopicPartition tp = kFirst) const {
    const PartitionMetadata& p = state.partition(tp);
    std::string text = "leader " + std::to_string(p.leader.value) + " isr";
    for (const BrokerId member : p.isr) text += " " + std::to_string(member.value);
    return text + " epochs " + std::to_string(p.leader_epoch.value) + "/" +
           std::to_string(p.partition_epoch.value) + (p.recovering ? " recovering" : "");
  }
  int count(Event event) const {
    int found = 0;
    for (const EmittedEvent& fact : facts) found += fact.event == event ? 1 : 0;
    return found;
  }

  sim::SteadyTime now{};
  ClusterState state;
  std::vector<EmittedEvent> facts;
};

}  // namespace eosim::kafka::testing
