#include "models/app/partition_producer_loop.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

const PhaseRow<PartitionProducerLoop, PartitionProducerLoop::Phase>& PartitionProducerLoop::row()
    const {
  using enum Phase;
  using Self = PartitionProducerLoop;
  static constexpr PhaseRow<Self, Phase> kRows[] = {
      {kCreate, "create", &Self::create},
      {kPoll, "poll", &Self::poll},
      {kPolled, "poll", &Self::polled},
      {kNextInit, "onPartitionsAssigned", &Self::next_init},
      {kInitDone, "initTransactions", &Self::init_done},
      {kReread, "committed", &Self::reread},
      {kRereadDone, "committed", &Self::reread_done},
      {kTransform, "transform", &Self::transform},
      {kSend, "send", &Self::send},
      {kSent, "send", &Self::sent},
      {kMaybeCommit, "poll", &Self::maybe_commit},
      {kNextCommit, "commit", &Self::next_commit},
      {kOffsetsSent, "sendOffsetsToTransaction", &Self::offsets_sent},
      {kCommit, "commitTransaction", &Self::commit},
      {kCommitted, "commitTransaction", &Self::committed},
      {kAbort, "abortTransaction", &Self::abort},
      {kAborted, "abortTransaction", &Self::aborted},
      {kRewind, "committed", &Self::rewind},
      {kRewound, "committed", &Self::rewound},
      {kDrop, "close", &Self::drop},
      {kDropped, "close", &Self::dropped},
      {kNextClose, "onPartitionsRevoked", &Self::next_close},
      {kClosed, "close", &Self::closed},
      {kResume, "poll", &Self::resume},
      {kStop, "close", &Self::stop},
      {kConsumerClosed, "close", &Self::consumer_closed},
      {kRestart, "restart", &Self::restart},
  };
  static_assert(in_order(kRows) && std::size(kRows) == static_cast<size_t>(kRestart) + 1);
  return kRows[static_cast<size_t>(phase_)];
}

void PartitionProducerLoop::create(LoopEnv& env) {
  create_consumer(env);
  phase_ = Phase::kPoll;
}

void PartitionProducerLoop::poll(LoopEnv& env) {
  if (stopping_) {
    phase_ = Phase::kStop;
    return;
  }
  phase_ = Phase::kPolled;
  const bool work = std::any_of(tasks_.begin(), tasks_.end(), [](const Task& t) { return t.open; });
  start_poll(env, poll_time(env, work));
}

void PartitionProducerLoop::polled(LoopEnv& env) {
  take_poll(env);
  switch (polled_.kind) {
    case PollResult::Kind::kRecords:
      sending_ = {};
      phase_ = Phase::kTransform;
      return;
    case PollResult::Kind::kEmpty:
      phase_ = Phase::kMaybeCommit;
      return;
    case PollResult::Kind::kAssigned:
      // Also what stayed ours in a cooperative rebalance and has no producer any more.
      if (!careless(Mistake::kInitAfterPositions)) {
        for (const TopicPartition partition : consumer(env).assignment()) {
          if (find(partition) == nullptr) to_init_.insert(to_init_.begin(), partition);
        }
      }
      phase_ = Phase::kNextInit;
      return;
    case PollResult::Kind::kRevoked:
    case PollResult::Kind::kLost:
      to_close_ = polled_.partitions;
      lost_ = polled_.kind == PollResult::Kind::kLost;
      phase_ = lost_ ? Phase::kNextClose : Phase::kNextCommit;
      return;
    case PollResult::Kind::kSubscriptionUserData:
    case PollResult::Kind::kAssign:
    case PollResult::Kind::kOnAssignment:
      EOSIM_ASSERT(false && "it has no assignor of its own");
    case PollResult::Kind::kError:
      return give_up(polled_.error.error);
  }
}

void PartitionProducerLoop::next_init(LoopEnv& env) {
  if (to_init_.empty()) {
    phase_ = in_callback_ ? Phase::kResume : Phase::kSend;
    return;
  }
  const TopicPartition partition = to_init_.back();
  const auto place = std::lower_bound(
      tasks_.begin(), tasks_.end(), partition,
      [](const Task& task, TopicPartition wanted) { return task.partition < wanted; });
  current_ = static_cast<size_t>(place - tasks_.begin());
  if (place == tasks_.end() || place->partition != partition) {
    Task added;
    added.partition = partition;
    added.producer = create_producer(env, transactional_id(env, partition));
    tasks_.insert(place, added);
  }
  phase_ = Phase::kInitDone;
  wait_for(env, current().producer, &Producer::init_transactions);
}

// A partition that could not be fenced is not processed: its producer is closed, and the group is
// asked to deal anew.
void PartitionProducerLoop::init_done(LoopEnv&) {
  if (!result().ok()) {
    on_exception(ApiCall::kInit, result());
    if (phase_ == Phase::kDrop) to_init_.pop_back();
    return;
  }
  const auto& added = polled_.partitions;
  const bool is_new = std::binary_search(added.begin(), added.end(), to_init_.back());
  tries_ = 0;
  phase_ = Phase::kNextInit;
  if (is_new) {
    to_init_.pop_back();
  } else {
    phase_ = Phase::kReread;
  }
}

// The table of groups-streams-replication.md 4.2 and 4.3, for the producer at hand.
void PartitionProducerLoop::on_exception(ApiCall call, const CallResult& thrown) {
  error_ = thrown.error;
  switch (reaction_to_result(call, thrown)) {
    case AppReaction::kGoOn:
    case AppReaction::kRepeat:
      phase_ = call == ApiCall::kInit     ? Phase::kNextInit
               : call == ApiCall::kCommit ? Phase::kCommit
                                          : Phase::kAbort;
      return;
    case AppReaction::kAbort:
      phase_ = Phase::kAbort;
      return;
    case AppReaction::kClose:
      phase_ = Phase::kDrop;
      return;
  }
}

// The consumer has gone on in a partition without a producer; nothing of that was processed.
void PartitionProducerLoop::reread(LoopEnv& env) {
  phase_ = Phase::kRereadDone;
  ask_committed(env, {to_init_.back()});
}

void PartitionProducerLoop::reread_done(LoopEnv& env) {
  if (is_fatal(result().thrown)) return give_up(result().error);
  phase_ = Phase::kReread;
  if (!seek_back(env)) return;
  to_init_.pop_back();
  phase_ = Phase::kNextInit;
}

void PartitionProducerLoop::transform(LoopEnv& env) {
  phase_ = Phase::kSend;
  take_time_for(env, polled_.records.size());
}

void PartitionProducerLoop::send(LoopEnv& env) {
  while (sending_.record < polled_.records.size()) {
    const ConsumedRecord record = polled_.records[sending_.record];
    Task* task = find(record.partition);
    if (task == nullptr) {
      if (initialises_late(env, record.partition)) return;
      ++sending_.record;  // dropped: its next owner reads the record again
      continue;
    }
    current_ = static_cast<size_t>(task - tasks_.data());
    if (!task->open) {
      const CallResult begun = producer(env, *task).begin_transaction(env.context);
      if (!begun.ok()) return skip_partition(ApiCall::kBegin, begun);
      task->open = true;
    }
    task->next = read_up_to(env, record);
    const CallResult thrown =
        send_outputs(env, task->producer, polled_.records, sending_, sending_.record + 1);
    if (!thrown.ok()) return skip_partition(ApiCall::kSend, thrown);
    phase_ = Phase::kSent;
    if (waits()) return;
  }
  polled_.records.clear();
  phase_ = Phase::kMaybeCommit;
}

void PartitionProducerLoop::sent(LoopEnv&) {
  phase_ = Phase::kSend;
  if (!result().ok()) skip_partition(ApiCall::kSend, result());
}

// The rest of this partition's records is read again; those of other partitions go on.
void PartitionProducerLoop::skip_partition(ApiCall call, const CallResult& thrown) {
  const TopicPartition failed = current().partition;
  auto& rest = polled_.records;
  const auto done = std::min(sending_.record, rest.size());
  rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(done));
  rest.erase(std::remove_if(rest.begin(), rest.end(),
                            [failed](const ConsumedRecord& r) { return r.partition == failed; }),
             rest.end());
  sending_ = {};
  on_exception(call, thrown);
}

// init_after_positions: the producer is made when the first record is there.
bool PartitionProducerLoop::initialises_late(LoopEnv& env, TopicPartition partition) {
  if (!careless(Mistake::kInitAfterPositions) || !consumer(env).assigned(partition)) return false;
  to_init_.push_back(partition);
  phase_ = Phase::kNextInit;
  return true;
}

bool PartitionProducerLoop::leaving(TopicPartition partition) const {
  return std::binary_search(to_close_.begin(), to_close_.end(), partition);
}

void PartitionProducerLoop::maybe_commit(LoopEnv& env) {
  phase_ = commit_due(env) ? Phase::kNextCommit : Phase::kPoll;
}

// The next task with work: in a callback, of those that leave; else of all.
void PartitionProducerLoop::next_commit(LoopEnv& env) {
  for (current_ = 0; current_ < tasks_.size(); ++current_) {
    if (!current().open || (in_callback_ && !leaving(current().partition))) continue;
    phase_ = Phase::kOffsetsSent;
    return send_offsets_to_transaction(env, current().producer, {current().next},
                                       consumer(env).group_metadata(), tells_membership());
  }
  committed_now(env);
  phase_ = in_callback_ || closing_ ? Phase::kNextClose : Phase::kPoll;
}

void PartitionProducerLoop::offsets_sent(LoopEnv&) {
  if (!result().ok()) return on_exception(ApiCall::kSendOffsets, result());
  phase_ = Phase::kCommit;
}

void PartitionProducerLoop::commit(LoopEnv& env) {
  phase_ = Phase::kCommitted;
  wait_for(env, current().producer, &Producer::commit_transaction);
}

void PartitionProducerLoop::committed(LoopEnv&) {
  if (!result().ok()) return on_exception(ApiCall::kCommit, result());
  current().open = false;
  tries_ = 0;
  phase_ = Phase::kNextCommit;
}

void PartitionProducerLoop::abort(LoopEnv& env) {
  phase_ = Phase::kAborted;
  wait_for(env, current().producer, &Producer::abort_transaction);
}

void PartitionProducerLoop::aborted(LoopEnv&) {
  if (!result().ok()) return on_exception(ApiCall::kAbort, result());
  current().open = false;
  tries_ = 0;
  phase_ = careless(Mistake::kNoRewindAfterAbort) ? after_current() : Phase::kRewind;
}

// Of the records that were polled, or of the commits.
PartitionProducerLoop::Phase PartitionProducerLoop::after_current() const {
  return polled_.records.empty() ? Phase::kNextCommit : Phase::kSend;
}

// What a callback takes away, and what a closing consumer had, has no position to go back to.
void PartitionProducerLoop::rewind(LoopEnv& env) {
  if (in_callback_ || closing_ || !consumer(env).assigned(current().partition)) {
    phase_ = Phase::kNextCommit;
    return;
  }
  phase_ = Phase::kRewound;
  ask_committed(env, {current().partition});
}

void PartitionProducerLoop::rewound(LoopEnv& env) {
  if (is_fatal(result().thrown)) return give_up(result().error);
  phase_ = seek_back(env) ? after_current() : Phase::kRewind;
}

// Fatal for this producer: close it, do not abort, do not seek; the next rebalance decides who owns
// the partition.
void PartitionProducerLoop::drop(LoopEnv& env) {
  phase_ = Phase::kDropped;
  close_producer(env, current().producer);
}

void PartitionProducerLoop::dropped(LoopEnv& env) {
  forget_current(env, error_);
  error_ = Error::kNone;
  tries_ = 0;
  rejoin_ = true;
  if (!to_init_.empty()) {
    phase_ = Phase::kNextInit;
  } else if (in_callback_) {
    phase_ = to_close_.empty() ? Phase::kResume : lost_ ? Phase::kNextClose : Phase::kNextCommit;
  } else if (closing_) {
    phase_ = Phase::kNextCommit;
  } else {
    phase_ = after_current();
  }
}

void PartitionProducerLoop::forget_current(LoopEnv& env, Error error) {
  remove_producer(env, current().producer, transactional_id(env, current().partition), error);
  tasks_.erase(tasks_.begin() + static_cast<std::ptrdiff_t>(current_));
}

// close() of a producer with an open transaction aborts it, or leaves it to the timeout.
void PartitionProducerLoop::next_close(LoopEnv& env) {
  for (current_ = 0; current_ < tasks_.size(); ++current_) {
    if (!closing_ && !leaving(current().partition)) continue;
    phase_ = Phase::kClosed;
    return close_producer(env, current().producer);
  }
  to_close_.clear();
  if (closing_) {
    phase_ = Phase::kConsumerClosed;
    return close_consumer(env);
  }
  phase_ = Phase::kResume;
}

void PartitionProducerLoop::closed(LoopEnv& env) {
  forget_current(env, Error::kNone);
  phase_ = Phase::kNextClose;
}

void PartitionProducerLoop::resume(LoopEnv& env) {
  phase_ = Phase::kPolled;
  resume_poll(env);
}

void PartitionProducerLoop::give_up(Error error) {
  error_ = error;
  phase_ = Phase::kStop;
}

void PartitionProducerLoop::stop(LoopEnv&) {
  closing_ = true;
  in_callback_ = false;
  to_init_.clear();
  to_close_.clear();
  phase_ = error_ == Error::kNone ? Phase::kNextCommit : Phase::kNextClose;
}

void PartitionProducerLoop::consumer_closed(LoopEnv& env) {
  remove_consumer(env);
  closing_ = false;
  tries_ = 0;
  error_ = Error::kNone;
  phase_ = Phase::kRestart;
  if (stopping_) finish();
}

void PartitionProducerLoop::restart(LoopEnv& env) {
  phase_ = Phase::kCreate;
  sleep(env, config().restart_backoff);
}

PartitionProducerLoop::Task* PartitionProducerLoop::find(TopicPartition partition) {
  for (Task& task : tasks_) {
    if (task.partition == partition) return &task;
  }
  return nullptr;
}

std::string PartitionProducerLoop::transactional_id(const LoopEnv& env,
                                                    TopicPartition partition) const {
  for (const TopicShape& topic : config().input) {
    if (topic.topic == partition.topic) {
      std::string id = config().name + "-" + topic.name;
      return id.append("-")
          .append(std::to_string(partition.partition))
          .append(suffix_of_start(env));
    }
  }
  EOSIM_ASSERT(false);
  return {};
}

}  // namespace eosim::kafka
