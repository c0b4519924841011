#include "models/scenario/world_builder.h"

#include <algorithm>

#include "models/app/app_process.h"
#include "models/app/auditor_process.h"
#include "models/app/source_process.h"
#include "models/broker/broker.h"
#include "models/broker/cluster_layout.h"
#include "models/protocol/versions.h"
#include "models/scenario/cluster_shared.h"
#include "models/scenario/fault_binding.h"
#include "sim/assert.h"

namespace eosim::scenario {

namespace {

using kafka::AppConfig;

// What a preset and the scenario's "protocol" make of the switches; a side reads only its own.
kafka::Switches switches_for(const Scenario& scenario, const std::string& preset) {
  kafka::Switches made = kafka::preset_switches(*kafka::find_preset(preset));
  for (const auto& [name, word] : scenario.protocol) {
    if (const kafka::SwitchGroup* group = kafka::find_switch_group(name)) {
      kafka::set_group(made, *group, word == "on");
    } else {
      const auto single = kafka::find_switch(name);
      EOSIM_ASSERT(single.has_value());
      const bool known = made.set(*single, word);
      EOSIM_ASSERT(known);
    }
  }
  return made;
}

sim::WorldConfig world_config(const Scenario& scenario, const WorldOptions& options) {
  sim::WorldConfig config;
  config.seed = options.seed;
  config.calm = scenario.calm;
  config.network.latency = sim::LogNormal::from_median_p99(scenario.network.latency_median,
                                                           scenario.network.latency_p99);
  config.network.late = {static_cast<uint32_t>(scenario.network.late_share_thousandths), 1'000};
  config.network.late_max = scenario.network.late_max;
  for (size_t i = 0; i < kafka::kRpcCount; ++i) {
    config.message_kinds.emplace_back(kafka::rpc_name(static_cast<kafka::Rpc>(i)));
  }
  return config;
}

kafka::ClusterLayout cluster_layout(const Scenario& scenario) {
  std::vector<kafka::TopicLayout> topics;
  for (const Topic& topic : scenario.topics) {
    topics.push_back(
        {topic.name, topic.partitions, topic.replication_factor, topic.min_insync_replicas});
  }
  kafka::List<kafka::BrokerMetadata> brokers;
  for (int i = 0; i < scenario.brokers.count; ++i) {
    brokers.push_back({{i}, {static_cast<uint32_t>(i)}, true});
  }
  return kafka::make_cluster_layout(std::move(topics), std::move(brokers),
                                    kafka::internal_topics_layout(scenario.brokers.config));
}

kafka::TopicShape topic_shape(const kafka::ClusterLayout& layout, const std::string& name) {
  const kafka::TopicId id = layout.topic(name);
  return {id, name, static_cast<int32_t>(layout.image.topics.at(id.value).partitions.size())};
}

AppConfig client_base(const Scenario& scenario, const std::string& name,
                      const std::string& preset) {
  AppConfig made;
  made.name = name;
  made.settings = kafka::Settings(preset);
  made.switches = switches_for(scenario, preset);
  made.versions = kafka::versions_for(*kafka::find_preset(preset), made.switches);
  for (int i = 0; i < scenario.brokers.count; ++i) {
    made.brokers.push_back({{i}, {static_cast<uint32_t>(i)}});
  }
  return made;
}

AppConfig app_config(const Scenario& scenario, const App& app, const kafka::ClusterLayout& layout) {
  AppConfig made = client_base(scenario, app.name, app.kafka);
  made.settings = app.config;
  made.threads = static_cast<uint16_t>(app.threads);
  for (const std::string& topic : app.input) made.input.push_back(topic_shape(layout, topic));
  for (const std::string& topic : app.output) made.output.push_back(topic_shape(layout, topic));
  made.fan_out = app.transform.fan_out;
  made.transform_cost = app.transform.cost;
  switch (app.guarantee) {
    case Guarantee::kAtLeastOnce:
      made.commit = kafka::OffsetCommitWay::kPlain;
      break;
    case Guarantee::kExactlyOnce:
      made.scope = kafka::ProducerScope::kInputPartition;
      made.commit = kafka::OffsetCommitWay::kTransaction;
      break;
    case Guarantee::kExactlyOnceV2:
      made.commit = kafka::OffsetCommitWay::kTransactionFenced;
      break;
    case Guarantee::kExactlyOnceUnfenced:
      made.commit = kafka::OffsetCommitWay::kTransaction;
      break;
  }
  return made;
}

void add_brokers(const Scenario& scenario, const kafka::ClusterLayout& layout,
                 kafka::MetadataId image, sim::World& world) {
  for (int i = 0; i < scenario.brokers.count; ++i) {
    kafka::BrokerConfig config = kafka::make_broker_config({i}, image, layout);
    config.switches = broker_switches(scenario);
    config.versions = kafka::versions_for(*kafka::find_preset(scenario.kafka), config.switches);
    kafka::apply_settings(scenario.brokers.config, config);
    const sim::ProcessId added =
        world.add_process("broker-" + std::to_string(i), std::make_unique<kafka::Broker>(config));
    EOSIM_ASSERT(added.index == static_cast<uint32_t>(i));
  }
}

void add_sources(const Scenario& scenario, const kafka::ClusterLayout& layout, sim::World& world) {
  for (size_t i = 0; i < scenario.sources.size(); ++i) {
    const Source& source = scenario.sources[i];
    kafka::SourceConfig config;
    config.client = client_base(scenario, "source-" + std::to_string(i), scenario.kafka);
    config.client.output = {topic_shape(layout, source.topic)};
    config.records_per_1000s = source.records_per_1000s;
    config.record_bytes = static_cast<uint32_t>(source.record_size);
    config.count = source.count.value_or(-1);
    config.poisson = source.arrivals == Arrivals::kPoisson;
    config.length = scenario.duration;
    world.add_process(config.client.name, std::make_unique<kafka::SourceProcess>(config));
  }
}

void add_auditors(const Scenario& scenario, const kafka::ClusterLayout& layout, sim::World& world) {
  std::vector<std::string> outputs;
  for (const App& app : scenario.apps) {
    outputs.insert(outputs.end(), app.output.begin(), app.output.end());
  }
  std::sort(outputs.begin(), outputs.end());
  outputs.erase(std::unique(outputs.begin(), outputs.end()), outputs.end());
  if (outputs.empty()) return;
  for (size_t i = 0; i < scenario.auditors.size(); ++i) {
    kafka::AuditorConfig config;
    config.client = client_base(scenario, "auditor-" + std::to_string(i), scenario.kafka);
    for (const std::string& topic : outputs) {
      config.client.input.push_back(topic_shape(layout, topic));
    }
    config.isolation = scenario.auditors[i] == "read_uncommitted"
                           ? kafka::IsolationLevel::kReadUncommitted
                           : kafka::IsolationLevel::kReadCommitted;
    world.add_process(config.client.name, std::make_unique<kafka::AuditorProcess>(config));
  }
}

}  // namespace

kafka::Switches broker_switches(const Scenario& scenario) {
  return switches_for(scenario, scenario.kafka);
}

kafka::Switches app_switches(const Scenario& scenario, const App& app) {
  return switches_for(scenario, app.kafka);
}

sim::World build_world(const Scenario& scenario, const WorldOptions& options) {
  auto made = std::make_unique<ClusterShared>();
  const kafka::ClusterLayout layout = cluster_layout(scenario);
  made->topic_names = layout.topic_names;
  const kafka::MetadataId image = made->metadata.put(layout.image);
  made->image = image;
  made->brokers = static_cast<uint32_t>(scenario.brokers.count);
  made->consumer_offsets = layout.consumer_offsets;
  made->transaction_state = layout.transaction_state;
  sim::World world(world_config(scenario, options), std::move(made));
  for (const sim::Override& o : options.overrides) {
    world.choices().override_draw(o.stream, o.index, o.value);
  }
  add_brokers(scenario, layout, image, world);
  add_sources(scenario, layout, world);
  auto& shared = static_cast<ClusterShared&>(world.shared());
  for (const App& app : scenario.apps) {
    shared.applications.push_back({app_config(scenario, app, layout), 0, {}});
    for (int i = 0; i < app.instances; ++i) {
      shared.add_instance(world, shared.applications.back(), sim::Time{app.start.ns});
    }
  }
  add_auditors(scenario, layout, world);
  for (size_t i = 0; i < scenario.faults.size(); ++i) {
    world.add_fault(bind_fault(scenario, i, world.choices()));
  }
  for (sim::FaultSpec& fault : draw_faults(scenario, world.choices())) {
    world.add_fault(std::move(fault));
  }
  return world;
}

}  // namespace eosim::scenario
