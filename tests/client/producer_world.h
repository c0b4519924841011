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

std::string thrown_word(CallResult result);

inline constexpr uint32_t kComponent = 4;

class ScriptedApp final : public sim::Process {
 public:
  ScriptedApp(ProducerConfig config, Name group) : producer(std::move(config)), group_(group) {}

  Producer producer;
  std::vector<Command> script;
  std::vector<std::string> log;
  size_t next = 0;

  bool finished() const { return next == script.size() && !waiting_.valid(); }

  void step(sim::Context& context, const sim::Step& step) override;
  std::unique_ptr<sim::Process> clone() const override;
  std::unique_ptr<sim::Process> restarted() const override;
  std::string describe() const override { return "waits for " + producer.waits_for(); }

 private:
  void carry_out(sim::Context& context, const Command& command);

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
  void on_event(const sim::World&, const sim::TraceEvent& event) override;
  void on_kernel(const sim::World& world, const sim::KernelRecord& record) override;
  bool wants_kernel_records() const override { return true; }
  std::vector<sim::TraceEvent> of(Event kind) const;
};

// Topic "data" with 4 partitions on 3 brokers.
class ProducerWorld {
 public:
  explicit ProducerWorld(const Options& options = {});
  ~ProducerWorld();

  Watcher watcher;
  sim::World& world() { return world_; }
  KafkaShared& shared() { return static_cast<KafkaShared&>(world_.shared()); }
  TopicPartition data(int32_t number) { return {layout_.topic("data"), number}; }

  ProducerConfig producer_config(std::string_view name);
  sim::ProcessId add_app(std::string_view name, std::vector<Command> script);
  ScriptedApp& app(sim::ProcessId process);
  const Broker& broker(int32_t number);
  int32_t leader(TopicPartition partition);
  int32_t transaction_coordinator();
  void run_for(sim::Duration time);
  // Until the script is through, at most this long.
  bool run(sim::ProcessId process, sim::Duration limit = sim::seconds(300));

 private:
  sim::World make();

  Options options_;
  ClusterLayout layout_;
  sim::World world_;
};

}  // namespace eosim::kafka::producer_test
