// A world with everything at once: servers that answer at once or later, clients with several
// connections that they close and reopen, timers that are set and cancelled, disks, facts, and
// chaos of every kind. What the processes do is drawn, so a seed is a run.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "journal.h"
#include "sim/assert.h"
#include "sim/chaos.h"

namespace eosim::sim {

// Checks that a connection's requests come in the order in which they were sent, and that no two
// are handled at once.
class BusyServer : public Process {
 public:
  void step(Context& context, const Step& step) override {
    if (step.kind == StepKind::kStart) {
      draws_ = context.choices().stream("server " + std::string(context.name(context.process())));
      EOSIM_ASSERT(context.disk().written({0}) >= context.disk().flushed({0}));
    } else if (step.kind == StepKind::kTimer) {
      answer(context, waiting_.at(step.tag.large));
      waiting_.erase(step.tag.large);
    } else if (step.kind == StepKind::kMessage) {
      request(context, step.message);
    }
  }
  std::unique_ptr<Process> clone() const override { return std::make_unique<BusyServer>(*this); }
  std::unique_ptr<Process> restarted() const override { return std::make_unique<BusyServer>(); }
  std::string describe() const override { return "serves"; }

 private:
  void request(Context& context, const Message& message) {
    uint32_t& last = last_[message.connection];
    EOSIM_ASSERT(message.correlation > last && message.request);
    last = message.correlation;
    context.disk().append({0}, {message.correlation, message.bytes});
    Choices& choices = context.choices();
    const uint64_t what = choices.below(draws_, 8, 0);
    if (what == 0) context.flush({0}, {});
    if (what == 1 && context.disk().written({0}) > 2) {
      context.disk().truncate({0}, context.disk().written({0}) - 2);
    }
    context.emit({0}, {message.correlation, message.from.index});
    if (what < 3) {
      waiting_.emplace(++next_, message);
      const Duration after = choices.log_uniform(draws_, microseconds(10), milliseconds(50), {});
      context.set_timer({}, after, {0, 0, next_});
    } else if (what == 7) {
      context.finish(message.connection);
    } else {
      answer(context, message);
    }
  }
  void answer(Context& context, const Message& message) {
    ++static_cast<Journal&>(context.shared()).bodies;
    context.respond(message.connection, message.kind, message.correlation, 100, 0);
  }

  StreamId draws_;
  uint64_t next_ = 0;
  std::map<uint64_t, Message> waiting_;
  std::map<ConnectionId, uint32_t> last_;
};

class BusyClient : public Process {
 public:
  explicit BusyClient(uint32_t servers) : servers_(servers) {}

  void step(Context& context, const Step& step) override {
    switch (step.kind) {
      case StepKind::kStart:
        draws_ = context.choices().stream("client " + std::string(context.name(context.process())));
        connections_.resize(3);
        for (uint16_t actor = 0; actor < 3; ++actor) context.wake({actor}, {});
        return;
      case StepKind::kTimer:
        return act(context, step.actor);
      case StepKind::kMessage: {
        Line& line = connections_.at(step.actor.index);
        EOSIM_ASSERT(!step.message.request && line.id == step.message.connection);
        EOSIM_ASSERT(step.message.correlation > line.answered);
        line.answered = step.message.correlation;
        return;
      }
      case StepKind::kClosed:
        EOSIM_ASSERT(connections_.at(step.actor.index).id == step.connection);
        connections_[step.actor.index] = {};
        return;
      case StepKind::kDiskDone:
      case StepKind::kControl:
      case StepKind::kStop:
        return;
    }
  }
  std::unique_ptr<Process> clone() const override { return std::make_unique<BusyClient>(*this); }
  std::unique_ptr<Process> restarted() const override {
    return std::make_unique<BusyClient>(servers_);
  }
  std::string describe() const override { return "asks"; }

 private:
  struct Line {
    ConnectionId id;
    uint32_t answered = 0;
    TimerId spare;
  };

  void act(Context& context, ActorId actor) {
    Choices& choices = context.choices();
    Line& line = connections_[actor.index];
    context.cancel(line.spare);
    if (!context.is_open(line.id)) {
      line = {};
      const auto server = static_cast<uint32_t>(choices.below(draws_, servers_, 0));
      line.id = context.connect({server});
    }
    const uint64_t sends = choices.below(draws_, 4, 1);
    for (uint64_t i = 0; i < sends; ++i) {
      ++static_cast<Journal&>(context.shared()).bodies;
      const auto kind = static_cast<uint16_t>(choices.below(draws_, 2, 0));
      context.send(line.id, {kind}, ++asked_, 200, 0);
    }
    if (choices.chance(draws_, {1, 20}, false)) context.close(line.id);
    const Duration pace = choices.log_uniform(draws_, microseconds(100), milliseconds(20), {1});
    context.set_timer(actor, pace, {});
    line.spare = context.set_timer(actor, pace + pace, {});
  }

  uint32_t servers_;
  StreamId draws_;
  uint32_t asked_ = 0;
  std::vector<Line> connections_;
};

inline ChaosSpec busy_chaos(const std::vector<std::string>& servers,
                            const std::vector<std::string>& clients) {
  std::vector<std::string> all = servers;
  all.insert(all.end(), clients.begin(), clients.end());
  ChaosSpec chaos;
  chaos.mean_interval = milliseconds(10);
  chaos.until = milliseconds(900);
  chaos.length_min = microseconds(100);
  chaos.length_max = milliseconds(300);
  const auto add = [&](FaultKind kind, const char* word, std::vector<std::string> victims) {
    chaos.kinds.push_back({kind, word, 1, std::move(victims), servers, {{0}, {1}}});
  };
  add(FaultKind::kCrash, "crash", all);
  add(FaultKind::kPowerLoss, "power_loss", all);
  add(FaultKind::kPause, "pause", all);
  add(FaultKind::kStall, "stall", all);
  add(FaultKind::kPartition, "partition", all);
  add(FaultKind::kResetConnection, "reset_connection", clients);
  add(FaultKind::kDelay, "delay", clients);
  add(FaultKind::kDropResponse, "drop_response", clients);
  add(FaultKind::kSlowLink, "slow_link", all);
  add(FaultKind::kClockJump, "clock_jump", all);
  add(FaultKind::kClockDrift, "clock_drift", all);
  return chaos;
}

// Triggered faults on top of the drawn ones, of the kinds that act on the very message.
inline void add_busy_triggers(World& world) {
  for (const FaultKind kind : {FaultKind::kDelay, FaultKind::kDropResponse,
                               FaultKind::kResetConnection, FaultKind::kCrash, FaultKind::kPause}) {
    for (const Phase phase :
         {Phase::kSent, Phase::kDelivered, Phase::kHandled, Phase::kResponded}) {
      FaultSpec fault;
      fault.kind = kind;
      fault.word = "triggered";
      fault.target = "server-0";
      fault.length =
          kind == FaultKind::kCrash || kind == FaultKind::kPause ? milliseconds(3) : Duration{-1};
      fault.by = milliseconds(7);
      fault.repeat = kind != FaultKind::kCrash;
      fault.on = Trigger{};
      fault.on->rpc = {static_cast<uint16_t>(phase == Phase::kSent ? 0 : 1)};
      fault.on->phase = phase;
      fault.on->to = "server-0";
      fault.on->nth = 40;
      if (fault.repeat) fault.on->after = Time{} + milliseconds(700);
      world.add_fault(std::move(fault));
    }
  }
}

inline World make_busy_world(uint64_t seed, bool triggers = true) {
  WorldConfig config;
  config.seed = seed;
  config.network.latency = LogNormal::from_median_p99(microseconds(300), milliseconds(30));
  config.network.bytes_per_second = 10'000'000;
  config.network.late_max = milliseconds(500);
  config.message_kinds = {"Ask", "Tell"};
  World world(config, std::make_unique<Journal>());
  std::vector<std::string> servers;
  std::vector<std::string> clients;
  for (uint32_t i = 0; i < 3; ++i) servers.push_back("server-" + std::to_string(i));
  for (uint32_t i = 0; i < 4; ++i) clients.push_back("client-" + std::to_string(i));
  for (const std::string& name : servers) world.add_process(name, std::make_unique<BusyServer>());
  for (const std::string& name : clients) {
    world.add_process(name, std::make_unique<BusyClient>(3), Time{} + milliseconds(1));
  }
  for (FaultSpec& fault : draw_chaos(world.choices(), busy_chaos(servers, clients))) {
    world.add_fault(std::move(fault));
  }
  if (triggers) add_busy_triggers(world);
  return world;
}

}  // namespace eosim::sim
