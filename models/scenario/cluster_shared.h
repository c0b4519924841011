// The Kafka half of a world built from a scenario: what KafkaShared cannot know, because it takes
// brokers and applications to know it. Selectors, which actors a stall stops, and the model's own
// faults: group membership, leadership, a slow controller, slow metadata.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/app/app_config.h"
#include "models/controller/controller.h"
#include "models/protocol/shared.h"
#include "models/scenario/rolling_bounce.h"
#include "sim/world.h"

namespace eosim::scenario {

class ClusterShared final : public kafka::KafkaShared {
 public:
  struct Application {
    kafka::AppConfig config;  // of an instance, but for its number
    uint32_t instances = 0;   // ever added: the number of the next one
    std::vector<sim::ProcessId> processes;
  };
  struct SlowMetadata {
    sim::ProcessId broker;
    sim::Duration by;
    std::string cause;  // the target, as it was written
  };

  uint32_t brokers = 0;  // processes 0 .. brokers - 1
  sim::ProcessId controller;
  kafka::TopicId consumer_offsets;
  kafka::TopicId transaction_state;
  std::vector<Application> applications;
  std::vector<SlowMetadata> slow_metadata;  // faults that hold
  RollingBounces bounces_under_way;

  std::unique_ptr<sim::Shared> clone() const override;
  std::vector<sim::Target> resolve(const sim::World& world,
                                   std::string_view selector) const override;
  std::vector<sim::ActorId> stallable_actors(const sim::World& world,
                                             sim::ProcessId process) const override;
  // By what the controller knows, and who is up: every partition of the victim must have another
  // replica in sync whose broker is there (cli-and-scenarios.md 2.4).
  bool may_strike(const sim::World& world, const sim::FaultSpec& fault,
                  sim::ProcessId victim) const override;
  void apply(sim::World& world, const sim::FaultSpec& fault, bool begin) override;
  void on_wake(sim::World& world, uint64_t) override { bounces_under_way.on_wake(*this, world); }
  void on_heal(sim::World&) override { bounces_under_way.on_heal(); }

  // What the controller knows.
  const kafka::ClusterState& cluster(const sim::World& world) const;

  // Adds the next instance of an application to the world.
  sim::ProcessId add_instance(sim::World& world, Application& application, sim::Time start,
                              std::optional<uint32_t> identity = std::nullopt);

 private:
  // The partition that a selector of a leader or coordinator is about.
  std::optional<kafka::TopicPartition> partition_meant(const sim::World& world,
                                                       std::string_view selector) const;
  kafka::BrokerList absent_brokers(const sim::World& world) const;
  void change_membership(sim::World& world, const sim::FaultSpec& fault);
  void abort_hanging(sim::World& world, const sim::FaultSpec& fault);
  void finalise_features(sim::World& world, const sim::FaultSpec& fault);
  void change_leader(sim::World& world, const sim::FaultSpec& fault);
  void slow_metadata_down(sim::World& world, const sim::FaultSpec& fault, bool begin);
  std::vector<sim::Target> leader_of(const sim::World& world,
                                     kafka::TopicPartition partition) const;
  std::vector<sim::Target> owner_of(const sim::World& world, kafka::TopicPartition partition) const;
  std::optional<uint32_t> identity_of(const sim::World& world, const Application& application,
                                      const std::string& named) const;
  size_t leaving_instance(const sim::World& world, const Application& application,
                          const std::string& named) const;
  std::optional<kafka::TopicPartition> find_partition(const sim::World& world,
                                                      std::string_view name) const;
  int32_t partition_for(const sim::World& world, std::string_view key, kafka::TopicId topic) const;
};

}  // namespace eosim::scenario
