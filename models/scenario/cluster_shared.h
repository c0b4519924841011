// The Kafka half of a world built from a scenario: what KafkaShared cannot know, because it takes
// brokers and applications to know it. Selectors, which actors a stall stops, and the faults that
// change a group's membership.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/app/app_config.h"
#include "models/protocol/shared.h"
#include "sim/world.h"

namespace eosim::scenario {

class ClusterShared final : public kafka::KafkaShared {
 public:
  struct Application {
    kafka::AppConfig config;  // of an instance, but for its number
    uint32_t instances = 0;   // ever added: the number of the next one
    std::vector<sim::ProcessId> processes;
  };

  kafka::MetadataId image;
  uint32_t brokers = 0;  // processes 0 .. brokers - 1
  kafka::TopicId consumer_offsets;
  kafka::TopicId transaction_state;
  std::vector<Application> applications;

  std::unique_ptr<sim::Shared> clone() const override;
  std::vector<sim::Target> resolve(const sim::World& world,
                                   std::string_view selector) const override;
  std::vector<sim::ActorId> stallable_actors(const sim::World& world,
                                             sim::ProcessId process) const override;
  void apply(sim::World& world, const sim::FaultSpec& fault, bool begin) override;

  // Adds the next instance of an application to the world.
  sim::ProcessId add_instance(sim::World& world, Application& application, sim::Time start);

 private:
  std::vector<sim::Target> leader_of(kafka::TopicPartition partition) const;
  std::vector<sim::Target> owner_of(const sim::World& world, kafka::TopicPartition partition) const;
  size_t leaving_instance(const sim::World& world, const Application& application,
                          const std::string& named) const;
  std::optional<kafka::TopicPartition> find_partition(std::string_view name) const;
  int32_t partition_for(std::string_view key, kafka::TopicId topic) const;
};

}  // namespace eosim::scenario
