#include "models/scenario/world_builder.h"

#include <algorithm>

#include "models/app/app_process.h"
#include "models/app/auditor_process.h"
#include "models/app/operator_process.h"
#include "models/app/source_process.h"
#include "models/broker/broker.h"
#include "models/broker/cluster_layout.h"
#include "models/controller/controller.h"
#include "models/protocol/versions.h"
#include "models/scenario/cluster_shared.h"
#include "models/scenario/fault_binding.h"
#include "models/scenario/streams_topics.h"
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
  config.message_kinds = kafka::rpc_names();
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
  made.versions =
      kafka::versions_for(*kafka::find_preset(preset), made.switches, kafka::Side::kClient);
  for (int i = 0; i < scenario.brokers.count; ++i) {
    made.brokers.push_back({{i}, {static_cast<uint32_t>(i)}});
  }
  return made;
}

// What an application that only writes is to do. Its work is a stream of its own, under a name that
// no topic can have.
void describe_work(const Scenario& scenario, const App& app, kafka::KafkaShared& shared,
                   AppConfig& made) {
  made.kind = app.transactional() ? kafka::AppKind::kTransactionalProducer
                                  : kafka::AppKind::kIdempotentProducer;
  made.work.records_per_1000s = app.records_per_1000s;
  made.work.record_bytes = static_cast<uint32_t>(app.record_size);
  made.work.records = app.transaction.records;
  made.work.partitions = app.transaction.partitions;
  made.work.abort_thousandths = static_cast<uint32_t>(app.transaction.abort_thousandths);
  made.work.gap = app.transaction.gap;
  made.work.end = sim::Time{scenario.duration.ns};
  made.work.stream = kafka::TopicId{static_cast<uint16_t>(shared.topic_names.size())};
  shared.topic_names.push_back(app.name + "~work");
}

kafka::Topology topology_of(const App& app, const kafka::ClusterLayout& layout) {
  kafka::Topology made;
  made.keys = app.topology.keys;
  for (const Stage& stage : stages(app)) {
    kafka::SubTopology& sub = made.subs.emplace_back();
    sub.processor = stage.processor;
    for (const std::string& name : stage.sources) sub.sources.push_back(topic_shape(layout, name));
    for (const std::string& name : stage.sinks) sub.sinks.push_back(topic_shape(layout, name));
    if (!stage.changelog.empty()) sub.changelog = topic_shape(layout, stage.changelog);
  }
  return made;
}

AppConfig app_config(const Scenario& scenario, const App& app, const kafka::ClusterLayout& layout) {
  AppConfig made = client_base(scenario, app.name, app.kafka);
  if (app.only_reads()) made.kind = kafka::AppKind::kConsumerGroup;
  made.settings = app.config;
  made.threads = static_cast<uint16_t>(app.threads);
  for (const std::string& topic : app.input) made.input.push_back(topic_shape(layout, topic));
  for (const std::string& topic : app.output) made.output.push_back(topic_shape(layout, topic));
  made.fan_out = app.transform.fan_out;
  made.transform_cost = app.transform.cost;
  for (const std::string& name : app.mistakes) {
    const auto mistake = kafka::find_mistake(name);
    EOSIM_ASSERT(mistake.has_value());
    made.mistakes.add(*mistake);
  }
  if (app.streams()) {
    made.kind = kafka::AppKind::kStreams;
    made.topology = topology_of(app, layout);
  }
  using Way = kafka::OffsetCommitWay;
  made.commit = app.full_metadata ? Way::kTransactionFenced : Way::kTransaction;
  if (app.guarantee == Guarantee::kAtLeastOnce) made.commit = Way::kPlain;
  if (app.guarantee == Guarantee::kExactlyOnce) made.scope = kafka::ProducerScope::kInputPartition;
  return made;
}

// The brokers of the scenario, or what they are after a rolling bounce.
std::vector<kafka::BrokerConfig> broker_configs(const Scenario& scenario, const Brokers& brokers,
                                                const kafka::ClusterLayout& layout,
                                                kafka::MetadataId image,
                                                sim::ProcessId controller) {
  std::vector<kafka::BrokerConfig> all;
  for (int i = 0; i < brokers.count; ++i) {
    kafka::BrokerConfig config = kafka::make_broker_config({i}, image, layout);
    config.controller = controller;
    config.switches = broker_switches(scenario, brokers, i);
    config.supports = supported_features(scenario, brokers, i);
    config.versions =
        kafka::versions_for(*kafka::find_preset(brokers.kafka_of(i)), config.switches);
    kafka::apply_settings(brokers.config_of(i), config);
    for (const Topic& topic : scenario.topics) {
      config.log_configs.at(layout.topic(topic.name).value) =
          kafka::log_config(topic.config, brokers.config_of(i));
    }
    all.push_back(std::move(config));
  }
  return all;
}

void add_brokers(std::vector<kafka::BrokerConfig> configs, sim::World& world) {
  for (kafka::BrokerConfig& config : configs) {
    const auto number = static_cast<uint32_t>(config.id.value);
    const sim::ProcessId added =
        world.add_process("broker-" + std::to_string(number),
                          std::make_unique<kafka::Broker>(std::move(config)), sim::kNever);
    EOSIM_ASSERT(added.index == number);
  }
}

void add_controller(const Scenario& scenario, const kafka::ClusterLayout& layout,
                    kafka::MetadataId image, sim::World& world) {
  using enum kafka::SettingId;
  const kafka::Settings& told = scenario.brokers.config;
  kafka::ControllerConfig config;
  config.image = image;
  for (size_t topic = 0; topic < layout.topic_names.size(); ++topic) {
    kafka::TopicRules rules;
    rules.min_insync_replicas = layout.min_insync_replicas[topic];
    // Kafka creates __transaction_state with this switched off, whatever the brokers say
    // (transactions.md 1.5); __consumer_offsets goes by the brokers.
    rules.unclean_leader_election_enable =
        topic != layout.transaction_state.value && told.get(kUncleanLeaderElectionEnable) != 0;
    for (const Topic& one : scenario.topics) {
      if (one.name != layout.topic_names[topic]) continue;
      rules.unclean_leader_election_enable =
          kafka::topic_setting(kUncleanLeaderElectionEnable, one.config, told) != 0;
    }
    config.topics.push_back(rules);
  }
  config.switches = broker_switches(scenario, 0);
  kafka::apply_settings(told, config);
  world.add_process("controller", std::make_unique<kafka::Controller>(config, layout.image));
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

// Where a fault or chaos may ask for one.
void add_operator(const Scenario& scenario, sim::World& world) {
  constexpr std::string_view kKind = "abort_transaction";
  bool wanted =
      std::ranges::any_of(scenario.faults, [&](const Fault& fault) { return fault.kind == kKind; });
  if (scenario.chaos) {
    wanted |= std::ranges::any_of(scenario.chaos->kinds, [&](const auto& kind) {
      return kind.first == kKind && kind.second > 0;
    });
  }
  if (!wanted) return;
  const AppConfig client = client_base(scenario, "operator", scenario.kafka);
  world.add_process("operator", std::make_unique<kafka::OperatorProcess>(kafka::OperatorConfig{
                                    client.name, client.versions, client.brokers}));
}

void add_applications(const Scenario& scenario, const kafka::ClusterLayout& layout,
                      sim::World& world) {
  auto& shared = static_cast<ClusterShared&>(world.shared());
  for (const App& app : scenario.apps) {
    AppConfig config = app_config(scenario, app, layout);
    if (!app.reads()) describe_work(scenario, app, shared, config);
    shared.applications.push_back({std::move(config), 0, {}});
    for (int i = 0; i < app.instances; ++i) {
      shared.add_instance(world, shared.applications.back(), sim::Time{app.start.ns});
    }
  }
}

BouncePlan bounce_plan(const Scenario& scenario, const Bounce& bounce,
                       const kafka::ClusterLayout& layout, kafka::MetadataId image,
                       const ClusterShared& shared) {
  const Fault& fault = scenario.faults.at(bounce.fault);
  BouncePlan plan;
  plan.app = fault.app;
  plan.only = fault.target;
  plan.down = fault.length.value_or(sim::Duration{});
  plan.gap = fault.gap;
  plan.wait_stable = fault.wait_stable;
  if (bounce.brokers) {
    plan.brokers = broker_configs(scenario, *bounce.brokers, layout, image, shared.controller);
    return plan;
  }
  plan.instance = app_config(scenario, *bounce.app, layout);
  for (const ClusterShared::Application& application : shared.applications) {
    if (application.config.name != fault.app) continue;
    plan.instance->kind = application.config.kind;
    plan.instance->work = application.config.work;
  }
  return plan;
}

}  // namespace

// Features are finalised for the whole cluster, so they are on where every broker that it begins
// with supports them (transactions.md 6.7). A newer broker does not turn one on.
kafka::Switches broker_switches(const Scenario& scenario, const Brokers& brokers, int broker) {
  kafka::Switches made = switches_for(scenario, brokers.kafka_of(broker));
  const Brokers& first = scenario.brokers;
  for (int i = 0; i < (first.own.empty() ? 1 : first.count); ++i) {
    const kafka::Switches other = switches_for(scenario, first.kafka_of(i));
    for (const kafka::Switch feature : kafka::finalised_features()) {
      if (!other.on(feature)) made.set(feature, uint8_t{0});
    }
  }
  return made;
}

kafka::Switches broker_switches(const Scenario& scenario, int broker) {
  return broker_switches(scenario, scenario.brokers, broker);
}

kafka::FinalisedFeatures supported_features(const Scenario& scenario, const Brokers& brokers,
                                            int broker) {
  return kafka::finalised_in(switches_for(scenario, brokers.kafka_of(broker)));
}

kafka::Switches app_switches(const Scenario& scenario, const App& app) {
  return switches_for(scenario, app.kafka);
}

sim::World build_world(const Scenario& scenario, const WorldOptions& options) {
  auto made = std::make_unique<ClusterShared>();
  kafka::ClusterLayout layout = cluster_layout(scenario);
  made->topic_names = layout.topic_names;
  layout.image.features = kafka::finalised_in(broker_switches(scenario, 0));
  const kafka::MetadataId image = made->metadata.put(layout.image);
  made->brokers = static_cast<uint32_t>(scenario.brokers.count);
  made->consumer_offsets = layout.consumer_offsets;
  made->transaction_state = layout.transaction_state;
  const sim::ProcessId controller{made->brokers};
  made->controller = controller;
  sim::World world(world_config(scenario, options), std::move(made));
  for (const sim::Override& o : options.overrides) {
    world.choices().override_draw(o.stream, o.index, o.value);
  }
  add_brokers(broker_configs(scenario, scenario.brokers, layout, image, controller), world);
  add_controller(scenario, layout, image, world);
  EOSIM_ASSERT(world.find("controller") == controller);
  // Whom they ask is there before them.
  for (uint32_t i = 0; i < controller.index; ++i) world.start({i});
  add_sources(scenario, layout, world);
  add_applications(scenario, layout, world);
  add_auditors(scenario, layout, world);
  add_operator(scenario, world);
  auto& shared = static_cast<ClusterShared&>(world.shared());
  for (const Bounce& bounce : scenario.bounces) {
    shared.bounces_under_way.plans.push_back(bounce_plan(scenario, bounce, layout, image, shared));
  }
  for (size_t i = 0; i < scenario.faults.size(); ++i) {
    world.add_fault(bind_fault(scenario, i, world.choices()));
  }
  for (sim::FaultSpec& fault : draw_faults(scenario, world.choices())) {
    world.add_fault(std::move(fault));
  }
  return world;
}

}  // namespace eosim::scenario
