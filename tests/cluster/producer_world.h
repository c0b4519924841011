// A world of real brokers and processes that hold one producer each and carry out a script, one
// call after the other. What each call came to, and the trace, are written down.
#pragma once

#include "broker_coverage.h"
#include "models/broker/broker.h"
#include "models/broker/cluster_layout.h"
#include "models/protocol/versions.h"
#include "scripted_producer.h"

namespace eosim::kafka::producer_test {

struct Options {
  std::string brokers = "2.5";  // presets
  std::string client = "2.5";
  bool transactional = true;
  bool calm = true;
  uint64_t seed = 1;
  int32_t linger_ms = 0;
  int32_t max_block_ms = 60'000;
  int32_t delivery_timeout_ms = 120'000;
  int32_t request_timeout_ms = 30'000;
};

// Topic "data" with 4 partitions on 3 brokers.
class ProducerWorld {
 public:
  explicit ProducerWorld(const Options& options = {}) : options_(options), world_(make()) {
    world_.set_observers({&watcher});
  }
  ~ProducerWorld() { testing::broker_coverage.reached.merge(shared().coverage); }

  Watcher watcher;
  sim::World& world() { return world_; }
  KafkaShared& shared() { return static_cast<KafkaShared&>(world_.shared()); }
  TopicPartition data(int32_t number) { return {layout_.topic("data"), number}; }

  ProducerConfig producer_config(std::string_view name) {
    const Preset& preset = *find_preset(options_.client);
    ProducerConfig config;
    config.client_id = shared().names.intern(name);
    if (options_.transactional) config.transactional_id = shared().names.intern("tid");
    config.linger_ms = options_.linger_ms;
    config.max_block_ms = options_.max_block_ms;
    config.delivery_timeout_ms = options_.delivery_timeout_ms;
    config.request_timeout_ms = options_.request_timeout_ms;
    config.switches = preset_switches(preset);
    config.versions = api_versions(preset, Side::kClient);
    for (const BrokerMetadata& broker : layout_.image.brokers) {
      config.brokers.push_back({broker.id, broker.process});
    }
    config.application = sim::ActorId{0};
    config.sender = sim::ActorId{1};
    config.component = kComponent;
    return config;
  }
  sim::ProcessId add_app(std::string_view name, std::vector<Command> script) {
    const ProducerConfig config = producer_config(name);
    auto app = std::make_unique<ScriptedApp>(config, shared().names.intern("group"));
    app->script = std::move(script);
    return world_.add_process(std::string(name), std::move(app), world_.now());
  }
  ScriptedApp& app(sim::ProcessId process) {
    return static_cast<ScriptedApp&>(world_.process(process));
  }
  const Broker& broker(int32_t number) {
    return static_cast<const Broker&>(world_.process({static_cast<uint32_t>(number)}));
  }
  int32_t leader(TopicPartition partition) {
    return layout_.image.topics[partition.topic.value]
        .partitions[static_cast<size_t>(partition.partition)]
        .leader.value;
  }
  int32_t transaction_coordinator() {
    const int32_t number = shared().names.partition_for(shared().names.intern("tid"), 50);
    return leader({layout_.transaction_state, number});
  }
  void run_for(sim::Duration time) {
    const sim::Time end = world_.now() + time;
    while (world_.next_time() <= end && world_.step()) {
    }
    world_.advance_to(end);
  }
  // Until the script is through, at most this long.
  bool run(sim::ProcessId process, sim::Duration limit = sim::seconds(300)) {
    const sim::Time end = world_.now() + limit;
    while (!app(process).finished() && world_.next_time() <= end && world_.step()) {
    }
    return app(process).finished();
  }

 private:
  sim::World make() {
    auto shared = std::make_unique<TestShared>();
    List<BrokerMetadata> brokers;
    for (int32_t i = 0; i < 3; ++i) {
      brokers.push_back({BrokerId{i}, sim::ProcessId{static_cast<uint32_t>(i)}, true});
    }
    layout_ = make_cluster_layout({{"data", 4, 3, 1}}, brokers);
    // One replica each: there is no controller in this world that could take one out of an ISR.
    for (TopicMetadata& topic : layout_.image.topics) {
      for (PartitionMetadata& partition : topic.partitions) {
        partition.replicas = partition.isr = {partition.leader};
      }
    }
    shared->topic_names = layout_.topic_names;
    const MetadataId image = shared->metadata.put(layout_.image);
    const Preset& preset = *find_preset(options_.brokers);
    sim::WorldConfig config;
    config.calm = options_.calm;
    config.seed = options_.seed;
    config.network.latency =
        sim::LogNormal::from_median_p99(sim::microseconds(500), sim::milliseconds(5));
    config.message_kinds = rpc_names();
    sim::World world(config, std::move(shared));
    for (int32_t i = 0; i < 3; ++i) {
      BrokerConfig broker = make_broker_config(BrokerId{i}, image, layout_);
      broker.switches = preset_switches(preset);
      broker.versions = api_versions(preset);
      world.add_process("broker-" + std::to_string(i), std::make_unique<Broker>(broker));
    }
    return world;
  }

  Options options_;
  ClusterLayout layout_;
  sim::World world_;
};

}  // namespace eosim::kafka::producer_test
