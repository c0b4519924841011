// The controller in a world: requests, long polls, timers, crashes.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "catch.h"
#include "models/controller/controller.h"
#include "models/protocol/references.h"
#include "models/protocol/wire.h"
#include "sim/fault.h"
#include "sim/world.h"
#include "state_harness.h"

namespace eosim::kafka {
namespace {

using testing::b;
using testing::StateHarness;
using testing::StateOptions;

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
    std::variant<BrokerRegistrationRequest, BrokerHeartbeatRequest, AlterPartitionRequest,
                 AllocateProducerIdsRequest, FetchClusterMetadataRequest>;

// A broker as the controller sees it: sends what the test says, each request on a connection of its
// own. Of an image it keeps the version that it read in its step.
class TestBroker final : public sim::Process {
 public:
  struct Answer {
    sim::SteadyTime at{};
    Error error = Error::kNone;
    int64_t value = 0;  // broker epoch, first producer id, version (-1: no image)
  };
  sim::ProcessId controller;
  std::vector<std::pair<uint32_t, AnyRequest>> outbox;
  std::map<uint32_t, Answer> answers;

  void step(sim::Context& context, const sim::Step& step) override {
    auto& shared = static_cast<KafkaShared&>(context.shared());
    if (step.kind == sim::StepKind::kMessage) return read(context, shared, step.message);
    for (auto& [number, any] : std::exchange(outbox, {})) {
      std::visit(
          [&, correlation = number](auto& request) {
            const uint32_t bytes = wire_bytes(request, shared);
            const auto kind = static_cast<uint16_t>(request.kRpc);
            context.send(context.connect(controller), {kind}, correlation, bytes,
                         shared.bodies.put(request));
          },
          any);
    }
  }
  std::unique_ptr<sim::Process> clone() const override {
    return std::make_unique<TestBroker>(*this);
  }
  std::unique_ptr<sim::Process> restarted() const override {
    return std::make_unique<TestBroker>(*this);
  }
  std::string describe() const override { return "test broker"; }

 private:
  void read(sim::Context& context, const KafkaShared& shared, const sim::Message& message) {
    Answer answer{.at = context.steady()};
    switch (static_cast<Rpc>(message.kind.index)) {
      case Rpc::kBrokerRegistration: {
        const auto& m = shared.bodies.get<BrokerRegistrationResponse>(message.body);
        answer.error = m.error;
        answer.value = m.broker_epoch.value;
        break;
      }
      case Rpc::kBrokerHeartbeat:
        answer.error = shared.bodies.get<BrokerHeartbeatResponse>(message.body).error;
        break;
      case Rpc::kAllocateProducerIds: {
        const auto& m = shared.bodies.get<AllocateProducerIdsResponse>(message.body);
        answer.error = m.error;
        answer.value = m.first;
        break;
      }
      case Rpc::kFetchClusterMetadata: {
        const auto& m = shared.bodies.get<FetchClusterMetadataResponse>(message.body);
        answer.value = m.image.valid() ? shared.metadata[m.image].version : -1;
        break;
      }
      default:
        break;
    }
    answers[message.correlation] = answer;
  }
};

// Seed and latency are calm: every message takes half a millisecond.
class ControllerWorld {
 public:
  explicit ControllerWorld(const StateOptions& options = {}, int32_t rebalance_seconds = 300)
      : world_(make(options, rebalance_seconds)) {
    run_for(sim::Duration{});
  }

  sim::World& world() { return world_; }
  KafkaShared& shared() { return static_cast<KafkaShared&>(world_.shared()); }
  Controller& controller() { return static_cast<Controller&>(world_.process({0})); }
  const ClusterState& state() { return controller().state(); }
  int64_t version() { return state().image().version; }

  void run_for(sim::Duration time) {
    const sim::Time end = world_.now() + time;
    while (world_.next_time() <= end && world_.step()) {
    }
    world_.advance_to(end);
  }
  uint32_t send(AnyRequest request) {
    client().outbox.emplace_back(next_number_, std::move(request));
    world_.control(kClient, {}, {});
    return next_number_++;
  }
  const TestBroker::Answer* answer(uint32_t number) {
    const auto found = client().answers.find(number);
    return found == client().answers.end() ? nullptr : &found->second;
  }
  TestBroker::Answer call(AnyRequest request) {
    const uint32_t number = send(std::move(request));
    run_for(sim::milliseconds(10));
    REQUIRE(answer(number) != nullptr);
    return *answer(number);
  }
  FetchClusterMetadataRequest poll(int64_t known, int32_t max_wait_ms = 500) {
    FetchClusterMetadataRequest request;
    request.known_version = known;
    request.max_wait_ms = max_wait_ms;
    return request;
  }
  void beat(const std::vector<int32_t>& of) {
    for (const int32_t id : of) {
      BrokerHeartbeatRequest request;
      request.broker = b(id);
      request.broker_epoch = state().broker(b(id)).epoch;
      request.metadata_version = version();
      send(request);
    }
    run_for(sim::milliseconds(10));
  }
  void control(ControllerControl what, BrokerId to = {}) {
    world_.control({0}, {}, controller_tag(what, testing::kFirst, to));
    run_for(sim::Duration{});
  }
  void fault(sim::FaultKind kind, sim::Duration length) {
    sim::FaultSpec spec;
    spec.kind = kind;
    spec.word = "crash";
    spec.target = "controller";
    spec.at = world_.now();
    spec.length = length;
    world_.add_fault(spec);
    run_for(sim::Duration{});
  }
  MetadataId first_image() const { return first_; }

 private:
  static constexpr sim::ProcessId kClient{1};
  TestBroker& client() { return static_cast<TestBroker&>(world_.process(kClient)); }

  sim::World make(const StateOptions& options, int32_t rebalance_seconds) {
    auto shared = std::make_unique<TestShared>();
    shared->topic_names = {"data"};
    ControllerConfig config = StateHarness::config(options);
    config.leader_imbalance_check_interval_seconds = rebalance_seconds;
    const MetadataImage image = StateHarness::image(options);
    first_ = shared->metadata.put(image);
    config.image = first_;
    sim::WorldConfig world_config;
    world_config.calm = true;
    world_config.network.latency =
        sim::LogNormal::from_median_p99(sim::microseconds(500), sim::milliseconds(5));
    world_config.message_kinds = rpc_names();
    sim::World world(world_config, std::move(shared));
    world.add_process("controller", std::make_unique<Controller>(config, image));
    auto client = std::make_unique<TestBroker>();
    client->controller = {0};
    world.add_process("broker", std::move(client));
    return world;
  }

  MetadataId first_;
  uint32_t next_number_ = 1;
  sim::World world_;
};

TEST_CASE("a poll is answered by the next commit, or with nothing after its wait") {
  ControllerWorld w;
  const uint32_t long_one = w.send(w.poll(0, 500));
  const uint32_t short_one = w.send(w.poll(0, 100));
  w.run_for(sim::milliseconds(50));
  CHECK(w.controller().waiting_polls() == 2);
  w.run_for(sim::milliseconds(60));
  REQUIRE(w.answer(short_one) != nullptr);
  CHECK(w.answer(short_one)->value == -1);
  CHECK(w.answer(short_one)->at == sim::SteadyTime{} + sim::milliseconds(101));
  CHECK(w.answer(long_one) == nullptr);
  w.control(ControllerControl::kMoveLeader, b(2));
  w.run_for(sim::milliseconds(1));
  REQUIRE(w.answer(long_one) != nullptr);
  CHECK(w.answer(long_one)->value == 1);
  CHECK(w.controller().waiting_polls() == 0);
  w.run_for(sim::seconds(1));  // its timer is gone too
}

TEST_CASE("a poll that knows an older image gets the newest at once") {
  ControllerWorld w;
  for (const int32_t to : {1, 2, 0}) w.control(ControllerControl::kMoveLeader, b(to));
  CHECK(w.call(w.poll(0)).value == 3);
  CHECK(w.call(w.poll(2)).value == 3);
  CHECK(w.call(w.poll(3, 0)).value == -1);
}

TEST_CASE("images count on, and what a commit does not touch is as before") {
  ControllerWorld w(StateOptions{.partitions = {{}, {}}});
  for (int64_t n = 1; n <= 4; ++n) {
    w.control(ControllerControl::kMoveLeader);
    const MetadataImage& image = w.shared().metadata[w.controller().image()];
    CHECK(image.version == n);
    CHECK(image.topics[0].partitions[0].leader_epoch.value == n);
    CHECK(image.topics[0].partitions[1].leader_epoch.value == 0);
  }
  w.control(ControllerControl::kMoveLeader, b(3));  // no replica there
  CHECK(w.version() == 4);
}

TEST_CASE("an image that nobody holds is let go") {
  ControllerWorld w;
  std::vector<MetadataId> images{w.controller().image()};
  for (int i = 0; i < 700; ++i) {
    w.control(ControllerControl::kMoveLeader);
    images.push_back(w.controller().image());
    if (i % 10 == 0) w.call(w.poll(w.version() - 1));
  }
  // The first one lives by the reference of whoever made it.
  CHECK(w.shared().metadata[images[0]].version == 0);
  CHECK_THROWS_AS(w.shared().metadata[images[1]], sim::InvariantBroken);
  CHECK_THROWS_AS(w.shared().metadata[images[699]], sim::InvariantBroken);
  CHECK(w.shared().metadata[images[700]].version == 700);
  w.shared().metadata.release(w.first_image());
  CHECK_THROWS_AS(w.shared().metadata[images[0]], sim::InvariantBroken);
  CHECK(w.shared().bodies.in_use() == 0);
}

TEST_CASE("a broker that is silent for its session is fenced at its end") {
  ControllerWorld w;
  for (int i = 0; i < 5; ++i) {
    w.run_for(sim::milliseconds(1'990));
    w.beat({1, 2, 3});
  }
  CHECK_FALSE(w.state().broker(b(0)).alive);
  CHECK(w.controller().leader(testing::kFirst) == b(1));
  CHECK(w.version() == 1);
  w.run_for(sim::seconds(8));
  CHECK(w.version() == 1);
  w.run_for(sim::seconds(2));
  CHECK(w.version() == 4);
  CHECK_FALSE(w.controller().leader(testing::kFirst).valid());
}

TEST_CASE("requests are answered after the commit that they make") {
  ControllerWorld w;
  w.run_for(sim::seconds(10));  // all are fenced
  BrokerRegistrationRequest request;
  request.broker = b(2);
  request.incarnation = 2;
  const auto answer = w.call(request);
  CHECK(answer.error == Error::kNone);
  CHECK(answer.value == 5);
  const MetadataImage& image = w.shared().metadata[w.controller().image()];
  CHECK(image.brokers[2].epoch.value == 5);
  CHECK_FALSE(image.brokers[2].alive);
  w.beat({2});
  CHECK(w.state().broker(b(2)).alive);
}

TEST_CASE("blocks of producer ids are never handed out twice") {
  ControllerWorld w;
  w.shared().next_producer_id_block = 3;  // brokers of an older generation took three
  AllocateProducerIdsRequest request;
  request.broker = b(0);
  request.broker_epoch = BrokerEpoch{1};
  CHECK(w.call(request).value == 3'000);
  CHECK(w.call(request).value == 4'000);
  w.fault(sim::FaultKind::kCrash, sim::seconds(1));
  w.run_for(sim::seconds(2));
  CHECK(w.call(request).value == 5'000);
  request.broker_epoch = BrokerEpoch{2};
  CHECK(w.call(request).error == Error::kStaleBrokerEpoch);
  request.broker = b(8);
  CHECK(w.call(request).error == Error::kBrokerIdNotRegistered);
}

TEST_CASE("a controller that restarts keeps its state, forgets its polls and gives new sessions") {
  ControllerWorld w;
  w.control(ControllerControl::kMoveLeader, b(2));
  const MetadataId image = w.controller().image();
  w.send(w.poll(1, 5'000));
  w.run_for(sim::milliseconds(8'000));
  w.send(w.poll(1, 5'000));
  w.run_for(sim::milliseconds(500));
  CHECK(w.controller().waiting_polls() == 1);
  w.fault(sim::FaultKind::kCrash, sim::seconds(5));
  CHECK(w.controller().waiting_polls() == 0);
  w.run_for(sim::seconds(5));
  CHECK(w.controller().image() == image);
  CHECK(w.version() == 1);
  CHECK(w.controller().leader(testing::kFirst) == b(2));
  w.run_for(sim::milliseconds(8'900));
  CHECK(w.version() == 1);
  w.run_for(sim::milliseconds(200));
  CHECK(w.version() == 5);  // four sessions, one commit each
  w.control(ControllerControl::kUncleanElection);
  CHECK(w.version() == 5);  // nobody is there
}

TEST_CASE("a slow controller decides in time and answers late") {
  ControllerWorld w;
  w.controller().slow_down(sim::milliseconds(200));
  w.controller().slow_down(sim::milliseconds(100));
  const uint32_t number = w.send(w.poll(0, 1'000));
  w.run_for(sim::milliseconds(10));
  w.control(ControllerControl::kMoveLeader, b(1));
  CHECK(w.version() == 1);
  w.run_for(sim::milliseconds(300));
  CHECK(w.answer(number) == nullptr);
  w.run_for(sim::milliseconds(1));
  REQUIRE(w.answer(number) != nullptr);
  CHECK(w.answer(number)->value == 1);
  w.controller().slow_down(sim::milliseconds(-300));
  w.call(w.poll(0));
}

TEST_CASE("answers that a crash swallows give back what they hold") {
  ControllerWorld w;
  w.controller().slow_down(sim::seconds(1));
  const uint32_t number = w.send(w.poll(-1));
  w.run_for(sim::milliseconds(10));
  CHECK(w.shared().bodies.in_use() == 1);
  w.fault(sim::FaultKind::kCrash, sim::milliseconds(100));
  w.run_for(sim::seconds(3));
  CHECK(w.answer(number) == nullptr);
  CHECK(w.shared().bodies.in_use() == 0);
  // Still slow: the host is, not the life.
  const uint32_t again = w.send(w.poll(-1));
  w.run_for(sim::milliseconds(999));
  CHECK(w.answer(again) == nullptr);
  w.run_for(sim::milliseconds(10));
  CHECK(w.answer(again) != nullptr);
}

TEST_CASE("preferred leaders come back with the imbalance check") {
  ControllerWorld w({}, 5);
  w.control(ControllerControl::kMoveLeader, b(1));
  w.run_for(sim::milliseconds(4'900));
  CHECK(w.controller().leader(testing::kFirst) == b(1));
  w.run_for(sim::milliseconds(200));
  CHECK(w.controller().leader(testing::kFirst) == b(0));
  CHECK(w.version() == 2);
}

TEST_CASE("a world with polls and late answers under way is copied and both go on alike") {
  ControllerWorld w;
  w.send(w.poll(0, 300));
  w.run_for(sim::milliseconds(5));
  w.controller().slow_down(sim::milliseconds(50));
  w.send(w.poll(-1));
  w.run_for(sim::milliseconds(5));
  sim::World copy = w.world();
  const auto finish = [](sim::World& world) {
    world.control({0}, {}, controller_tag(ControllerControl::kUncleanElection, testing::kFirst));
    const sim::Time end = world.now() + sim::seconds(20);
    while (world.next_time() <= end && world.step()) {
    }
    return world.digest();
  };
  CHECK(finish(copy) == finish(w.world()));
}

}  // namespace
}  // namespace eosim::kafka
