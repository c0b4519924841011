// One thread of an application, as a list of named phases in the order of the loop it runs. A phase
// is one short function: it either names the next phase, or starts a blocking call or a sleep,
// which ends the step; the thread goes on with the next phase when that is over (design.md section
// 2, Blocking calls). Locals of the loop are fields, so a waiting thread is data.
#pragma once

#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "models/app/app_config.h"
#include "models/app/app_reaction.h"
#include "models/app/client_set.h"
#include "models/protocol/shared.h"

namespace eosim::kafka {

// What a phase works with; made anew for each step.
struct LoopEnv {
  sim::Context& context;
  ClientSet& clients;
  KafkaShared& shared() const { return kafka_shared(context); }
};

class LoopThread {
 public:
  // How often a call whose outcome is unknown is repeated before its client is given up.
  static constexpr int kTriesMax = 5;
  static constexpr int32_t kCloseTimeoutMs = 5'000;

  LoopThread(const AppConfig& config, uint16_t thread);
  virtual ~LoopThread() = default;
  virtual std::unique_ptr<LoopThread> clone() const = 0;

  void start(LoopEnv& env);
  // A step of this thread's actor: something that it waits for may be over.
  void step(LoopEnv& env, const sim::Step& step);
  // Leave the group and end after the work at hand; join the group again at the next poll.
  void stop() { stopping_ = true; }
  void rejoin() { rejoin_ = true; }
  bool finished() const { return finished_; }
  std::string describe() const;

 protected:
  virtual void run_phase(LoopEnv& env) = 0;
  virtual std::string phase_name() const = 0;

  const AppConfig& config() const { return config_; }
  uint16_t thread() const { return thread_; }
  sim::ActorId actor() const { return actor_; }
  std::string client_id() const;
  void wait_for(LoopEnv& env, uint32_t component, CallId call);
  // The same for a poll, whose time is no time that the thread is blocked (ThreadKind).
  void wait_for_records(LoopEnv& env, uint32_t consumer, CallId poll);
  void sleep(LoopEnv& env, sim::Duration length);
  void finish() { finished_ = true; }
  // How the call that the last phase started has ended.
  const CallResult& result() const { return result_; }
  // A phase has started a call or a sleep.
  bool waits() const { return sleeping_ || waited_call_.valid(); }
  bool careless(Mistake mistake) const { return config_.mistakes.has(mistake); }

  // --- producers
  uint32_t create_producer(LoopEnv& env, const std::string& transactional_id,
                           bool downgrades_txn_commit = false);
  // A blocking call of one.
  using ProducerCall = CallId (Producer::*)(sim::Context&);
  void wait_for(LoopEnv& env, uint32_t producer, ProducerCall call) {
    wait_for(env, producer, (env.clients.producer(producer).*call)(env.context));
  }
  void close_producer(LoopEnv& env, uint32_t producer, int32_t timeout_ms = kCloseTimeoutMs) {
    wait_for(env, producer, env.clients.producer(producer).close(env.context, timeout_ms));
  }
  // One that is closed: told as a fact, and gone. "": it has no transactional id.
  static void remove_producer(LoopEnv& env, uint32_t producer, const std::string& transactional_id,
                              Error error);
  // Of a thread with one producer: the same after a restart (cli-and-scenarios.md 2.2).
  std::string thread_transactional_id(const LoopEnv& env) const;
  // What a mistake puts behind it: "-app-0-3" in the third life of the process app-0, else "".
  std::string suffix_of_start(const LoopEnv& env) const;
  // The table of groups-streams-replication.md 4.3; what was repeated too often is given up.
  AppReaction reaction_to_result(ApiCall call, const CallResult& thrown);

  bool stopping_ = false;
  bool rejoin_ = false;
  int tries_ = 0;               // of a call that timed out and is repeated
  Error error_ = Error::kNone;  // why the thread gives up

 private:
  virtual void started(const LoopEnv&) {}
  void advance(LoopEnv& env);

  AppConfig config_;
  uint16_t thread_;
  sim::ActorId actor_;
  uint32_t waited_component_ = 0;
  CallId waited_call_;
  sim::SteadyTime waiting_since_{};
  bool waits_for_records_ = false;
  uint64_t sleep_serial_ = 0;
  bool sleeping_ = false;
  bool finished_ = false;
  CallResult result_;
};

// A phase of a loop: its name in traces, and the function that it is.
template <class Thread, class Phase>
struct PhaseRow {
  Phase phase;
  std::string_view name;
  void (Thread::*run)(LoopEnv&);
};

// Whether a row's place is its phase.
template <class Thread, class Phase, size_t n>
constexpr bool in_order(const PhaseRow<Thread, Phase> (&rows)[n]) {
  for (size_t i = 0; i < n; ++i) {
    if (static_cast<size_t>(rows[i].phase) != i) return false;
  }
  return true;
}

// A call after which only close() helps, and the process's supervisor
// (groups-streams-replication.md 4.3).
bool is_fatal(Thrown thrown);

}  // namespace eosim::kafka
