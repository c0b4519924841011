// A model in forty lines, to show that sim/ knows no Kafka: clients ask, servers answer, and each
// answer makes the client ask again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/context.h"
#include "sim/process.h"
#include "sim/shared.h"
#include "sim/world.h"

namespace eosim::sim::ping_pong {

struct Nothing : Shared {
  std::vector<EventKind> kinds{{"pong", true, {{{"count"}}}, 1}};
  std::unique_ptr<Shared> clone() const override { return std::make_unique<Nothing>(*this); }
  void release_body(MessageKind, bool, uint32_t) override {}
  const std::vector<EventKind>& event_kinds() const override { return kinds; }
  std::string format(FieldType, int64_t value) const override { return std::to_string(value); }
  uint64_t stable_hash(FieldType, int64_t value) const override { return uint64_t(value); }
  std::vector<Target> resolve(const World&, std::string_view) const override { return {}; }
  std::vector<ActorId> stallable_actors(const World&, ProcessId) const override { return {{}}; }
  void apply(World&, const FaultSpec&, bool) override {}
};

struct Server : Process {
  void step(Context& context, const Step& step) override {
    if (step.kind != StepKind::kMessage) return;
    context.respond(step.message.connection, step.message.kind, step.message.correlation, 64, 0);
  }
  std::unique_ptr<Process> clone() const override { return std::make_unique<Server>(*this); }
  std::unique_ptr<Process> restarted() const override { return std::make_unique<Server>(); }
  std::string describe() const override { return "answers"; }
};

struct Client : Process {
  Client(ProcessId s, uint32_t n) : server(s), connections(n) {}
  void step(Context& context, const Step& step) override {
    if (step.kind == StepKind::kStart) {
      for (uint32_t i = 0; i < connections; ++i) ask(context, context.connect(server));
    } else if (step.kind == StepKind::kMessage) {
      ++answers;
      ask(context, step.message.connection);
    } else if (step.kind == StepKind::kClosed) {
      ask(context, context.connect(server));
    }
  }
  void ask(Context& context, ConnectionId on) { context.send(on, {0}, ++asked, 64, 0); }
  std::unique_ptr<Process> clone() const override { return std::make_unique<Client>(*this); }
  std::unique_ptr<Process> restarted() const override {
    return std::make_unique<Client>(server, connections);
  }
  std::string describe() const override { return "asks"; }
  ProcessId server;
  uint32_t connections;
  uint32_t asked = 0;
  uint64_t answers = 0;
};

// `pairs` clients, each with `connections` to a server of its own: so many messages in flight.
inline World make_world(uint32_t pairs, uint32_t connections, uint64_t seed = 1) {
  WorldConfig config;
  config.seed = seed;
  config.network.latency = LogNormal::from_median_p99(microseconds(300), milliseconds(3));
  config.message_kinds = {"Ping"};
  World world(config, std::make_unique<Nothing>());
  for (uint32_t i = 0; i < pairs; ++i) {
    const ProcessId server =
        world.add_process("server-" + std::to_string(i), std::make_unique<Server>());
    world.add_process("client-" + std::to_string(i), std::make_unique<Client>(server, connections));
  }
  return world;
}

}  // namespace eosim::sim::ping_pong
