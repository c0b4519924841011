#include "producer_world.h"

#include <utility>

namespace eosim::kafka::producer_test {

std::string thrown_word(CallResult result) {
  constexpr const char* kWords[] = {
      "ok",        "timeout",  "fenced",  "stale",     "commit failed",
      "rebalance", "instance", "illegal", "abortable", "fatal"};
  std::string text = kWords[static_cast<size_t>(result.thrown)];
  if (result.error != Error::kNone) text += " " + std::string(error_name(result.error));
  return text;
}

void ScriptedApp::step(sim::Context& context, const sim::Step& step) {
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

std::unique_ptr<sim::Process> ScriptedApp::clone() const {
  return std::make_unique<ScriptedApp>(*this);
}

std::unique_ptr<sim::Process> ScriptedApp::restarted() const {
  return std::make_unique<ScriptedApp>(producer.config(), group_);
}

void ScriptedApp::carry_out(sim::Context& context, const Command& command) {
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

void Watcher::on_event(const sim::World&, const sim::TraceEvent& event) { facts.push_back(event); }

void Watcher::on_kernel(const sim::World& world, const sim::KernelRecord& record) {
  if (record.event != sim::KernelEvent::kDelivered || !record.request) return;
  const std::string name(world.message_name(record.kind));
  if (!world.name(record.from).starts_with("app")) return;
  if (name != "ApiVersions" && name != "Metadata") requests.push_back(name);
}

std::vector<sim::TraceEvent> Watcher::of(Event kind) const {
  std::vector<sim::TraceEvent> found;
  for (const sim::TraceEvent& event : facts) {
    if (event.kind == event_id(kind)) found.push_back(event);
  }
  return found;
}

ProducerWorld::~ProducerWorld() = default;

ProducerWorld::ProducerWorld(const Options& options) : options_(options), world_(make()) {
  world_.set_observers({&watcher});
}

ProducerConfig ProducerWorld::producer_config(std::string_view name) {
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

sim::ProcessId ProducerWorld::add_app(std::string_view name, std::vector<Command> script) {
  const ProducerConfig config = producer_config(name);
  auto app = std::make_unique<ScriptedApp>(config, shared().names.intern("group"));
  app->script = std::move(script);
  return world_.add_process(std::string(name), std::move(app), world_.now());
}

ScriptedApp& ProducerWorld::app(sim::ProcessId process) {
  return static_cast<ScriptedApp&>(world_.process(process));
}

const Broker& ProducerWorld::broker(int32_t number) {
  return static_cast<const Broker&>(world_.process({static_cast<uint32_t>(number)}));
}

int32_t ProducerWorld::leader(TopicPartition partition) {
  return layout_.image.topics[partition.topic.value]
      .partitions[static_cast<size_t>(partition.partition)]
      .leader.value;
}

int32_t ProducerWorld::transaction_coordinator() {
  const int32_t number = shared().names.partition_for(shared().names.intern("tid"), 50);
  return leader({layout_.transaction_state, number});
}

void ProducerWorld::run_for(sim::Duration time) {
  const sim::Time end = world_.now() + time;
  while (world_.next_time() <= end && world_.step()) {
  }
  world_.advance_to(end);
}

bool ProducerWorld::run(sim::ProcessId process, sim::Duration limit) {
  const sim::Time end = world_.now() + limit;
  while (!app(process).finished() && world_.next_time() <= end && world_.step()) {
  }
  return app(process).finished();
}

sim::World ProducerWorld::make() {
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

}  // namespace eosim::kafka::producer_test
