#include "cluster.h"

namespace eosim::kafka::testing {
namespace {

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

}  // namespace

void TestClient::step(sim::Context& context, const sim::Step& step) {
  if (step.kind == sim::StepKind::kControl) send_all(context);
  if (step.kind == sim::StepKind::kMessage) receive(context, step.message);
  if (step.kind == sim::StepKind::kClosed) closed(step.connection);
}

std::unique_ptr<sim::Process> TestClient::clone() const {
  return std::make_unique<TestClient>(*this);
}

std::unique_ptr<sim::Process> TestClient::restarted() const {
  return std::make_unique<TestClient>();
}

void TestClient::send_all(sim::Context& context) {
  auto& shared = static_cast<KafkaShared&>(context.shared());
  for (Outgoing& out : std::exchange(outbox, {})) {
    sim::ConnectionId& connection =
        connections_.try_emplace({out.to, out.lane}, sim::kNoConnection).first->second;
    if (connection == sim::kNoConnection) connection = context.connect(out.to);
    std::visit(
        [&](auto& request) {
          const auto kind = static_cast<uint16_t>(request.kRpc);
          const uint32_t bytes = wire_bytes(request, shared);
          const uint32_t body = shared.bodies.put(std::move(request));
          context.send(connection, {kind}, out.number, bytes, body);
        },
        out.request);
    open_[out.number] = connection;
  }
}

void TestClient::receive(sim::Context& context, const sim::Message& message) {
  answers[message.correlation] = read(static_cast<KafkaShared&>(context.shared()), message);
  open_.erase(message.correlation);
}

void TestClient::closed(sim::ConnectionId connection) {
  std::erase_if(connections_, [&](const auto& c) { return c.second == connection; });
  for (const auto& [number, on] : open_) {
    if (on == connection) answers[number] = std::monostate{};
  }
  std::erase_if(open_, [&](const auto& o) { return o.second == connection; });
}

Cluster::~Cluster() = default;

Cluster::Cluster(const Options& options) : world_(make(options)) {
  run_until({});  // everybody has started
}

TopicPartition Cluster::partition(std::string_view topic, int32_t number) {
  return {layout_.topic(topic), number};
}

int32_t Cluster::leader(TopicPartition partition) {
  return image()
      .topics[partition.topic.value]
      .partitions[static_cast<size_t>(partition.partition)]
      .leader.value;
}

int32_t Cluster::coordinator(CoordinatorType type, std::string_view key) {
  const TopicId topic =
      type == CoordinatorType::kGroup ? layout_.consumer_offsets : layout_.transaction_state;
  return leader({topic, shared().names.partition_for(name(key), 50)});
}

const Broker& Cluster::broker(int32_t number) const {
  return static_cast<const Broker&>(world_.process({static_cast<uint32_t>(number)}));
}

const PartitionLog& Cluster::log(TopicPartition partition) {
  return *broker(leader(partition)).log(partition);
}

template <class Request>
uint32_t Cluster::send(int32_t broker, Request request, int lane) {
  request.header.version = versions_[static_cast<size_t>(request.kRpc)].max;
  const uint32_t number = next_number_++;
  client().outbox.push_back({{static_cast<uint32_t>(broker)}, lane, number, std::move(request)});
  world_.control(client_, sim::ActorId{0}, {});
  return number;
}
template uint32_t Cluster::send(int32_t, ProduceRequest, int);
template uint32_t Cluster::send(int32_t, FetchRequest, int);
template uint32_t Cluster::send(int32_t, ListOffsetsRequest, int);
template uint32_t Cluster::send(int32_t, MetadataRequest, int);
template uint32_t Cluster::send(int32_t, OffsetCommitRequest, int);
template uint32_t Cluster::send(int32_t, OffsetFetchRequest, int);
template uint32_t Cluster::send(int32_t, FindCoordinatorRequest, int);
template uint32_t Cluster::send(int32_t, JoinGroupRequest, int);
template uint32_t Cluster::send(int32_t, HeartbeatRequest, int);
template uint32_t Cluster::send(int32_t, ApiVersionsRequest, int);
template uint32_t Cluster::send(int32_t, InitProducerIdRequest, int);
template uint32_t Cluster::send(int32_t, AddPartitionsToTxnRequest, int);
template uint32_t Cluster::send(int32_t, AddOffsetsToTxnRequest, int);
template uint32_t Cluster::send(int32_t, EndTxnRequest, int);
template uint32_t Cluster::send(int32_t, WriteTxnMarkersRequest, int);
template uint32_t Cluster::send(int32_t, TxnOffsetCommitRequest, int);

const AnyResponse* Cluster::any_answer(uint32_t number) {
  const auto found = client().answers.find(number);
  return found == client().answers.end() ? nullptr : &found->second;
}

bool Cluster::closed(uint32_t number) {
  const auto found = client().answers.find(number);
  return found != client().answers.end() && std::holds_alternative<std::monostate>(found->second);
}

void Cluster::run_until(sim::Time end) {
  while (world_.next_time() <= end && world_.step()) {
  }
  world_.advance_to(end);
}

BatchId Cluster::batch(int32_t records, ProducerIdAndEpoch producer, int32_t base_sequence,
                       bool transactional) {
  RecordBatch made;
  made.producer = producer;
  made.base_sequence = Sequence{base_sequence};
  made.transactional = transactional;
  made.count = records;
  made.bytes = kBatchOverheadBytes + 100 * static_cast<uint32_t>(records);
  made.payload = List<Record>(static_cast<size_t>(records));
  return shared().batches.put(std::move(made));
}

ProduceRequest Cluster::produce(TopicPartition to, BatchId what, int16_t acks) {
  ProduceRequest request;
  request.acks = acks;
  request.partitions = {{to, what}};
  request.transactional_id = name("tid");
  return request;
}

FetchRequest Cluster::fetch(TopicPartition from, int64_t offset, IsolationLevel isolation) {
  FetchRequest request;
  request.isolation = isolation;
  request.partitions = {{from, Offset{offset}, LeaderEpoch{0}}};
  return request;
}

sim::World Cluster::make(const Options& options) {
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
  for (size_t i = 0; i < kRpcCount; ++i) {
    config.message_kinds.emplace_back(rpc_name(static_cast<Rpc>(i)));
  }
  sim::World world(config, std::move(shared));
  for (int32_t i = 0; i < options.brokers; ++i) {
    BrokerConfig broker = make_broker_config(BrokerId{i}, image_, layout_);
    broker.switches = preset_switches(preset);
    broker.versions = versions_;
    broker.high_watermark_lag = options.high_watermark_lag;
    world.add_process("broker-" + std::to_string(i), std::make_unique<Broker>(broker));
  }
  client_ = world.add_process("client", std::make_unique<TestClient>());
  return world;
}

}  // namespace eosim::kafka::testing
