// A process that follows a script and writes what it sees into the journal. As a server it answers
// at once, after a while, or never.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "journal.h"

namespace eosim::sim {

enum class Act : uint8_t {
  kConnect,    // connection number a, to process b
  kSend,       // on connection a, with correlation b
  kSendOther,  // the same, of the second message kind
  kClose,      // connection a
  kTimer,      // number a, in b ms
  kCancel,     // the timer of number a
  kAppend,     // a entries to file 0
  kTruncate,   // file 0, to a entries
  kFlush,      // file 0
  kEmit,       // a fact with value a, by process b
  kDraw,       // a times, from a stream of its own
  kClock,      // writes down the clocks
  kSpin,       // wakes itself, for ever
};

struct Action {
  Duration at;  // after its start, by its clock
  Act act;
  uint32_t a = 0;
  uint32_t b = 0;
  ActorId actor{};
};

struct Script {
  std::vector<Action> actions{};
  Duration service{};           // negative: never answers
  bool repeats_itself = false;  // follows the script again when it is restarted
  Duration stopping{};          // from kStop to its exit
};

class Scripted : public Process {
 public:
  explicit Scripted(Script script) : script_(std::move(script)) {}

  void step(Context& context, const Step& step) override {
    switch (step.kind) {
      case StepKind::kStart:
        write(context, "starts");
        for (uint32_t i = 0; i < script_.actions.size(); ++i) {
          context.set_timer(script_.actions[i].actor, script_.actions[i].at, {kAction, i, 0});
        }
        return;
      case StepKind::kMessage:
        return message(context, step.message);
      case StepKind::kTimer:
        if (step.tag.kind == kAction) return act(context, script_.actions[step.tag.small]);
        if (step.tag.kind == kAnswer) return answer(context, waiting_[step.tag.small]);
        if (step.tag.kind == kSpinning) return spin(context);
        if (step.tag.kind == kStopping) return exit(context);
        return write(context, "timer " + std::to_string(step.tag.small));
      case StepKind::kClosed:
        return write(context, "closed " + std::to_string(number_of(step.connection)));
      case StepKind::kDiskDone:
        return write(context, "flushed");
      case StepKind::kControl:
        return write(context, "control " + std::to_string(step.tag.small));
      case StepKind::kStop:
        write(context, "stops");
        if (script_.stopping.ns == 0) return exit(context);
        context.set_timer({}, script_.stopping, {kStopping, 0, 0});
        return;
    }
  }
  std::unique_ptr<Process> clone() const override { return std::make_unique<Scripted>(*this); }
  std::unique_ptr<Process> restarted() const override {
    Script again = script_;
    if (!again.repeats_itself) again.actions.clear();
    return std::make_unique<Scripted>(std::move(again));
  }
  std::string describe() const override { return "follows a script"; }

 private:
  static constexpr uint32_t kAction = 1;
  static constexpr uint32_t kAnswer = 2;
  static constexpr uint32_t kNumbered = 3;
  static constexpr uint32_t kSpinning = 4;
  static constexpr uint32_t kStopping = 5;

  void write(Context& context, const std::string& text) {
    static_cast<Journal&>(context.shared())
        .lines.push_back(
            {context.world().now(), std::string(context.name(context.process())) + ": " + text});
  }
  void exit(Context& context) {
    write(context, "exits");
    context.exit();
  }
  void spin(Context& context) { context.wake({}, {kSpinning, 0, 0}); }

  void message(Context& context, const Message& message) {
    const std::string number = std::to_string(message.correlation);
    if (!message.request) return write(context, "answer " + number);
    write(context, "request " + number);
    if (script_.service.ns < 0) return;
    if (script_.service.ns == 0) return answer(context, message);
    waiting_.push_back(message);
    const auto place = static_cast<uint32_t>(waiting_.size() - 1);
    context.set_timer({}, script_.service, {kAnswer, place, 0});
  }
  void answer(Context& context, const Message& message) {
    ++static_cast<Journal&>(context.shared()).bodies;
    context.respond(message.connection, message.kind, message.correlation, 1'000, 0);
  }

  void act(Context& context, const Action& action) {
    switch (action.act) {
      case Act::kConnect:
        if (connections_.size() <= action.a) connections_.resize(action.a + 1);
        connections_[action.a] = context.connect({action.b});
        return;
      case Act::kSend:
      case Act::kSendOther: {
        if (!context.is_open(connections_[action.a])) return write(context, "cannot send");
        ++static_cast<Journal&>(context.shared()).bodies;
        const auto kind = static_cast<uint16_t>(action.act == Act::kSend ? 0 : 1);
        return context.send(connections_[action.a], {kind}, action.b, 1'000, 0);
      }
      case Act::kClose:
        return context.close(connections_[action.a]);
      case Act::kTimer:
        if (timers_.size() <= action.a) timers_.resize(action.a + 1);
        timers_[action.a] =
            context.set_timer(action.actor, milliseconds(action.b), {kNumbered, action.a, 0});
        return;
      case Act::kCancel:
        return context.cancel(timers_[action.a]);
      case Act::kAppend:
        for (uint32_t i = 0; i < action.a; ++i) context.disk().append({0}, {i, 10});
        return;
      case Act::kTruncate:
        return context.disk().truncate({0}, action.a);
      case Act::kFlush:
        return context.flush({0}, {});
      case Act::kEmit:
        return context.emit({0}, {int64_t{action.a}, int64_t{action.b}});
      case Act::kDraw: {
        Choices& choices = context.choices();
        const StreamId own =
            choices.stream("draws of " + std::string(context.name(context.process())));
        for (uint32_t i = 0; i < action.a; ++i) choices.word(own);
        return;
      }
      case Act::kClock:
        return write(context, "wall " + std::to_string(context.wall().ms() - kWallStartMs) +
                                  " steady " + std::to_string(context.steady().ns / 1'000'000));
      case Act::kSpin:
        return spin(context);
    }
  }
  size_t number_of(ConnectionId connection) const {
    const auto found = std::find(connections_.begin(), connections_.end(), connection);
    return static_cast<size_t>(found - connections_.begin());
  }

  static constexpr int64_t kWallStartMs = 1'600'000'000'000;

  Script script_;
  std::vector<ConnectionId> connections_;
  std::vector<TimerId> timers_;
  std::vector<Message> waiting_;
};

// A calm world: each message takes 1 ms one way, unless a fault has it otherwise.
inline WorldConfig calm_config() {
  WorldConfig config;
  config.calm = true;
  config.network.latency = LogNormal::from_median_p99(milliseconds(1), milliseconds(10));
  config.message_kinds = {"Ask", "Tell"};
  return config;
}

inline World make_world(const WorldConfig& config,
                        std::vector<std::pair<std::string, Script>> cast) {
  World world(config, std::make_unique<Journal>());
  for (auto& [name, script] : cast) {
    world.add_process(name, std::make_unique<Scripted>(std::move(script)));
  }
  return world;
}

inline FaultSpec make_fault(FaultKind kind, std::string target, int64_t at_ms,
                            Duration length = {-1}) {
  FaultSpec fault;
  fault.kind = kind;
  fault.word = "fault";
  fault.target = std::move(target);
  fault.at = Time{} + milliseconds(at_ms);
  fault.length = length;
  return fault;
}

// `count` requests on connection 0 of process 0, from `at_ms` on, `gap_ms` apart; numbered from 1.
inline std::vector<Action> requests(uint32_t count, int64_t at_ms, int64_t gap_ms) {
  std::vector<Action> actions{{{}, Act::kConnect, 0, 0}};
  for (uint32_t i = 0; i < count; ++i) {
    actions.push_back({milliseconds(at_ms + gap_ms * i), Act::kSend, 0, i + 1});
  }
  return actions;
}

}  // namespace eosim::sim
