// Brokers that answer a producer by script: well, unless an error waits for the request. What
// arrives is written down as text, so that a flow is a list.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/protocol/references.h"
#include "models/protocol/versions.h"
#include "scripted_producer.h"

namespace eosim::kafka::producer_test {

// What all brokers know; a member of the shared half, for the brokers are one script.
struct StubScript {
  std::map<Rpc, std::deque<Error>> errors;  // taken one by one; kNone: an ordinary answer
  std::vector<std::string> seen;            // without ApiVersions and Metadata
  ApiVersionTable versions{};
  int16_t transaction_version = 0;
  MetadataId image;
  BrokerId transaction_coordinator{0};
  BrokerId group_coordinator{1};
  ProducerIdAndEpoch producer{ProducerId{7}, ProducerEpoch{-1}};  // given out last
  std::map<BrokerId, int32_t> closes;  // that many connections are closed at their first request
  std::map<Rpc, int32_t> closes_at;    // that many requests of the kind end their connection
  uint32_t max_message_bytes = UINT32_MAX;
  bool names_leader = false;     // an answer says where the partition is led (KIP-951)
  std::vector<int32_t> leaders;  // as lead() had them
  int32_t leader_epoch = 0;
  bool silent = false;
  Offset next_offset{0};

  Error next_error(Rpc rpc) {
    auto& queue = errors[rpc];
    if (queue.empty()) return Error::kNone;
    const Error error = queue.front();
    queue.pop_front();
    return error;
  }
};

class StubShared final : public KafkaShared {
 public:
  StubScript script;

  std::unique_ptr<sim::Shared> clone() const override {
    return std::make_unique<StubShared>(*this);
  }
  std::vector<sim::Target> resolve(const sim::World& world, std::string_view text) const override {
    return {{world.find(text), false, {}}};
  }
  std::vector<sim::ActorId> stallable_actors(const sim::World&, sim::ProcessId) const override {
    return {};
  }
  void apply(sim::World&, const sim::FaultSpec&, bool) override {}
};

inline std::string pair_text(ProducerIdAndEpoch producer) {
  return std::to_string(producer.id.value) + "/" + std::to_string(producer.epoch.value);
}

class StubBroker final : public sim::Process {
 public:
  explicit StubBroker(BrokerId id) : id_(id) {}

  void step(sim::Context& context, const sim::Step& step) override;
  std::unique_ptr<sim::Process> clone() const override {
    return std::make_unique<StubBroker>(*this);
  }
  std::unique_ptr<sim::Process> restarted() const override {
    return std::make_unique<StubBroker>(id_);
  }
  std::string describe() const override { return "stub"; }

 private:
  static StubScript& script(sim::Context& context) {
    return static_cast<StubShared&>(context.shared()).script;
  }
  template <class Response>
  void answer(sim::Context& context, Response response) {
    KafkaShared& shared = kafka_shared(context);
    retain_references(shared, response);
    const uint32_t body = shared.bodies.put(std::move(response));
    context.respond(message_.connection, message_.kind, message_.correlation, 100, body);
  }
  template <class Request>
  const Request& request(sim::Context& context) const {
    return kafka_shared(context).bodies.get<Request>(message_.body);
  }
  void produce(sim::Context& context);
  void coordinate(sim::Context& context, Rpc rpc);
  void see(sim::Context& context, Rpc rpc, int16_t version, const std::string& more);

  BrokerId id_;
  sim::Message message_;
};

// Topic "data": partition n is led by broker n, of two brokers; one producer in the process "app".
// How many of the requests that a stub has seen begin so.
inline size_t count(const std::vector<std::string>& seen, std::string_view begin) {
  return static_cast<size_t>(std::count_if(
      seen.begin(), seen.end(), [&](const std::string& line) { return line.starts_with(begin); }));
}

struct StubWorld {
  explicit StubWorld(const std::string& client, const std::string& brokers = "",
                     bool transactional = true);

  ProducerConfig config;
  std::unique_ptr<sim::World> world;
  sim::ProcessId app_id;
  Watcher watcher;

  StubShared& shared() { return static_cast<StubShared&>(world->shared()); }
  StubScript& script() { return shared().script; }
  ScriptedApp& app() { return static_cast<ScriptedApp&>(world->process(app_id)); }
  TopicPartition data(int32_t number) const { return {TopicId{0}, number}; }
  // Adds the process and lets it carry out its script to the end.
  std::vector<std::string> run(std::vector<Command> commands,
                               sim::Duration limit = sim::seconds(200));
  // More commands for the same producer.
  std::vector<std::string> go_on(std::vector<Command> commands,
                                 sim::Duration limit = sim::seconds(200));
  void run_for(sim::Duration time);
  // A new image, in which partition n is led by `leaders[n]` (-1: by nobody), of this epoch.
  void lead(std::vector<int32_t> leaders, int32_t epoch);
  void speak(const std::string& preset, bool v2);
  std::vector<std::string> take_seen() { return std::exchange(script().seen, {}); }
};

}  // namespace eosim::kafka::producer_test
