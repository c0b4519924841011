// A cluster of brokers and a client that sends what a test tells it to, in a real world. Each call
// runs the world until its answer is there; requests on one lane share a connection.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "catch.h"
#include "models/broker/broker.h"
#include "models/broker/cluster_layout.h"
#include "models/protocol/shared.h"
#include "models/protocol/versions.h"
#include "models/protocol/wire.h"
#include "sim/fault.h"
#include "sim/world.h"

namespace eosim::kafka::testing {

class TestShared final : public KafkaShared {
 public:
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
                 HeartbeatRequest, ApiVersionsRequest, InitProducerIdRequest,
                 AddPartitionsToTxnRequest, AddOffsetsToTxnRequest, EndTxnRequest,
                 WriteTxnMarkersRequest, TxnOffsetCommitRequest>;
using AnyResponse =
    std::variant<std::monostate, ProduceResponse, FetchResponse, ListOffsetsResponse,
                 MetadataResponse, OffsetCommitResponse, OffsetFetchResponse,
                 FindCoordinatorResponse, JoinGroupResponse, HeartbeatResponse, ApiVersionsResponse,
                 InitProducerIdResponse, AddPartitionsToTxnResponse, AddOffsetsToTxnResponse,
                 EndTxnResponse, WriteTxnMarkersResponse, TxnOffsetCommitResponse>;

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

  void step(sim::Context& context, const sim::Step& step) override;
  std::unique_ptr<sim::Process> clone() const override;
  std::unique_ptr<sim::Process> restarted() const override;
  std::string describe() const override { return "test client"; }

 private:
  void send_all(sim::Context& context);
  void receive(sim::Context& context, const sim::Message& message);
  void closed(sim::ConnectionId connection);

  std::map<std::pair<sim::ProcessId, int>, sim::ConnectionId> connections_;
  std::map<uint32_t, sim::ConnectionId> open_;
};

struct ClusterOptions {
  int32_t brokers = 3;
  std::string preset = "2.5";
  uint64_t seed = 1;
  bool calm = true;
  sim::Duration high_watermark_lag{};
  int32_t min_insync_replicas = 1;  // of topic "data"
};

// Topics "data" (4 partitions) and "more" (1).
class Cluster {
 public:
  using Options = ClusterOptions;
  explicit Cluster(const Options& options = {});
  ~Cluster();

  sim::World& world() { return world_; }
  KafkaShared& shared() { return static_cast<KafkaShared&>(world_.shared()); }
  const MetadataImage& image() { return shared().metadata[image_]; }
  Name name(std::string_view text) { return shared().names.intern(text); }
  TopicPartition partition(std::string_view topic, int32_t number);
  int32_t leader(TopicPartition partition);
  int32_t coordinator(CoordinatorType type, std::string_view key);
  const ClusterLayout& layout() const { return layout_; }
  const Broker& broker(int32_t number) const;
  const PartitionLog& log(TopicPartition partition);

  // Sends without waiting; the number is for answer().
  template <class Request>
  uint32_t send(int32_t broker, Request request, int lane = 0);  // any of AnyRequest
  template <class Response>
  const Response* answer(uint32_t number) {
    return std::get_if<Response>(any_answer(number));
  }
  bool closed(uint32_t number);
  void run_for(sim::Duration time) { run_until(world_.now() + time); }
  void run_until(sim::Time end);
  template <class Response, class Request>
  Response call(int32_t broker, Request request, int lane = 0) {
    const uint32_t number = send(broker, std::move(request), lane);
    const sim::Time limit = world_.now() + sim::seconds(60);
    while (answer<Response>(number) == nullptr && world_.now() < limit && world_.step()) {
    }
    REQUIRE(answer<Response>(number) != nullptr);
    return *answer<Response>(number);
  }

  // --- requests ---
  BatchId batch(int32_t records, ProducerIdAndEpoch producer = {}, int32_t base_sequence = -1,
                bool transactional = false);
  ProduceRequest produce(TopicPartition to, BatchId what, int16_t acks = -1);
  FetchRequest fetch(TopicPartition from, int64_t offset, IsolationLevel isolation);

 private:
  TestClient& client() { return static_cast<TestClient&>(world_.process(client_)); }

  sim::World make(const Options& options);
  const AnyResponse* any_answer(uint32_t number);

  ClusterLayout layout_;
  MetadataId image_;
  ApiVersionTable versions_{};
  sim::ProcessId client_;
  uint32_t next_number_ = 1;
  sim::World world_;
};

}  // namespace eosim::kafka::testing
