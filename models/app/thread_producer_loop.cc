#include "models/app/thread_producer_loop.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

const PhaseRow<ThreadProducerLoop, ThreadProducerLoop::Phase>& ThreadProducerLoop::row() const {
  using enum Phase;
  using Self = ThreadProducerLoop;
  static constexpr PhaseRow<Self, Phase> kRows[] = {
      {kCreate, "create", &Self::create},
      {kInit, "initTransactions", &Self::init},
      {kInitDone, "initTransactions", &Self::init_done},
      {kPoll, "poll", &Self::poll},
      {kPolled, "poll", &Self::polled},
      {kTransform, "transform", &Self::transform},
      {kBegin, "beginTransaction", &Self::begin},
      {kSend, "send", &Self::send},
      {kSent, "send", &Self::sent},
      {kMaybeCommit, "poll", &Self::maybe_commit},
      {kSendOffsets, "sendOffsetsToTransaction", &Self::send_offsets},
      {kOffsetsSent, "sendOffsetsToTransaction", &Self::offsets_sent},
      {kCommit, "commitTransaction", &Self::commit},
      {kCommitted, "commitTransaction", &Self::committed},
      {kFlush, "flush", &Self::flush},
      {kFlushed, "flush", &Self::flushed},
      {kCommitPlain, "commitSync", &Self::commit_plain},
      {kCommitPlainDone, "commitSync", &Self::commit_plain_done},
      {kAbort, "abortTransaction", &Self::abort},
      {kAborted, "abortTransaction", &Self::aborted},
      {kRewind, "committed", &Self::rewind},
      {kRewound, "committed", &Self::rewound},
      {kResume, "poll", &Self::resume},
      {kClose, "close", &Self::close},
      {kProducerClosed, "close", &Self::producer_closed},
      {kConsumerClosed, "close", &Self::consumer_closed},
      {kRestart, "restart", &Self::restart},
      {kAutoCommitted, "poll", &Self::poll_now},
      {kSavedCommitted, "commitSync", &Self::saved_committed},
      {kReplaced, "close", &Self::replaced},
  };
  static_assert(in_order(kRows) && std::size(kRows) == static_cast<size_t>(kReplaced) + 1);
  return kRows[static_cast<size_t>(phase_)];
}

std::string ThreadProducerLoop::transactional_id(const LoopEnv& env) const {
  return transactional() ? thread_transactional_id(env) : std::string();
}

// start: prod = new Producer(id); prod.initTransactions(), which comes before the first poll and
// cleans up after a predecessor of this process.
void ThreadProducerLoop::create(LoopEnv& env) {
  producer_ = create_producer(env, transactional_id(env));
  create_consumer(env);
  cached_group_ = consumer(env).group_metadata();
  tries_ = 0;
  phase_ = transactional() ? Phase::kInit : Phase::kPoll;
}

void ThreadProducerLoop::init(LoopEnv& env) {
  phase_ = Phase::kInitDone;
  wait_for(env, producer_, &Producer::init_transactions);
}

void ThreadProducerLoop::init_done(LoopEnv& env) {
  tries_ = 0;  // it may go on for ever
  if (!result().ok()) return on_exception(env, ApiCall::kInit, result());
  after_work();
}

// recs = poll()
void ThreadProducerLoop::poll(LoopEnv& env) {
  if (stopping_) {
    phase_ = Phase::kClose;
    if (!work_.empty()) end_work();
    return;
  }
  if (careless(Mistake::kAutoCommit) && auto_commit(env)) return;
  poll_now(env);
}

void ThreadProducerLoop::poll_now(LoopEnv& env) {
  phase_ = Phase::kPolled;
  start_poll(env, poll_time(env, !work_.empty()));
}

void ThreadProducerLoop::polled(LoopEnv& env) {
  take_poll(env);
  sending_ = {};
  switch (polled_.kind) {
    case PollResult::Kind::kRecords:
      phase_ = Phase::kTransform;
      return;
    case PollResult::Kind::kEmpty:
      phase_ = Phase::kMaybeCommit;
      return;
    case PollResult::Kind::kAssigned:
      collected_.clear();
      phase_ = Phase::kResume;
      return;
    case PollResult::Kind::kRevoked:
    case PollResult::Kind::kLost:
      return revoked(env);
    case PollResult::Kind::kSubscriptionUserData:
    case PollResult::Kind::kAssign:
    case PollResult::Kind::kOnAssignment:
      EOSIM_ASSERT(false && "it has no assignor of its own");
    case PollResult::Kind::kError:
      return give_up(polled_.error.error);
  }
}

// onPartitionsRevoked: the group's coordinator still waits for this very member, so a commit is in
// time. onPartitionsLost: it is too late. A cooperative rebalance takes some, and the work of those
// that stay may wait.
void ThreadProducerLoop::revoked(LoopEnv& env) {
  const bool lost = polled_.kind == PollResult::Kind::kLost;
  phase_ = Phase::kResume;
  if (careless(Mistake::kIgnoreRebalanceCallbacks)) return;
  if (holds_work_of(polled_.partitions)) {
    if (!lost) return end_work();
    transactional() ? static_cast<void>(phase_ = Phase::kAbort) : forget_work();
  } else if (open_ && work_.empty()) {
    phase_ = Phase::kAbort;
  } else if (!saved_.empty() && !lost) {
    commit_saved(env);
  }
}

bool ThreadProducerLoop::holds_work_of(const List<TopicPartition>& partitions) const {
  return std::any_of(partitions.begin(), partitions.end(),
                     [&](TopicPartition partition) { return work_.contains(partition); });
}

void ThreadProducerLoop::transform(LoopEnv& env) {
  phase_ = Phase::kBegin;
  take_time_for(env, polled_.records.size());
}

// prod.begin
void ThreadProducerLoop::begin(LoopEnv& env) {
  phase_ = Phase::kSend;
  if (open_ || !work_.empty()) return;
  failed_before_ = producer(env).failed_records();
  if (!transactional()) return;
  if (careless(Mistake::kSendBeforeBegin) && send_too_early(env)) return;
  const CallResult begun = producer(env).begin_transaction(env.context);
  if (!begun.ok()) return on_exception(env, ApiCall::kBegin, begun);
  open_ = true;
}

// for r in recs: prod.send(f(r))
void ThreadProducerLoop::send(LoopEnv& env) {
  const CallResult thrown =
      send_outputs(env, producer_, polled_.records, sending_, polled_.records.size());
  if (!thrown.ok()) return on_exception(env, ApiCall::kSend, thrown);
  if (waits()) {
    phase_ = Phase::kSent;
    return;
  }
  for (const ConsumedRecord& record : polled_.records) {
    began_at_.try_emplace(record.partition, record.offset);
    OffsetAndEpoch& read = work_[record.partition];
    read = read_up_to(env, record);
    if (careless(Mistake::kOffsetOfLastRecord)) read.offset = record.offset;
  }
  phase_ = Phase::kMaybeCommit;
}

void ThreadProducerLoop::sent(LoopEnv& env) {
  phase_ = Phase::kSend;
  if (!result().ok()) on_exception(env, ApiCall::kSend, result());
}

void ThreadProducerLoop::maybe_commit(LoopEnv& env) {
  note_callbacks(env);
  phase_ = Phase::kPoll;
  if (!work_.empty() && commit_due(env)) end_work();
}

// The transaction and the offsets of its work; or the outputs first, and then plain offsets.
void ThreadProducerLoop::end_work() {
  if (transactional()) {
    phase_ = careless(Mistake::kOffsetsOutsideTransaction) ? Phase::kCommit : Phase::kSendOffsets;
  } else {
    phase_ = careless(Mistake::kCommitBeforeFlush) ? Phase::kCommitPlain : Phase::kFlush;
  }
}

// prod.sendOffsetsToTransaction({p: position(p)}, consumer.groupMetadata())
void ThreadProducerLoop::send_offsets(LoopEnv& env) {
  note_callbacks(env);
  GroupMetadata group = consumer(env).group_metadata();
  if (careless(Mistake::kCachedGroupMetadata)) group = cached_group_;
  phase_ = Phase::kOffsetsSent;
  send_offsets_to_transaction(env, producer_, offsets(), group, tells_membership());
}

// Up to 3.1 what send() refused shows in its future alone, and a commit would go through.
void ThreadProducerLoop::offsets_sent(LoopEnv& env) {
  if (!result().ok()) return on_exception(env, ApiCall::kSendOffsets, result());
  const bool failed = producer(env).failed_records() != failed_before_;
  phase_ = failed && !careless(Mistake::kIgnoreSendErrors) ? Phase::kAbort : Phase::kCommit;
}

void ThreadProducerLoop::commit(LoopEnv& env) {
  phase_ = Phase::kCommitted;
  wait_for(env, producer_, &Producer::commit_transaction);
}

void ThreadProducerLoop::committed(LoopEnv& env) {
  if (!result().ok()) {
    const bool timed_out = exception_of(result()) == Exception::kTimeout;
    if (timed_out && careless(Mistake::kAmbiguousCommitIsFailure)) return take_for_failure(env);
    return on_exception(env, ApiCall::kCommit, result());
  }
  committed_now(env);
  note_callbacks(env);
  if (careless(Mistake::kOffsetsOutsideTransaction)) {
    phase_ = Phase::kCommitPlain;
    return;
  }
  forget_work();
  after_work();
}

void ThreadProducerLoop::flush(LoopEnv& env) {
  phase_ = Phase::kFlushed;
  wait_for(env, producer_, &Producer::flush);
}

void ThreadProducerLoop::flushed(LoopEnv& env) {
  phase_ = Phase::kCommitPlain;
  if (careless(Mistake::kIgnoreSendErrors)) return;
  if (producer(env).failed_records() == failed_before_) return;
  forget_work();
  phase_ = Phase::kRewind;
}

void ThreadProducerLoop::commit_plain(LoopEnv& env) {
  phase_ = Phase::kCommitPlainDone;
  commit_plain_offsets(env, offsets());
}

// A commit that failed costs repeated work and no loss: a later one covers it, or the next owner
// starts from the older offset.
void ThreadProducerLoop::commit_plain_done(LoopEnv& env) {
  if (is_fatal(result().thrown)) return give_up(result().error);
  if (!result().ok() && careless(Mistake::kRetrySavedCommits)) saved_ = offsets();
  forget_work();
  committed_now(env);
  if (in_callback_ && !saved_.empty()) return commit_saved(env);
  after_work();
}

void ThreadProducerLoop::abort(LoopEnv& env) {
  phase_ = Phase::kAborted;
  wait_for(env, producer_, &Producer::abort_transaction);
}

void ThreadProducerLoop::aborted(LoopEnv& env) {
  if (!result().ok()) return on_exception(env, ApiCall::kAbort, result());
  collected_.clear();
  if (careless(Mistake::kNoRewindAfterAbort)) {
    forget_work();
    return after_work();
  }
  phase_ = Phase::kRewind;
}

// Back to the committed offsets of all that is assigned (4.4), but for what the callback that is
// going on takes away: in an eager rebalance that is everything, in a cooperative one the rest goes
// on from where it stands.
void ThreadProducerLoop::rewind(LoopEnv& env) {
  List<TopicPartition> assigned = consumer(env).assignment();
  if (in_callback_) assigned = without(assigned, polled_.partitions);
  if (careless(Mistake::kRewindOnePartition) && !assigned.empty()) assigned.resize(1);
  forget_work();
  if (assigned.empty()) return after_work();
  phase_ = Phase::kRewound;
  ask_committed(env, assigned);
}

void ThreadProducerLoop::rewound(LoopEnv& env) {
  if (seek_back(env)) return after_work();
  if (is_fatal(result().thrown)) return give_up(result().error);
  phase_ = Phase::kRewind;
}

void ThreadProducerLoop::resume(LoopEnv& env) {
  phase_ = Phase::kPolled;
  resume_poll(env);
}

void ThreadProducerLoop::after_work() {
  tries_ = 0;
  phase_ = in_callback_ ? Phase::kResume : Phase::kPoll;
}

void ThreadProducerLoop::on_exception(LoopEnv& env, ApiCall call, const CallResult& thrown) {
  if (!transactional()) return give_up(thrown.error);
  if (thrown.thrown == Thrown::kProducerFenced && careless(Mistake::kGoOnAfterFenced)) {
    return replace_producer(env);
  }
  switch (reaction_to_result(call, thrown)) {
    case AppReaction::kGoOn:
    case AppReaction::kRepeat:
      phase_ = call == ApiCall::kInit     ? Phase::kInit
               : call == ApiCall::kCommit ? Phase::kCommit
                                          : Phase::kAbort;
      return;
    case AppReaction::kAbort:
      phase_ = Phase::kAbort;
      return;
    case AppReaction::kClose:
      return give_up(thrown.error);
  }
}

void ThreadProducerLoop::give_up(Error error) {
  error_ = error;
  phase_ = Phase::kClose;
}

void ThreadProducerLoop::close(LoopEnv& env) {
  phase_ = Phase::kProducerClosed;
  close_producer(env, producer_);
}

void ThreadProducerLoop::producer_closed(LoopEnv& env) {
  phase_ = Phase::kConsumerClosed;
  close_consumer(env);
}

void ThreadProducerLoop::consumer_closed(LoopEnv& env) {
  remove_producer(env, producer_, transactional_id(env), error_);
  remove_consumer(env);
  forget_work();
  error_ = Error::kNone;
  phase_ = Phase::kRestart;
  if (stopping_) finish();
}

void ThreadProducerLoop::restart(LoopEnv& env) {
  phase_ = Phase::kCreate;
  sleep(env, config().restart_backoff);
}

List<OffsetAndEpoch> ThreadProducerLoop::offsets() const {
  return listed(careless(Mistake::kOffsetsInCallback) ? collected_ : work_);
}

void ThreadProducerLoop::forget_work() {
  work_.clear();
  began_at_.clear();
  open_ = false;
}

}  // namespace eosim::kafka
