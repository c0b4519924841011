// One thread of an application, as a list of named phases in the order of the loop it runs. A phase
// is one short function: it either names the next phase, or starts a blocking call or a sleep,
// which ends the step; the thread goes on with the next phase when that is over (design.md section
// 2, Blocking calls). Locals of the loop are fields, so a waiting thread is data.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "models/app/app_config.h"
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

  // --- what both loops do
  // -------------------------------------------------------------------------
  uint32_t create_consumer(LoopEnv& env);
  uint32_t create_producer(LoopEnv& env, const std::string& transactional_id);
  // Of a thread with one producer: the same after a restart (cli-and-scenarios.md 2.2).
  std::string thread_transactional_id(const LoopEnv& env) const;
  // What a mistake puts behind it: "-app-0-3" in the third life of the process app-0, else "".
  std::string suffix_of_start(const LoopEnv& env) const;
  // A producer that is closed: told as a fact, and gone. "": it has no transactional id.
  static void remove_producer(LoopEnv& env, uint32_t producer, const std::string& transactional_id,
                              Error error);
  // How far the outputs of a list of records have been sent.
  struct Sending {
    size_t record = 0;
    int32_t output = 0;
  };
  // Goes on from there up to the record `end`, until one throws, or one blocks: then the thread
  // waits, and result() will be what that send() came to. Outputs are a deterministic function of
  // their input, with its lineage.
  CallResult send_outputs(LoopEnv& env, uint32_t producer, const List<ConsumedRecord>& inputs,
                          Sending& at, size_t end);
  // What the consumer has read up to behind a record that it returned, to be committed
  // (groups-streams-replication.md 4.2: "lastOffset+1 or position"), with the epoch that guards the
  // next owner against a leader of before. A call since then may have made the position unknown.
  OffsetAndEpoch read_up_to(const Consumer& consumer, const ConsumedRecord& record) const;
  // The application asks for these offsets to be committed; the instance is 0 outside transactions.
  static void emit_offsets_sent(LoopEnv& env, TransactionInstance instance, Name group,
                                const List<OffsetAndEpoch>& offsets);
  // Reads on from a committed offset, or from the beginning where there is none (4.4); nothing if
  // the partition is not ours any more.
  void seek_back(LoopEnv& env, uint32_t consumer, const OffsetAndEpoch& committed);
  sim::Duration transform_time(size_t records) const;
  // How long the next poll may take: until the next commit is due if there is work.
  sim::Duration poll_time(const LoopEnv& env, bool work) const;
  bool commit_due(const LoopEnv& env) const;
  void committed_now(const LoopEnv& env) { last_commit_ = env.context.steady(); }

  bool stopping_ = false;
  bool rejoin_ = false;

 private:
  void advance(LoopEnv& env);
  CallResult send_output(LoopEnv& env, uint32_t producer, const ConsumedRecord& input,
                         int32_t ordinal);

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
  sim::SteadyTime last_commit_{};
};

// A call after which only close() helps, and the process's supervisor
// (groups-streams-replication.md 4.3).
bool is_fatal(Thrown thrown);

}  // namespace eosim::kafka
