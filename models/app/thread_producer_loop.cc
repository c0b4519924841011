#include "models/app/thread_producer_loop.h"

#include "sim/assert.h"

namespace eosim::kafka {

void ThreadProducerLoop::run_phase(LoopEnv& env) {
  switch (phase_) {
    case Phase::kCreate:
      return create(env);
    case Phase::kInit:
      phase_ = Phase::kInitDone;
      return wait_for(env, producer_, producer(env).init_transactions(env.context));
    case Phase::kInitDone:
      return init_done();
    case Phase::kPoll:
      return poll(env);
    case Phase::kPolled:
      return polled(env);
    case Phase::kTransform:
      return transform(env);
    case Phase::kSend:
      return send(env);
    case Phase::kMaybeCommit:
      return maybe_commit(env);
    case Phase::kSendOffsets:
      return send_offsets(env);
    case Phase::kOffsetsSent:
      return offsets_sent(env);
    case Phase::kCommit:
      phase_ = Phase::kCommitted;
      return wait_for(env, producer_, producer(env).commit_transaction(env.context));
    case Phase::kCommitted:
      return committed(env);
    case Phase::kFlush:
      phase_ = Phase::kFlushed;
      return wait_for(env, producer_, producer(env).flush(env.context));
    case Phase::kFlushed:
      return flushed(env);
    case Phase::kCommitPlainDone:
      return commit_plain_done(env);
    case Phase::kAbort:
      phase_ = Phase::kAborted;
      return wait_for(env, producer_, producer(env).abort_transaction(env.context));
    case Phase::kAborted:
      return aborted();
    case Phase::kRewind:
      return rewind(env);
    case Phase::kRewound:
      return rewound(env);
    case Phase::kResume:
      in_callback_ = false;
      phase_ = Phase::kPolled;
      return wait_for_records(env, consumer_, consumer(env).resume_poll(env.context));
    case Phase::kClose:
      return close(env);
    case Phase::kProducerClosed:
      phase_ = Phase::kConsumerClosed;
      return wait_for(env, consumer_, consumer(env).close(env.context));
    case Phase::kConsumerClosed:
      return consumer_closed(env);
    case Phase::kRestart:
      phase_ = Phase::kCreate;
      return sleep(env, config().restart_backoff);
  }
}

std::string ThreadProducerLoop::transactional_id() const {
  return transactional() ? thread_transactional_id() : std::string();
}

void ThreadProducerLoop::create(LoopEnv& env) {
  producer_ = create_producer(env, transactional_id());
  consumer_ = create_consumer(env);
  tries_ = 0;
  phase_ = transactional() ? Phase::kInit : Phase::kPoll;
}

// initTransactions() comes before the first poll: it cleans up after a predecessor of this process.
void ThreadProducerLoop::init_done() {
  if (result().ok()) {
    phase_ = Phase::kPoll;
  } else if (result().thrown == Thrown::kTimeout) {
    phase_ = Phase::kInit;
  } else {
    give_up(result().error);
  }
}

void ThreadProducerLoop::poll(LoopEnv& env) {
  if (stopping_) {
    phase_ = Phase::kClose;
    if (!work_.empty()) phase_ = transactional() ? Phase::kSendOffsets : Phase::kFlush;
    return;
  }
  if (rejoin_) consumer(env).enforce_rebalance();
  rejoin_ = false;
  phase_ = Phase::kPolled;
  wait_for_records(env, consumer_, consumer(env).poll(env.context, poll_time(env, !work_.empty())));
}

void ThreadProducerLoop::polled(LoopEnv& env) {
  polled_ = consumer(env).take_poll();
  in_callback_ = polled_.callback();
  const bool work = open_ || !work_.empty();
  switch (polled_.kind) {
    case PollResult::Kind::kRecords:
      phase_ = Phase::kTransform;
      return;
    case PollResult::Kind::kEmpty:
      phase_ = Phase::kMaybeCommit;
      return;
    case PollResult::Kind::kAssigned:
      phase_ = Phase::kResume;
      return;
    case PollResult::Kind::kRevoked:
      // The group's coordinator still waits for this very member: the commit is in time.
      phase_ = !work              ? Phase::kResume
               : !transactional() ? Phase::kFlush
               : work_.empty()    ? Phase::kAbort
                                  : Phase::kSendOffsets;
      return;
    case PollResult::Kind::kLost:
      phase_ = open_ ? Phase::kAbort : Phase::kResume;
      if (!transactional()) forget_work();
      return;
    case PollResult::Kind::kSubscriptionUserData:
    case PollResult::Kind::kAssign:
    case PollResult::Kind::kOnAssignment:
      EOSIM_ASSERT(false && "it has no assignor of its own");
    case PollResult::Kind::kError:
      return give_up(polled_.error.error);
  }
}

void ThreadProducerLoop::transform(LoopEnv& env) {
  phase_ = Phase::kSend;
  const sim::Duration cost = transform_time(polled_.records.size());
  if (cost.ns > 0) sleep(env, cost);
}

void ThreadProducerLoop::send(LoopEnv& env) {
  if (!transactional() && work_.empty()) failed_before_ = producer(env).failed_records();
  if (transactional() && !open_) {
    const CallResult begun = producer(env).begin_transaction(env.context);
    if (!begun.ok()) return give_up(begun.error);
    open_ = true;
  }
  phase_ = Phase::kMaybeCommit;
  for (const ConsumedRecord& record : polled_.records) {
    const CallResult sent = send_outputs(env, producer_, record);
    if (sent.ok()) continue;
    if (is_fatal(sent.thrown) || !transactional()) return give_up(sent.error);
    phase_ = Phase::kAbort;
    return;
  }
  for (const ConsumedRecord& record : polled_.records) {
    work_[record.partition] = read_up_to(consumer(env), record);
  }
}

void ThreadProducerLoop::maybe_commit(LoopEnv& env) {
  if (work_.empty() || !commit_due(env)) {
    phase_ = Phase::kPoll;
    return;
  }
  phase_ = transactional() ? Phase::kSendOffsets : Phase::kFlush;
}

void ThreadProducerLoop::send_offsets(LoopEnv& env) {
  GroupMetadata group = consumer(env).group_metadata();
  if (config().commit == OffsetCommitWay::kTransaction)
    group = GroupMetadata{group.group, {}, {}, {}};
  phase_ = Phase::kOffsetsSent;
  emit_offsets_sent(env, producer(env).instance(), group.group, offsets());
  wait_for(env, producer_,
           producer(env).send_offsets_to_transaction(env.context, offsets(), group));
}

void ThreadProducerLoop::offsets_sent(LoopEnv& env) {
  if (result().ok()) {
    phase_ = Phase::kCommit;
  } else if (is_fatal(result().thrown)) {
    give_up(result().error);
  } else {
    phase_ = Phase::kAbort;
  }
  static_cast<void>(env);
}

void ThreadProducerLoop::committed(LoopEnv& env) {
  if (result().ok()) {
    forget_work();
    committed_now(env);
    return after_work();
  }
  // The outcome is unknown: only the same call may follow.
  if (result().thrown == Thrown::kTimeout && ++tries_ < kTriesMax) {
    phase_ = Phase::kCommit;
  } else if (result().thrown == Thrown::kTimeout || is_fatal(result().thrown)) {
    give_up(result().error);
  } else {
    phase_ = Phase::kAbort;
  }
}

void ThreadProducerLoop::flushed(LoopEnv& env) {
  if (producer(env).failed_records() != failed_before_) {
    forget_work();
    phase_ = Phase::kRewind;
    return;
  }
  phase_ = Phase::kCommitPlainDone;
  emit_offsets_sent(env, {}, consumer(env).group_metadata().group, offsets());
  wait_for(env, consumer_, consumer(env).commit_sync(env.context, offsets()));
}

// A commit that failed costs repeated work and no loss: a later one covers it, or the next owner
// starts from the older offset.
void ThreadProducerLoop::commit_plain_done(LoopEnv& env) {
  if (is_fatal(result().thrown)) return give_up(result().error);
  forget_work();
  committed_now(env);
  after_work();
}

void ThreadProducerLoop::aborted() {
  if (result().ok()) {
    forget_work();
    phase_ = Phase::kRewind;
  } else if (result().thrown == Thrown::kTimeout && ++tries_ < kTriesMax) {
    phase_ = Phase::kAbort;
  } else {
    give_up(result().error);
  }
}

// Back to the committed offsets of all that is assigned (4.4). Inside a callback of an eager
// rebalance there is nothing to reset: positions are thrown away with the assignment.
void ThreadProducerLoop::rewind(LoopEnv& env) {
  const List<TopicPartition> assigned = consumer(env).assignment();
  if (in_callback_ || assigned.empty()) return after_work();
  phase_ = Phase::kRewound;
  wait_for(env, consumer_, consumer(env).committed(env.context, assigned));
}

void ThreadProducerLoop::rewound(LoopEnv& env) {
  if (!result().ok()) {
    if (is_fatal(result().thrown)) return give_up(result().error);
    phase_ = Phase::kRewind;
    return;
  }
  const List<OffsetAndEpoch> committed = consumer(env).committed_offsets();
  for (const OffsetAndEpoch& entry : committed) seek_back(env, consumer_, entry);
  after_work();
}

void ThreadProducerLoop::after_work() {
  tries_ = 0;
  phase_ = in_callback_ ? Phase::kResume : Phase::kPoll;
}

void ThreadProducerLoop::give_up(Error error) {
  error_ = error;
  phase_ = Phase::kClose;
}

void ThreadProducerLoop::close(LoopEnv& env) {
  phase_ = Phase::kProducerClosed;
  wait_for(env, producer_, producer(env).close(env.context, kCloseTimeoutMs));
}

void ThreadProducerLoop::consumer_closed(LoopEnv& env) {
  remove_producer(env, producer_, transactional_id(), error_);
  env.clients.remove(consumer_);
  forget_work();
  in_callback_ = false;
  error_ = Error::kNone;
  phase_ = Phase::kRestart;
  if (stopping_) finish();
}

List<OffsetAndEpoch> ThreadProducerLoop::offsets() const {
  List<OffsetAndEpoch> all;
  for (const auto& [partition, offset] : work_) all.push_back({partition, offset, {}});
  return all;
}

void ThreadProducerLoop::forget_work() {
  work_.clear();
  open_ = false;
}

std::string ThreadProducerLoop::phase_name() const {
  static constexpr std::string_view kNames[] = {"create",
                                                "initTransactions",
                                                "initTransactions",
                                                "poll",
                                                "poll",
                                                "transform",
                                                "send",
                                                "poll",
                                                "sendOffsetsToTransaction",
                                                "sendOffsetsToTransaction",
                                                "commitTransaction",
                                                "commitTransaction",
                                                "flush",
                                                "flush",
                                                "commitSync",
                                                "abortTransaction",
                                                "abortTransaction",
                                                "committed",
                                                "committed",
                                                "poll",
                                                "close",
                                                "close",
                                                "close",
                                                "restart"};
  return std::string(kNames[static_cast<size_t>(phase_)]);
}

}  // namespace eosim::kafka
