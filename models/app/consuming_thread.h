// A thread that only consumes and commits (cli-and-scenarios.md 2.3): what it has read is processed
// as soon as it is returned, and committed with a plain OffsetCommit when commit.interval.ms has
// passed and in the callbacks of a rebalance before they return.
//
// What a commit did not bring through is kept, as positions only go up: the next one has it too,
// unless the group has told that this member is no part of it any more.
#pragma once

#include "models/app/polling_thread.h"

namespace eosim::kafka {

class ConsumingThread final : public PollingThread {
 public:
  using PollingThread::PollingThread;
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

  const PhaseRow<ConsumingThread, Phase>& row() const;
  void run_phase(LoopEnv& env) override { (this->*row().run)(env); }
  std::string phase_name() const override { return std::string(row().name); }

  void create(LoopEnv& env);
  void poll(LoopEnv& env);
  void polled(LoopEnv& env);
  void process(LoopEnv& env);
  void maybe_commit(LoopEnv& env);
  void commit(LoopEnv& env);
  void committed(LoopEnv& env);
  void resume(LoopEnv& env);
  void close(LoopEnv& env);
  void closed(LoopEnv& env);
  void restart(LoopEnv& env);

  Phase phase_ = Phase::kCreate;
  Positions done_;  // processed up to here, and not committed
};

}  // namespace eosim::kafka
