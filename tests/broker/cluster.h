// A cluster of brokers and a client that sends what a test tells it to, in a real world. Each call
// runs the world until its answer is there; requests on one lane share a connection.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "broker_coverage.h"
#include "catch.h"
#include "models/broker/broker.h"
#include "models/broker/cluster_layout.h"
#include "models/controller/controller.h"
#include "models/protocol/references.h"
#include "models/protocol/shared.h"
#include "models/protocol/versions.h"
#include "models/protocol/wire.h"
#include "sim/fault.h"
#include "sim/world.h"

namespace eosim::kafka::testing {

class TestShared final : public KafkaShared {
 public:
  TestShared() = default;
  TestShared(const TestShared&) = default;
  ~TestShared() override { broker_coverage.reached.merge(coverage); }
  std::unique_ptr<sim::Shared> clone() const override {
    return std::make_unique<TestShared>(*this);
  }
  std::vector<sim::Target> resolve(const sim::World&, std::string_view) const override {
    return {};
  }
  std::vector<sim::ActorId> stallable_actors(const sim::World&, sim::ProcessId) const override {
    return {};
  }
  void apply(sim::World&, const sim::FaultSpec&, bool) override {}
};

using AnyRequest =
    std::variant<ProduceRequest, FetchRequest, ListOffsetsRequest, MetadataRequest,
                 OffsetCommitRequest, OffsetFetchRequest, FindCoordinatorRequest, JoinGroupRequest,
                 SyncGroupRequest, HeartbeatRequest, ApiVersionsRequest, InitProducerIdRequest,
                 AddPartitionsToTxnRequest, AddOffsetsToTxnRequest, EndTxnRequest,
                 WriteTxnMarkersRequest, TxnOffsetCommitRequest, DescribeProducersRequest,
                 OffsetForLeaderEpochRequest>;
using AnyResponse =
    std::variant<std::monostate, ProduceResponse, FetchResponse, ListOffsetsResponse,
                 MetadataResponse, OffsetCommitResponse, OffsetFetchResponse,
                 FindCoordinatorResponse, JoinGroupResponse, SyncGroupResponse, HeartbeatResponse,
                 ApiVersionsResponse, InitProducerIdResponse, AddPartitionsToTxnResponse,
                 AddOffsetsToTxnResponse, EndTxnResponse, WriteTxnMarkersResponse,
                 TxnOffsetCommitResponse, DescribeProducersResponse, OffsetForLeaderEpochResponse>;

class TestClient final : public sim::Process {
 public:
  struct Outgoing {
    sim::ProcessId to;
    int lane = 0;
    uint32_t number = 0;
    AnyRequest request;
  };
  std::vector<Outgoing> outbox;
  std::map<uint32_t, AnyResponse> answers;  // by number; std::monostate: the connection closed

  void step(sim::Context& context, const sim::Step& step) override {
    if (step.kind == sim::StepKind::kControl) send_all(context);
    if (step.kind == sim::StepKind::kMessage) receive(context, step.message);
    if (step.kind == sim::StepKind::kClosed) closed(step.connection);
  }
  std::unique_ptr<sim::Process> clone() const override {
    return std::make_unique<TestClient>(*this);
  }
  std::unique_ptr<sim::Process> restarted() const override {
    return std::make_unique<TestClient>();
  }
  std::string describe() const override { return "test client"; }

 private:
  void send_all(sim::Context& context) {
    auto& shared = static_cast<KafkaShared&>(context.shared());
    for (Outgoing& out : std::exchange(outbox, {})) {
      sim::ConnectionId& connection =
          connections_.try_emplace({out.to, out.lane}, sim::kNoConnection).first->second;
      if (connection == sim::kNoConnection) connection = context.connect(out.to);
      std::visit(
          [&](auto& request) {
            const auto kind = static_cast<uint16_t>(request.kRpc);
            const uint32_t bytes = wire_bytes(request, shared);
            retain_references(shared, request);
            const uint32_t body = shared.bodies.put(std::move(request));
            context.send(connection, {kind}, out.number, bytes, body);
          },
          out.request);
      open_[out.number] = connection;
    }
  }
  template <size_t i = 1>
  AnyResponse read(const KafkaShared& shared, const sim::Message& message) {
    if constexpr (i < std::variant_size_v<AnyResponse>) {
      using R = std::variant_alternative_t<i, AnyResponse>;
      if (static_cast<uint16_t>(R::kRpc) == message.kind.index) {
        return shared.bodies.get<R>(message.body);
      }
      return read<i + 1>(shared, message);
    }
    return {};
  }
  void receive(sim::Context& context, const sim::Message& message) {
    answers[message.correlation] = read(static_cast<KafkaShared&>(context.shared()), message);
    open_.erase(message.correlation);
  }
  void closed(sim::ConnectionId connection) {
    std::erase_if(connections_, [&](const auto& c) { return c.second == connection; });
    for (const auto& [number, on] : open_) {
      if (on == connection) answers[number] = std::monostate{};
    }
    std::erase_if(open_, [&](const auto& o) { return o.second == connection; });
  }

  std::map<std::pair<sim::ProcessId, int>, sim::ConnectionId> connections_;
  std::map<uint32_t, sim::ConnectionId> open_;
};

struct ClusterOptions {
  int32_t brokers = 3;
  std::string preset = "2.5";
  uint64_t seed = 1;
  bool calm = true;
  int32_t min_insync_replicas = 1;  // of topic "data"
  bool controller = true;
  std::function<void(BrokerConfig&)> configure;
  std::function<void(ControllerConfig&)> configure_controller;
};

// Topics "data" (4 partitions) and "more" (1).
class Cluster {
 public:
  using Options = ClusterOptions;
  explicit Cluster(const Options& options = {}) : world_(make(options)) {
    run_until({});  // everybody has started
  }

  sim::World& world() { return world_; }
  KafkaShared& shared() { return static_cast<KafkaShared&>(world_.shared()); }
  const Controller& controller() const {
    return static_cast<const Controller&>(world_.process(controller_));
  }
  const MetadataImage& image() {
    return shared().metadata[has_controller_ ? controller().image() : image_];
  }
  const PartitionMetadata& state(TopicPartition partition) {
    return image()
        .topics[partition.topic.value]
        .partitions[static_cast<size_t>(partition.partition)];
  }
  Name name(std::string_view text) { return shared().names.intern(text); }
  TopicPartition partition(std::string_view topic, int32_t number) {
    return {layout_.topic(topic), number};
  }
  int32_t leader(TopicPartition partition) { return state(partition).leader.value; }
  int32_t coordinator(CoordinatorType type, std::string_view key) {
    const TopicId topic =
        type == CoordinatorType::kGroup ? layout_.consumer_offsets : layout_.transaction_state;
    return leader({topic, shared().names.partition_for(name(key), 50)});
  }
  const ClusterLayout& layout() const { return layout_; }
  const Broker& broker(int32_t number) const {
    return static_cast<const Broker&>(world_.process({static_cast<uint32_t>(number)}));
  }
  const PartitionLog& log(TopicPartition partition) {
    return *broker(leader(partition)).log(partition);
  }
  const Replica& replica(int32_t broker, TopicPartition partition) const {
    return *this->broker(broker).replicas().find(partition);
  }

  // --- faults, from now on ---
  void strike(sim::FaultKind kind, int32_t broker, sim::Duration length) {
    sim::FaultSpec fault;
    fault.kind = kind;
    fault.word = "fault";
    fault.target = "broker-" + std::to_string(broker);
    fault.at = world_.now();
    fault.length = length;
    world_.add_fault(fault);
    run_until(world_.now());
  }
  void crash(int32_t broker, sim::Duration down) { strike(sim::FaultKind::kCrash, broker, down); }
  void pause(int32_t broker, sim::Duration time) { strike(sim::FaultKind::kPause, broker, time); }
  // Messages from now on, in both directions.
  void part(const std::string& one, std::vector<std::string> others, sim::Duration time) {
    sim::FaultSpec fault;
    fault.kind = sim::FaultKind::kPartition;
    fault.word = "partition";
    fault.between = {one};
    fault.others = std::move(others);
    fault.at = world_.now();
    fault.length = time;
    world_.add_fault(fault);
    run_until(world_.now());
  }

  void move_leader(TopicPartition partition, int32_t to) {
    world_.control(controller_, sim::ActorId{0},
                   controller_tag(ControllerControl::kMoveLeader, partition, BrokerId{to}));
    run_for(sim::milliseconds(300));
    REQUIRE(leader(partition) == to);
  }

  // Sends without waiting; the number is for answer().
  uint32_t send(int32_t broker, AnyRequest request, int lane = 0,
                std::optional<int16_t> version = {}) {
    std::visit(
        [&](auto& r) {
          r.header.version = version.value_or(versions_[static_cast<size_t>(r.kRpc)].max);
        },
        request);
    const uint32_t number = next_number_++;
    client().outbox.push_back({{static_cast<uint32_t>(broker)}, lane, number, std::move(request)});
    world_.control(client_, sim::ActorId{0}, {});
    return number;
  }
  template <class Response>
  const Response* answer(uint32_t number) {
    const auto found = client().answers.find(number);
    return found == client().answers.end() ? nullptr : std::get_if<Response>(&found->second);
  }
  bool closed(uint32_t number) {
    const auto found = client().answers.find(number);
    return found != client().answers.end() && std::holds_alternative<std::monostate>(found->second);
  }
  void run_for(sim::Duration time) { run_until(world_.now() + time); }
  void run_until(sim::Time end) {
    while (world_.next_time() <= end && world_.step()) {
    }
    world_.advance_to(end);
  }
  template <class Response, class Request>
  Response call(int32_t broker, Request request, int lane = 0,
                std::optional<int16_t> version = {}) {
    const uint32_t number = send(broker, std::move(request), lane, version);
    const sim::Time limit = world_.now() + sim::seconds(60);
    while (answer<Response>(number) == nullptr && world_.now() < limit && world_.step()) {
    }
    REQUIRE(answer<Response>(number) != nullptr);
    return *answer<Response>(number);
  }

  // --- requests ---
  BatchId batch(int32_t records, ProducerIdAndEpoch producer = {}, int32_t base_sequence = -1,
                bool transactional = false) {
    RecordBatch made;
    made.producer = producer;
    made.base_sequence = Sequence{base_sequence};
    made.transactional = transactional;
    made.count = records;
    made.bytes = kBatchOverheadBytes + 100 * static_cast<uint32_t>(records);
    made.max_timestamp_ms = world_.wall({0}).ms();
    made.payload = List<Record>(static_cast<size_t>(records));
    return shared().batches.put(std::move(made));
  }
  ProduceRequest produce(TopicPartition to, BatchId what, int16_t acks = -1) {
    ProduceRequest request;
    request.acks = acks;
    request.partitions = {{to, what}};
    request.transactional_id = name("tid");
    return request;
  }
  FetchRequest fetch(TopicPartition from, int64_t offset, IsolationLevel isolation) {
    FetchRequest request;
    request.isolation = isolation;
    const bool known = broker(0).replicas().leadership(from) != Error::kUnknownTopicOrPartition;
    const LeaderEpoch epoch = known ? state(from).leader_epoch : LeaderEpoch{0};
    request.partitions = {{from, Offset{offset}, epoch, {}}};
    return request;
  }

 private:
  TestClient& client() { return static_cast<TestClient&>(world_.process(client_)); }

  sim::World make(const Options& options) {
    auto shared = std::make_unique<TestShared>();
    List<BrokerMetadata> brokers;
    for (int32_t i = 0; i < options.brokers; ++i) {
      brokers.push_back({BrokerId{i}, sim::ProcessId{static_cast<uint32_t>(i)}, true});
    }
    layout_ = make_cluster_layout({{"data", 4, 3, options.min_insync_replicas}, {"more", 1, 1, 1}},
                                  brokers);
    shared->topic_names = layout_.topic_names;
    image_ = shared->metadata.put(layout_.image);
    const Preset& preset = *find_preset(options.preset);
    versions_ = api_versions(preset);

    sim::WorldConfig config;
    config.seed = options.seed;
    config.calm = options.calm;
    config.network.latency =
        sim::LogNormal::from_median_p99(sim::microseconds(500), sim::milliseconds(5));
    config.message_kinds = rpc_names();
    sim::World world(config, std::move(shared));
    for (int32_t i = 0; i < options.brokers; ++i) {
      BrokerConfig broker = make_broker_config(BrokerId{i}, image_, layout_);
      if (options.controller) broker.controller = {static_cast<uint32_t>(options.brokers)};
      broker.switches = preset_switches(preset);
      broker.versions = versions_;
      if (options.configure) options.configure(broker);
      world.add_process("broker-" + std::to_string(i), std::make_unique<Broker>(broker));
    }
    has_controller_ = options.controller;
    if (options.controller) {
      ControllerConfig controlling;
      controlling.image = image_;
      controlling.switches = preset_switches(preset);
      for (const int32_t min_isr : layout_.min_insync_replicas) {
        controlling.topics.push_back({min_isr, false});
      }
      if (options.configure_controller) options.configure_controller(controlling);
      controller_ =
          world.add_process("controller", std::make_unique<Controller>(controlling, layout_.image));
    }
    client_ = world.add_process("client", std::make_unique<TestClient>());
    return world;
  }

  ClusterLayout layout_;
  MetadataId image_;
  ApiVersionTable versions_{};
  bool has_controller_ = false;
  sim::ProcessId controller_;
  sim::ProcessId client_;
  uint32_t next_number_ = 1;
  sim::World world_;
};

}  // namespace eosim::kafka::testing
