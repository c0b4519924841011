// A commit of a thread, step by step (groups-streams-replication.md 5.5;
// TaskManager.commitTasksAndMaybeUpdateCommittableOffsets,
// TaskExecutor.commitOffsetsOrTransaction).
//
//   step                at_least_once      exactly_once            exactly_once_v2
//   1 prepare           each task with work: flush the producer, learn its offsets
//   2 commit            commitSync of      for each task:          once:
//                       all offsets        begin if none is open,  begin if none is open,
//                                          sendOffsets of the      sendOffsets of all tasks,
//                                          task, commit            commit
//   3 checkpoint        if the changelog   none: a store without   none
//                       has grown enough   a checkpoint is wiped
#include "models/app/streams/stream_thread.h"
#include "sim/assert.h"

namespace eosim::kafka {

void StreamThread::run_commit_phase(StreamsEnv& env) {
  switch (phase_) {
    case Phase::kPrepareNext:
      return prepare_next(env);
    case Phase::kPrepared:
      return prepared(env);
    case Phase::kCommitNext:
      return commit_next(env);
    case Phase::kOffsetsSent:
      return offsets_sent(env);
    case Phase::kCommitTransaction:
      phase_ = Phase::kCommitted;
      return wait_for(env, unit_producer().component, &Producer::commit_transaction);
    case Phase::kCommitted:
      return unit_committed(env);
    case Phase::kPostCommit:
      return post_commit(env);
    default:
      EOSIM_ASSERT(false);
  }
}

void StreamThread::commit(StreamsEnv& env, List<TaskId> tasks, std::string_view why, Phase then) {
  if (!tasks.empty()) {
    env.context.emit(
        event_id(Event::kStreamsCommit),
        {group(env).id, static_cast<int64_t>(tasks.size()), env.shared().names.intern(why).id});
  }
  committing_ = std::move(tasks);
  next_ = 0;
  call(Phase::kPrepareNext, then);
}

// prepareCommit of one task after another: every record of it is acknowledged, or has failed.
void StreamThread::prepare_next(StreamsEnv& env) {
  if (next_ == committing_.size()) {
    gather_units(env);
    next_ = 0;
    phase_ = Phase::kCommitNext;
    return;
  }
  const StreamsProducer& owner = owner_of(at(committing_[next_]));
  phase_ = Phase::kPrepared;
  wait_for(env, owner.component, &Producer::flush);
}

void StreamThread::prepared(StreamsEnv& env) {
  StreamTask& task = at(committing_[next_]);
  StreamsProducer& owner = owner_of(task);
  const uint64_t failed = producer(env, owner).failed_records();
  if (failed == owner.failed_before) {
    env.context.emit(event_id(Event::kStreamsPrepared),
                     {group(env).id, task_name(env, task.id()).id});
    ++next_;
    phase_ = Phase::kPrepareNext;
    return;
  }
  owner.failed_before = failed;
  // Which task's record it was, a shared producer does not say: all that wait for it begin anew.
  const List<TaskId> concerned = of_tasks() ? List<TaskId>{task.id()} : tasks_with_work();
  CallResult error = producer(env, owner).last_error();
  if (error.ok()) error = {Thrown::kAbortable, Error::kRequestTimedOut};
  raise(env, react(StreamsCall::kSend, error), concerned, error.error);
}

void StreamThread::gather_units(StreamsEnv& env) {
  const auto way = config().switches.as<CommitPosition>(Switch::kCommitPosition);
  const bool without_offsets =
      transactional() && config().switches.on(Switch::kCommitTxnWithoutOffsets);
  units_.clear();
  for (const TaskId id : committing_) {
    const StreamTask& task = at(id);
    List<OffsetAndEpoch> positions;
    for (const TopicPartition input : task.inputs()) {
      if (const auto position = consumer(env).consumed(input)) positions.push_back(*position);
    }
    const List<OffsetAndEpoch> offsets = task.committable(positions, way);
    if (of_tasks() || units_.empty()) units_.push_back({{}, {}});
    units_.back().tasks.push_back(id);
    units_.back().offsets.insert(units_.back().offsets.end(), offsets.begin(), offsets.end());
  }
  if (!without_offsets) return;
  // Whoever has an open transaction and nothing to say of offsets commits all the same.
  if (!of_tasks()) {
    if (units_.empty() && shared_.in_transaction) units_.push_back({{}, {}});
    return;
  }
  for (const StreamTask& task : tasks_) {
    const bool taken =
        std::find(committing_.begin(), committing_.end(), task.id()) != committing_.end();
    if (taken || !task.owner || !task.owner->in_transaction) continue;
    if (task.state() == TaskState::kRunning) units_.push_back({{task.id()}, {}});
  }
}

StreamsProducer& StreamThread::unit_producer() {
  if (!of_tasks()) return shared_;
  EOSIM_ASSERT(units_.at(next_).tasks.size() == 1);
  return owner_of(at(units_.at(next_).tasks.front()));
}

void StreamThread::commit_next(StreamsEnv& env) {
  if (next_ < units_.size()) return begin_unit(env, units_[next_]);
  if (timed_out_.empty()) {
    phase_ = Phase::kPostCommit;
  } else {
    raise(env, StreamsReaction::kCorrupted, std::exchange(timed_out_, {}), Error::kNone);
  }
}

void StreamThread::begin_unit(StreamsEnv& env, const CommitUnit& unit) {
  if (!transactional()) {
    phase_ = Phase::kCommitted;
    return commit_plain_offsets(env, unit.offsets);
  }
  StreamsProducer& owner = unit_producer();
  if (!owner.in_transaction) {
    const CallResult begun = producer(env, owner).begin_transaction(env.context);
    if (!begun.ok()) return raise(env, react(StreamsCall::kBegin, begun), unit.tasks, begun.error);
    owner.in_transaction = true;
  }
  if (unit.offsets.empty()) {
    phase_ = Phase::kCommitTransaction;
    return;
  }
  const bool tells_it = !of_tasks() || config().switches.on(Switch::kV1Metadata);
  phase_ = Phase::kOffsetsSent;
  send_offsets_to_transaction(env, owner.component, unit.offsets, consumer(env).group_metadata(),
                              tells_it);
}

void StreamThread::offsets_sent(StreamsEnv& env) {
  if (!result().ok()) return commit_failed(env, StreamsCall::kSendOffsets);
  phase_ = Phase::kCommitTransaction;
}

void StreamThread::unit_committed(StreamsEnv& env) {
  if (!result().ok()) {
    return commit_failed(
        env, transactional() ? StreamsCall::kCommitTransaction : StreamsCall::kCommitSync);
  }
  if (transactional()) unit_producer().in_transaction = false;
  ++next_;
  phase_ = Phase::kCommitNext;
}

// A commit that timed out corrupts the tasks that it was for; other units of it go on.
void StreamThread::commit_failed(StreamsEnv& env, StreamsCall call) {
  const StreamsReaction reaction = react(call, result());
  const List<TaskId>& concerned = units_[next_].tasks;
  if (reaction == StreamsReaction::kCorrupted) {
    timed_out_.insert(timed_out_.end(), concerned.begin(), concerned.end());
    ++next_;
    phase_ = Phase::kCommitNext;
  } else if (reaction == StreamsReaction::kTryLater) {
    leave();
  } else {
    raise(env, reaction, concerned, result().error);
  }
}

// postCommit.
void StreamThread::post_commit(StreamsEnv& env) {
  for (const TaskId id : committing_) {
    StreamTask& task = at(id);
    task.committed();
    if (!transactional() && has_store(id)) maybe_checkpoint(env, task);
  }
  committing_.clear();
  leave();
}

}  // namespace eosim::kafka
