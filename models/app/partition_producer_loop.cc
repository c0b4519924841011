#include "models/app/partition_producer_loop.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

void PartitionProducerLoop::run_phase(LoopEnv& env) {
  switch (phase_) {
    case Phase::kCreate:
      consumer_ = create_consumer(env);
      phase_ = Phase::kPoll;
      return;
    case Phase::kPoll:
      return poll(env);
    case Phase::kPolled:
      return polled(env);
    case Phase::kNextInit:
      return next_init(env);
    case Phase::kInitDone:
      return init_done();
    case Phase::kTransform:
      return transform(env);
    case Phase::kSend:
      return send(env);
    case Phase::kMaybeCommit:
      phase_ = commit_due(env) ? Phase::kNextCommit : Phase::kPoll;
      return;
    case Phase::kNextCommit:
      return next_commit(env);
    case Phase::kOffsetsSent:
      return offsets_sent();
    case Phase::kCommit:
      phase_ = Phase::kCommitted;
      return wait_for(env, current().producer,
                      producer(env, current()).commit_transaction(env.context));
    case Phase::kCommitted:
      return committed();
    case Phase::kAbort:
      phase_ = Phase::kAborted;
      return wait_for(env, current().producer,
                      producer(env, current()).abort_transaction(env.context));
    case Phase::kAborted:
      return aborted();
    case Phase::kRewind:
      return rewind(env);
    case Phase::kRewound:
      return rewound(env);
    case Phase::kDrop:
      return drop(env);
    case Phase::kDropped:
      return dropped(env);
    case Phase::kNextClose:
      return next_close(env);
    case Phase::kClosed:
      return closed(env);
    case Phase::kResume:
      in_callback_ = false;
      phase_ = Phase::kPolled;
      return wait_for_records(env, consumer_, consumer(env).resume_poll(env.context));
    case Phase::kStop:
      return stop(env);
    case Phase::kConsumerClosed:
      env.clients.remove(consumer_);
      closing_ = false;
      tries_ = 0;
      error_ = Error::kNone;
      phase_ = Phase::kRestart;
      if (stopping_) finish();
      return;
    case Phase::kRestart:
      phase_ = Phase::kCreate;
      return sleep(env, config().restart_backoff);
  }
}

void PartitionProducerLoop::poll(LoopEnv& env) {
  if (stopping_) {
    phase_ = Phase::kStop;
    return;
  }
  if (rejoin_) consumer(env).enforce_rebalance();
  rejoin_ = false;
  phase_ = Phase::kPolled;
  const bool work = std::any_of(tasks_.begin(), tasks_.end(), [](const Task& t) { return t.open; });
  wait_for_records(env, consumer_, consumer(env).poll(env.context, poll_time(env, work)));
}

void PartitionProducerLoop::polled(LoopEnv& env) {
  polled_ = consumer(env).take_poll();
  in_callback_ = polled_.callback();
  switch (polled_.kind) {
    case PollResult::Kind::kRecords:
      phase_ = Phase::kTransform;
      return;
    case PollResult::Kind::kEmpty:
      phase_ = Phase::kMaybeCommit;
      return;
    case PollResult::Kind::kAssigned:
      to_init_.assign(polled_.partitions.rbegin(), polled_.partitions.rend());
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
      error_ = polled_.error.error;
      phase_ = Phase::kStop;
      return;
  }
}

void PartitionProducerLoop::next_init(LoopEnv& env) {
  if (to_init_.empty()) {
    phase_ = Phase::kResume;
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
    added.producer = create_producer(env, transactional_id(partition));
    tasks_.insert(place, added);
  }
  phase_ = Phase::kInitDone;
  wait_for(env, current().producer, producer(env, current()).init_transactions(env.context));
}

// A partition that could not be fenced is not processed: its producer is closed, and the group is
// asked to deal anew.
void PartitionProducerLoop::init_done() {
  if (result().ok()) {
    to_init_.pop_back();
    tries_ = 0;
    phase_ = Phase::kNextInit;
  } else if (result().thrown == Thrown::kTimeout && ++tries_ < kTriesMax) {
    phase_ = Phase::kNextInit;
  } else {
    to_init_.pop_back();
    error_ = result().error;
    phase_ = Phase::kDrop;
  }
}

void PartitionProducerLoop::transform(LoopEnv& env) {
  phase_ = Phase::kSend;
  const sim::Duration cost = transform_time(polled_.records.size());
  if (cost.ns > 0) sleep(env, cost);
}

void PartitionProducerLoop::send(LoopEnv& env) {
  phase_ = Phase::kMaybeCommit;
  for (size_t i = 0; i < polled_.records.size(); ++i) {
    const ConsumedRecord record = polled_.records[i];
    Task* task = find(record.partition);
    if (task == nullptr) continue;  // dropped: its next owner reads the record again
    CallResult sent;
    if (!task->open) sent = producer(env, *task).begin_transaction(env.context);
    if (sent.ok()) {
      task->open = true;
      sent = send_outputs(env, task->producer, record);
    }
    if (sent.ok()) {
      task->next = read_up_to(consumer(env), record);
      continue;
    }
    // The rest of this partition's records is read again; those of other partitions go on.
    current_ = static_cast<size_t>(task - tasks_.data());
    error_ = sent.error;
    phase_ = is_fatal(sent.thrown) ? Phase::kDrop : Phase::kAbort;
    const TopicPartition failed = record.partition;
    auto& rest = polled_.records;
    rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(i));
    rest.erase(std::remove_if(rest.begin(), rest.end(),
                              [failed](const ConsumedRecord& r) { return r.partition == failed; }),
               rest.end());
    return;
  }
  polled_.records.clear();
}

bool PartitionProducerLoop::leaving(TopicPartition partition) const {
  return std::binary_search(to_close_.begin(), to_close_.end(), partition);
}

// The next task with work: in a callback, of those that leave; else of all.
void PartitionProducerLoop::next_commit(LoopEnv& env) {
  for (current_ = 0; current_ < tasks_.size(); ++current_) {
    if (!current().open || (in_callback_ && !leaving(current().partition))) continue;
    const GroupMetadata group{consumer(env).group_metadata().group, {}, {}, {}};
    phase_ = Phase::kOffsetsSent;
    const List<OffsetAndEpoch> offsets{{current().partition, current().next, {}}};
    emit_offsets_sent(env, producer(env, current()).instance(), group.group, offsets);
    return wait_for(
        env, current().producer,
        producer(env, current()).send_offsets_to_transaction(env.context, offsets, group));
  }
  committed_now(env);
  phase_ = in_callback_ || closing_ ? Phase::kNextClose : Phase::kPoll;
}

void PartitionProducerLoop::offsets_sent() {
  error_ = result().error;
  phase_ = result().ok()               ? Phase::kCommit
           : is_fatal(result().thrown) ? Phase::kDrop
                                       : Phase::kAbort;
}

void PartitionProducerLoop::committed() {
  error_ = result().error;
  if (result().ok()) {
    current().open = false;
    tries_ = 0;
    phase_ = Phase::kNextCommit;
  } else if (result().thrown == Thrown::kTimeout && ++tries_ < kTriesMax) {
    phase_ = Phase::kCommit;
  } else {
    const bool abortable = !is_fatal(result().thrown) && result().thrown != Thrown::kTimeout;
    phase_ = abortable ? Phase::kAbort : Phase::kDrop;
  }
}

void PartitionProducerLoop::aborted() {
  if (result().ok()) {
    current().open = false;
    tries_ = 0;
    phase_ = Phase::kRewind;
  } else if (result().thrown == Thrown::kTimeout && ++tries_ < kTriesMax) {
    phase_ = Phase::kAbort;
  } else {
    error_ = result().error;
    phase_ = Phase::kDrop;
  }
}

// What a callback takes away, and what a closing consumer had, has no position to go back to.
void PartitionProducerLoop::rewind(LoopEnv& env) {
  if (in_callback_ || closing_ || !consumer(env).assigned(current().partition)) {
    phase_ = Phase::kNextCommit;
    return;
  }
  phase_ = Phase::kRewound;
  wait_for(env, consumer_, consumer(env).committed(env.context, {current().partition}));
}

void PartitionProducerLoop::rewound(LoopEnv& env) {
  if (!result().ok()) {
    if (is_fatal(result().thrown)) {
      error_ = result().error;
      phase_ = Phase::kStop;
    } else {
      phase_ = Phase::kRewind;
    }
    return;
  }
  const OffsetAndEpoch committed = consumer(env).committed_offsets().at(0);
  seek_back(env, consumer_, committed);
  phase_ = polled_.records.empty() ? Phase::kNextCommit : Phase::kSend;
}

// Fatal for this producer: close it, do not abort, do not seek; the next rebalance decides who owns
// the partition.
void PartitionProducerLoop::drop(LoopEnv& env) {
  phase_ = Phase::kDropped;
  wait_for(env, current().producer, producer(env, current()).close(env.context, kCloseTimeoutMs));
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
    phase_ = polled_.records.empty() ? Phase::kNextCommit : Phase::kSend;
  }
}

void PartitionProducerLoop::forget_current(LoopEnv& env, Error error) {
  remove_producer(env, current().producer, transactional_id(current().partition), error);
  tasks_.erase(tasks_.begin() + static_cast<std::ptrdiff_t>(current_));
}

// close() of a producer with an open transaction aborts it, or leaves it to the timeout.
void PartitionProducerLoop::next_close(LoopEnv& env) {
  for (current_ = 0; current_ < tasks_.size(); ++current_) {
    if (!closing_ && !leaving(current().partition)) continue;
    phase_ = Phase::kClosed;
    return wait_for(env, current().producer,
                    producer(env, current()).close(env.context, kCloseTimeoutMs));
  }
  to_close_.clear();
  if (closing_) {
    phase_ = Phase::kConsumerClosed;
    return wait_for(env, consumer_, consumer(env).close(env.context));
  }
  phase_ = Phase::kResume;
}

void PartitionProducerLoop::closed(LoopEnv& env) {
  forget_current(env, Error::kNone);
  phase_ = Phase::kNextClose;
}

void PartitionProducerLoop::stop(LoopEnv&) {
  closing_ = true;
  in_callback_ = false;
  to_init_.clear();
  to_close_.clear();
  phase_ = error_ == Error::kNone ? Phase::kNextCommit : Phase::kNextClose;
}

PartitionProducerLoop::Task* PartitionProducerLoop::find(TopicPartition partition) {
  for (Task& task : tasks_) {
    if (task.partition == partition) return &task;
  }
  return nullptr;
}

std::string PartitionProducerLoop::transactional_id(TopicPartition partition) const {
  for (const TopicShape& topic : config().input) {
    if (topic.topic == partition.topic) {
      return config().name + "-" + topic.name + "-" + std::to_string(partition.partition);
    }
  }
  EOSIM_ASSERT(false);
  return {};
}

std::string PartitionProducerLoop::phase_name() const {
  static constexpr std::string_view kNames[] = {"create",
                                                "poll",
                                                "poll",
                                                "onPartitionsAssigned",
                                                "initTransactions",
                                                "transform",
                                                "send",
                                                "poll",
                                                "commit",
                                                "sendOffsetsToTransaction",
                                                "commitTransaction",
                                                "commitTransaction",
                                                "abortTransaction",
                                                "abortTransaction",
                                                "committed",
                                                "committed",
                                                "close",
                                                "close",
                                                "onPartitionsRevoked",
                                                "close",
                                                "poll",
                                                "close",
                                                "close",
                                                "restart"};
  return std::string(kNames[static_cast<size_t>(phase_)]);
}

}  // namespace eosim::kafka
