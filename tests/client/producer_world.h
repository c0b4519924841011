// A world of real brokers and processes that hold one producer each and carry out a script, one
// call after the other. What each call came to, and the trace, are written down.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catch.h"
#include "models/broker/broker.h"
#include "models/broker/cluster_layout.h"
#include "models/client/producer.h"
#include "models/protocol/shared.h"
#include "models/protocol/versions.h"
#include "sim/world.h"

namespace eosim::kafka::producer_test {

class TestShared final : public KafkaShared {
 public:
  std::unique_ptr<sim::Shared> clone() const override {
    return std::make_unique<TestShared>(*this);
  }
  std::vector<sim::Target> resolve(const sim::World& world, std::string_view text) const override {
    return {{world.find(text), false, {}}};
  }
  std::vector<sim::ActorId> stallable_actors(const sim::World&, sim::ProcessId) const override {
    return {};
  }
  void apply(sim::World&, const sim::FaultSpec&, bool) override {}
};

struct Command {
  enum Kind : uint8_t { kInit, kBegin, kSend, kOffsets, kFlush, kCommit, kAbort, kClose, kWait };
  Kind kind = kInit;
  TopicPartition partition;  // kSend, kOffsets
  int32_t number = 1;        // records; milliseconds; group generation
};

inline std::string thrown_word(CallResult result) {
  constexpr const char* kWords[] = {
      "ok",        "timeout",  "fenced",  "stale",     "commit failed",
      "rebalance", "instance", "illegal", "abortable", "fatal"};
  std::string text = kWords[static_cast<size_t>(result.thrown)];
  if (result.error != Error::kNone) text += " " + std::string(error_name(result.error));
  return text;
}

inline constexpr uint32_t kComponent = 4;

class ScriptedApp final : public sim::Process {
 public:
  ScriptedApp(ProducerConfig config, Name group) : producer(std::move(config)), group_(group) {}

  Producer producer;
  std::vector<Command> script;
  std::vector<std::string> log;
  size_t next = 0;

  bool finished() const { return next == script.size() && !waiting_.valid(); }

  void step(sim::Context& context, const sim::Step& step) override {
    producer.step(context, step);
    if (step.actor != producer.config().application) return;
    if (waiting_.valid()) {
      const auto result = producer.result(waiting_);
      if (!result) return;
      log.push_back(thrown_word(*result));
      waiting_ = {};
    }
    const bool wait_over = step.kind == sim::StepKind::kTimer &&
                           step.tag.kind == static_cast<uint32_t>(ClientTimer::kApplication);
    if (sleeping_ && !wait_over) return;
    sleeping_ = false;
    while (next < script.size() && !waiting_.valid() && !sleeping_) {
      carry_out(context, script[next++]);
    }
  }
  std::unique_ptr<sim::Process> clone() const override {
    return std::make_unique<ScriptedApp>(*this);
  }
  std::unique_ptr<sim::Process> restarted() const override {
    return std::make_unique<ScriptedApp>(producer.config(), group_);
  }
  std::string describe() const override { return "waits for " + producer.waits_for(); }

 private:
  void carry_out(sim::Context& context, const Command& command) {
    switch (command.kind) {
      case Command::kInit:
        waiting_ = producer.init_transactions(context);
        break;
      case Command::kBegin:
        log.push_back(thrown_word(producer.begin_transaction(context)));
        break;
      case Command::kSend:
        for (int32_t i = 0; i < command.number; ++i) {
          Record record;
          record.bytes = 100;
          const CallResult result = producer.send(context, command.partition, record);
          if (!result.ok()) log.push_back("send " + thrown_word(result));
        }
        break;
      case Command::kOffsets: {
        GroupMetadata metadata;
        metadata.group = group_;
        if (command.number > 0) {
          metadata.generation = Generation{command.number};
          metadata.member_id = group_;
        }
        waiting_ = producer.send_offsets_to_transaction(
            context, {{command.partition, Offset{5}, LeaderEpoch{0}}}, metadata);
        break;
      }
      case Command::kFlush:
        waiting_ = producer.flush(context);
        break;
      case Command::kCommit:
        waiting_ = producer.commit_transaction(context);
        break;
      case Command::kAbort:
        waiting_ = producer.abort_transaction(context);
        break;
      case Command::kClose:
        waiting_ = producer.close(context, command.number);
        break;
      case Command::kWait:
        sleeping_ = true;
        context.set_timer(producer.config().application, sim::milliseconds(command.number),
                          client_tag(ClientTimer::kApplication, kComponent + 1));
        break;
    }
  }

  Name group_;
  CallId waiting_;
  bool sleeping_ = false;
};

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

// Counts requests, and keeps the names of facts with their values.
class Watcher final : public sim::Observer {
 public:
  std::vector<std::string> requests;  // in order of delivery, without ApiVersions and Metadata
  std::vector<sim::TraceEvent> facts;
  void on_event(const sim::World&, const sim::TraceEvent& event) override {
    facts.push_back(event);
  }
  void on_kernel(const sim::World& world, const sim::KernelRecord& record) override {
    if (record.event != sim::KernelEvent::kDelivered || !record.request) return;
    const std::string name(world.message_name(record.kind));
    if (!world.name(record.from).starts_with("app")) return;
    if (name != "ApiVersions" && name != "Metadata") requests.push_back(name);
  }
  bool wants_kernel_records() const override { return true; }
  std::vector<sim::TraceEvent> of(Event kind) const {
    std::vector<sim::TraceEvent> found;
    for (const sim::TraceEvent& event : facts) {
      if (event.kind == event_id(kind)) found.push_back(event);
    }
    return found;
  }
};

// Topic "data" with 4 partitions on 3 brokers.
class ProducerWorld {
 public:
  explicit ProducerWorld(const Options& options = {}) : options_(options), world_(make()) {
    world_.set_observers({&watcher});
  }

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
    config.versions = api_versions(preset);
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
    shared->topic_names = layout_.topic_names;
    const MetadataId image = shared->metadata.put(layout_.image);
    const Preset& preset = *find_preset(options_.brokers);
    sim::WorldConfig config;
    config.calm = options_.calm;
    config.seed = options_.seed;
    config.network.latency =
        sim::LogNormal::from_median_p99(sim::microseconds(500), sim::milliseconds(5));
    for (size_t i = 0; i < kRpcCount; ++i) {
      config.message_kinds.emplace_back(rpc_name(static_cast<Rpc>(i)));
    }
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
