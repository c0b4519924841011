#include "models/app/consuming_thread.h"

#include "sim/assert.h"

namespace eosim::kafka {

void ConsumingThread::run_phase(LoopEnv& env) {
  switch (phase_) {
    case Phase::kCreate:
      consumer_ = create_consumer(env);
      phase_ = Phase::kPoll;
      return;
    case Phase::kPoll:
      return poll(env);
    case Phase::kPolled:
      return polled(env);
    case Phase::kProcess:
      return process(env);
    case Phase::kMaybeCommit:
      phase_ = done_.empty() || !commit_due(env) ? Phase::kPoll : Phase::kCommit;
      return;
    case Phase::kCommit:
      return commit(env);
    case Phase::kCommitted:
      return committed(env);
    case Phase::kResume:
      return resume(env);
    case Phase::kClose:
      phase_ = Phase::kClosed;
      return wait_for(env, consumer_, consumer(env).close(env.context));
    case Phase::kClosed:
      return closed(env);
    case Phase::kRestart:
      phase_ = Phase::kCreate;
      return sleep(env, config().restart_backoff);
  }
}

void ConsumingThread::poll(LoopEnv& env) {
  if (stopping_) {
    phase_ = done_.empty() ? Phase::kClose : Phase::kCommit;
    return;
  }
  if (rejoin_) consumer(env).enforce_rebalance();
  rejoin_ = false;
  phase_ = Phase::kPolled;
  wait_for_records(env, consumer_, consumer(env).poll(env.context, poll_time(env, !done_.empty())));
}

void ConsumingThread::polled(LoopEnv& env) {
  polled_ = consumer(env).take_poll();
  in_callback_ = polled_.callback();
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
    done_[record.partition] = read_up_to(consumer(env), record);
  }
  phase_ = Phase::kMaybeCommit;
  const sim::Duration cost = transform_time(polled_.records.size());
  if (cost.ns > 0) sleep(env, cost);
}

void ConsumingThread::commit(LoopEnv& env) {
  List<OffsetAndEpoch> offsets;
  for (const auto& [partition, offset] : done_) offsets.push_back(offset);
  emit_offsets_sent(env, {}, consumer(env).group_metadata().group, offsets);
  phase_ = Phase::kCommitted;
  wait_for(env, consumer_, consumer(env).commit_sync(env.context, std::move(offsets)));
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
  in_callback_ = false;
  phase_ = Phase::kPolled;
  wait_for_records(env, consumer_, consumer(env).resume_poll(env.context));
}

void ConsumingThread::closed(LoopEnv& env) {
  env.clients.remove(consumer_);
  done_.clear();
  in_callback_ = false;
  phase_ = Phase::kRestart;
  if (stopping_) finish();
}

std::string ConsumingThread::phase_name() const {
  static constexpr std::string_view kNames[] = {"create", "poll",       "poll",       "process",
                                                "poll",   "commitSync", "commitSync", "poll",
                                                "close",  "close",      "restart"};
  return std::string(kNames[static_cast<size_t>(phase_)]);
}

}  // namespace eosim::kafka
