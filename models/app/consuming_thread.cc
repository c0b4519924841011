#include "models/app/consuming_thread.h"

#include "sim/assert.h"

namespace eosim::kafka {

const PhaseRow<ConsumingThread, ConsumingThread::Phase>& ConsumingThread::row() const {
  using enum Phase;
  using Self = ConsumingThread;
  static constexpr PhaseRow<Self, Phase> kRows[] = {
      {kCreate, "create", &Self::create},
      {kPoll, "poll", &Self::poll},
      {kPolled, "poll", &Self::polled},
      {kProcess, "process", &Self::process},
      {kMaybeCommit, "poll", &Self::maybe_commit},
      {kCommit, "commitSync", &Self::commit},
      {kCommitted, "commitSync", &Self::committed},
      {kResume, "poll", &Self::resume},
      {kClose, "close", &Self::close},
      {kClosed, "close", &Self::closed},
      {kRestart, "restart", &Self::restart},
  };
  static_assert(in_order(kRows) && std::size(kRows) == static_cast<size_t>(kRestart) + 1);
  return kRows[static_cast<size_t>(phase_)];
}

void ConsumingThread::create(LoopEnv& env) {
  create_consumer(env);
  phase_ = Phase::kPoll;
}

void ConsumingThread::poll(LoopEnv& env) {
  if (stopping_) {
    phase_ = done_.empty() ? Phase::kClose : Phase::kCommit;
    return;
  }
  phase_ = Phase::kPolled;
  start_poll(env, poll_time(env, !done_.empty()));
}

void ConsumingThread::polled(LoopEnv& env) {
  take_poll(env);
  switch (polled_.kind) {
    case PollResult::Kind::kRecords:
      phase_ = Phase::kProcess;
      return;
    case PollResult::Kind::kEmpty:
      phase_ = Phase::kMaybeCommit;
      return;
    case PollResult::Kind::kAssigned:
    case PollResult::Kind::kLost:
      phase_ = Phase::kResume;
      return;
    case PollResult::Kind::kRevoked:
      phase_ = done_.empty() ? Phase::kResume : Phase::kCommit;
      return;
    case PollResult::Kind::kSubscriptionUserData:
    case PollResult::Kind::kAssign:
    case PollResult::Kind::kOnAssignment:
      EOSIM_ASSERT(false && "it has no assignor of its own");
    case PollResult::Kind::kError:
      phase_ = Phase::kClose;
      return;
  }
}

void ConsumingThread::process(LoopEnv& env) {
  for (const ConsumedRecord& record : polled_.records) {
    done_[record.partition] = read_up_to(env, record);
  }
  phase_ = Phase::kMaybeCommit;
  take_time_for(env, polled_.records.size());
}

void ConsumingThread::maybe_commit(LoopEnv& env) {
  phase_ = done_.empty() || !commit_due(env) ? Phase::kPoll : Phase::kCommit;
}

void ConsumingThread::commit(LoopEnv& env) {
  phase_ = Phase::kCommitted;
  commit_plain_offsets(env, listed(done_));
}

void ConsumingThread::committed(LoopEnv& env) {
  const Thrown thrown = result().thrown;
  // CommitFailedException: others have these partitions by now.
  if (result().ok() || thrown == Thrown::kCommitFailed) done_.clear();
  committed_now(env);
  phase_ = is_fatal(thrown) || stopping_ ? Phase::kClose
           : in_callback_                ? Phase::kResume
                                         : Phase::kPoll;
}

// The end of a callback: work in partitions that are ours no more is over, committed or not.
void ConsumingThread::resume(LoopEnv& env) {
  if (polled_.kind != PollResult::Kind::kAssigned) {
    for (const TopicPartition gone : polled_.partitions) done_.erase(gone);
  }
  phase_ = Phase::kPolled;
  resume_poll(env);
}

void ConsumingThread::close(LoopEnv& env) {
  phase_ = Phase::kClosed;
  close_consumer(env);
}

void ConsumingThread::closed(LoopEnv& env) {
  remove_consumer(env);
  done_.clear();
  phase_ = Phase::kRestart;
  if (stopping_) finish();
}

void ConsumingThread::restart(LoopEnv& env) {
  phase_ = Phase::kCreate;
  sleep(env, config().restart_backoff);
}

}  // namespace eosim::kafka
