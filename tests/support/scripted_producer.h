// A process that holds one producer and carries out a script, one call after the other. What each
// call came to is written down, and by the watcher what the trace says.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catch.h"
#include "models/client/producer.h"
#include "models/protocol/shared.h"
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

inline std::string thrown_word(CallResult result) {
  constexpr const char* kWords[] = {"ok",      "timeout",       "fenced",    "stale",
                                    "order",   "commit failed", "rebalance", "instance",
                                    "illegal", "abortable",     "fatal"};
  std::string text = kWords[static_cast<size_t>(result.thrown)];
  if (result.error != Error::kNone) text += " " + std::string(error_name(result.error));
  return text;
}

inline constexpr uint32_t kComponent = 4;

class ScriptedApp final : public sim::Process {
 public:
  ScriptedApp(ProducerConfig config, Name group) : producer(std::move(config)), group_(group) {}

  Producer producer;
  std::vector<Command> script;
  std::vector<std::string> log;     // of calls other than send(), and of those sends that threw
  std::vector<CallResult> results;  // beside it
  uint32_t record_bytes = 100;
  size_t next = 0;

  bool finished() const {
    return next == script.size() && !waiting_.valid() && !sleeping_ && unsent_ == 0;
  }

  void step(sim::Context& context, const sim::Step& step) override {
    producer.step(context, step);
    if (step.actor != producer.config().application) return;
    if (waiting_.valid()) {
      const auto result = producer.result(waiting_);
      if (!result) return;
      if (!sending_ || !result->ok()) note(*result);
      waiting_ = {};
      sending_ = false;
    }
    const bool wait_over = step.kind == sim::StepKind::kTimer &&
                           step.tag.kind == static_cast<uint32_t>(ClientTimer::kApplication);
    if (sleeping_ && !wait_over) return;
    sleeping_ = false;
    if (unsent_ > 0) send(context, script[next - 1]);
    while (next < script.size() && !waiting_.valid() && !sleeping_) {
      carry_out(context, script[next++]);
    }
  }
  std::unique_ptr<sim::Process> clone() const override {
    return std::make_unique<ScriptedApp>(*this);
  }
  std::unique_ptr<sim::Process> restarted() const override {
    return std::make_unique<ScriptedApp>(producer.config(), group_);
  }
  void on_death(sim::Shared& shared) override {
    producer.on_death(static_cast<KafkaShared&>(shared));
  }
  std::string describe() const override { return "waits for " + producer.waits_for(); }

 private:
  void note(const CallResult& result) {
    results.push_back(result);
    log.push_back((sending_ ? "send " : "") + thrown_word(result));
  }
  void send(sim::Context& context, const Command& command) {
    while (unsent_ > 0 && !waiting_.valid()) {
      --unsent_;
      Record record;
      record.bytes = record_bytes;
      sending_ = true;
      const CallResult result = producer.send(context, command.partition, record);
      if (!result.ok()) note(result);
      waiting_ = producer.blocked_send();
      sending_ = waiting_.valid();
    }
  }
  void carry_out(sim::Context& context, const Command& command) {
    switch (command.kind) {
      case Command::kInit:
        waiting_ = producer.init_transactions(context);
        break;
      case Command::kBegin:
        note(producer.begin_transaction(context));
        break;
      case Command::kSend:
        unsent_ = command.number;
        send(context, command);
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

  Name group_;
  CallId waiting_;
  bool sleeping_ = false;
  bool sending_ = false;  // the call is a send() that blocks, or sends its records right now
  int32_t unsent_ = 0;    // records of the command that goes on
};

// Counts requests, and keeps the names of facts with their values.
class Watcher final : public sim::Observer {
 public:
  std::vector<std::string> requests;  // in order of delivery, without ApiVersions and Metadata
  std::vector<sim::TraceEvent> facts;
  void on_event(const sim::World&, const sim::TraceEvent& event) override {
    facts.push_back(event);
  }
  void on_kernel(const sim::World& world, const sim::KernelRecord& record) override {
    if (record.event != sim::KernelEvent::kDelivered || !record.request) return;
    const std::string name(world.message_name(record.kind));
    if (!world.name(record.from).starts_with("app")) return;
    if (name != "ApiVersions" && name != "Metadata") requests.push_back(name);
  }
  bool wants_kernel_records() const override { return true; }
  std::vector<sim::TraceEvent> of(Event kind) const {
    std::vector<sim::TraceEvent> found;
    for (const sim::TraceEvent& event : facts) {
      if (event.kind == event_id(kind)) found.push_back(event);
    }
    return found;
  }
};

}  // namespace eosim::kafka::producer_test
