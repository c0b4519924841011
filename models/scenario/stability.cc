#include "models/scenario/stability.h"

#include <algorithm>

#include "models/app/app_process.h"
#include "models/broker/broker.h"
#include "models/scenario/cluster_shared.h"

namespace eosim::scenario {

namespace {

bool runs(const sim::World& world, sim::ProcessId process) {
  return world.state(process) == sim::ProcessState::kRunning;
}

const kafka::Group* stable_group(const ClusterShared& shared, const sim::World& world,
                                 const std::string& name) {
  for (const sim::Target& target : world.resolve("coordinator:group:" + name)) {
    const auto& broker = static_cast<const kafka::Broker&>(world.process(target.process));
    if (!runs(world, target.process) || !broker.started()) continue;
    for (const kafka::Group& group : broker.group_coordinator().groups()) {
      const bool meant = shared.names.text(group.name()) == name;
      if (meant && group.is(kafka::GroupState::kStable)) return &group;
    }
  }
  return nullptr;
}

// Polling threads of an instance whose consumers are in the group's generation.
ptrdiff_t threads_in(const kafka::Group& group, const kafka::AppProcess& app) {
  const auto consumers = app.clients().consumers();
  return std::count_if(consumers.begin(), consumers.end(), [&](const kafka::Consumer* consumer) {
    const kafka::GroupMetadata& known = consumer->group_metadata();
    return known.group == group.name() && known.generation == group.generation() &&
           std::any_of(group.members().begin(), group.members().end(),
                       [&](const kafka::Member& member) { return member.id == known.member_id; });
  });
}

}  // namespace

bool group_settled(const ClusterShared& shared, const sim::World& world, const std::string& app) {
  for (const ClusterShared::Application& application : shared.applications) {
    if (application.config.name != app || application.config.input.empty()) continue;
    const kafka::Group* group = stable_group(shared, world, app);
    if (group == nullptr) return false;
    for (const sim::ProcessId process : application.processes) {
      if (!runs(world, process)) continue;
      const auto& instance = static_cast<const kafka::AppProcess&>(world.process(process));
      if (threads_in(*group, instance) < instance.thread_count()) return false;
    }
  }
  return true;
}

bool cluster_in_sync(const ClusterShared& shared, const sim::World& world) {
  for (uint32_t b = 0; b < shared.brokers; ++b) {
    const auto& broker = static_cast<const kafka::Broker&>(world.process({b}));
    if (!runs(world, {b}) || !broker.started() || broker.fenced() || broker.loading()) return false;
  }
  const kafka::MetadataImage& image = shared.cluster(world).image();
  return std::all_of(image.topics.begin(), image.topics.end(), [](const auto& topic) {
    return std::all_of(topic.partitions.begin(), topic.partitions.end(), [](const auto& partition) {
      return partition.leader.valid() && partition.isr.size() == partition.replicas.size();
    });
  });
}

}  // namespace eosim::scenario
