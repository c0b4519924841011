// A thread that only consumes and commits (cli-and-scenarios.md 2.3): what it has read is processed
// as soon as it is returned, and committed with a plain OffsetCommit when commit.interval.ms has
// passed and in the callbacks of a rebalance before they return.
//
// What a commit did not bring through is kept, as positions only go up: the next one has it too,
// unless the group has told that this member is no part of it any more.
#pragma once

#include <map>

#include "models/app/loop_thread.h"

namespace eosim::kafka {

class ConsumingThread final : public LoopThread {
 public:
  using LoopThread::LoopThread;
  std::unique_ptr<LoopThread> clone() const override {
    return std::make_unique<ConsumingThread>(*this);
  }

 private:
  enum class Phase : uint8_t {
    kCreate,
    kPoll,
    kPolled,
    kProcess,
    kMaybeCommit,
    kCommit,
    kCommitted,
    kResume,
    kClose,
    kClosed,
    kRestart,
  };

  void run_phase(LoopEnv& env) override;
  std::string phase_name() const override;
  Consumer& consumer(LoopEnv& env) { return env.clients.consumer(consumer_); }

  void poll(LoopEnv& env);
  void polled(LoopEnv& env);
  void process(LoopEnv& env);
  void commit(LoopEnv& env);
  void committed(LoopEnv& env);
  void resume(LoopEnv& env);
  void closed(LoopEnv& env);

  Phase phase_ = Phase::kCreate;
  uint32_t consumer_ = 0;
  PollResult polled_;
  std::map<TopicPartition, OffsetAndEpoch> done_;  // processed up to here, and not committed
  bool in_callback_ = false;                       // of the poll that is going on
};

}  // namespace eosim::kafka
