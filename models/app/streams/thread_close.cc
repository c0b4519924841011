// Closing tasks, clean and dirty; migration, corruption and the end of a thread
// (groups-streams-replication.md 5.5-5.7; TaskManager.handleLostAll, handleCorruption,
// StreamThread.handleTaskMigrated).
#include <algorithm>

#include "models/app/streams/stream_thread.h"
#include "models/app/streams/streams_configs.h"
#include "models/app/streams/topology_rules.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// OFFSET_DELTA_THRESHOLD_FOR_CHECKPOINT.
constexpr int64_t kCheckpointEvery = 10'000;

}  // namespace

// --- closing ---

void StreamThread::close_all_dirty(Phase then) {
  closing_.clear();
  for (const StreamTask& task : tasks_) {
    if (task.active()) closing_.push_back(task.id());
  }
  next_ = 0;
  call(Phase::kCloseDirtyNext, then);
}

// Without a commit: an open transaction is aborted, that of the thread for all its tasks.
void StreamThread::close_dirty_next(StreamsEnv& env) {
  if (next_ == closing_.size()) {
    forget_closed();
    return leave();
  }
  StreamTask& task = at(closing_[next_]);
  if (task.active() && transactional() && owner_of(task).in_transaction) {
    const StreamsProducer& owner = owner_of(task);
    phase_ = Phase::kAborted;
    return wait_for(env, owner.component, &Producer::abort_transaction);
  }
  close_now(env, task, false);
  close_own_producer(env, task);
}

// Whatever became of it: a coordinator aborts what it does not hear of again, and the producer that
// cannot abort fails at its next transaction.
void StreamThread::aborted(StreamsEnv& env) {
  StreamsProducer& owner = owner_of(at(closing_[next_]));
  owner.in_transaction = false;
  owner.failed_before = producer(env, owner).failed_records();  // what it gave up is no failed send
  phase_ = Phase::kCloseDirtyNext;
}

void StreamThread::close_clean_next(StreamsEnv& env) {
  if (next_ == closing_.size()) {
    forget_closed();
    return leave();
  }
  StreamTask& task = at(closing_[next_]);
  if (task.active() && task.commit_needed()) {
    return raise(env, StreamsReaction::kMigrated, {task.id()}, Error::kNone);
  }
  close_now(env, task, true);
  close_own_producer(env, task);
}

void StreamThread::close_own_producer(StreamsEnv& env, StreamTask& task) {
  closing_clean_ = phase_ == Phase::kCloseCleanNext;
  if (!task.owner) {
    ++next_;
    return;
  }
  phase_ = Phase::kProducerClosed;
  close_producer(env, task.owner->component);
}

void StreamThread::producer_closed(StreamsEnv& env) {
  StreamTask& task = at(closing_[next_]);
  remove_producer(env, task.owner->component, task.owner->transactional_id, error_);
  task.owner.reset();
  ++next_;
  phase_ = closing_clean_ ? Phase::kCloseCleanNext : Phase::kCloseDirtyNext;
}

// The store: after a clean close a checkpoint says what it holds; after a dirty one under
// exactly-once it may hold writes that were never committed, and is deleted (5.6).
void StreamThread::close_now(StreamsEnv& env, StreamTask& task, bool clean) {
  const bool holds = has_store(task.id()) && env.directory.locked_by(task.id(), thread());
  if (holds && (clean || !task.active()) && task.state() != TaskState::kCreated) {
    write_checkpoint(env, task);
  }
  if (holds && !clean && task.active() && transactional()) wipe(env, task.id());
  if (holds) env.directory.unlock(task.id(), thread());
  stop_restoring(env, task.id());
  task.clear();
  if (task.state() != TaskState::kSuspended) enter(env, task, TaskState::kSuspended);
  enter(env, task, TaskState::kClosed);
}

void StreamThread::forget_closed() {
  std::erase_if(tasks_, [&](const StreamTask& task) {
    const bool revives =
        std::find(corrupted_.begin(), corrupted_.end(), task.id()) != corrupted_.end();
    return task.state() == TaskState::kClosed && !revives;
  });
  closing_.clear();
}

void StreamThread::wipe(StreamsEnv& env, TaskId task) {
  env.directory.wipe(task);
  env.context.emit(event_id(Event::kStreamsWiped), {group(env).id, task_name(env, task).id});
}

// --- checkpoints ---

// A running task knows of its changelog what its producer was told.
void StreamThread::learn_changelog_position(StreamsEnv& env, StreamTask& task) {
  if (!task.active() || task.state() != TaskState::kRunning) return;
  const TopicPartition changelog = changelog_of(config().topology, task.id());
  const Offset last = producer(env, owner_of(task)).acknowledged(changelog);
  if (last.valid()) task.changelog_position = std::max(task.changelog_position, last + 1);
}

void StreamThread::write_checkpoint(StreamsEnv& env, StreamTask& task) {
  learn_changelog_position(env, task);
  if (!task.changelog_position.valid()) return;
  env.directory.write_checkpoint(task.id(), task.changelog_position);
  tell_checkpoint(env, task.id(), task.changelog_position);
}

void StreamThread::maybe_checkpoint(StreamsEnv& env, StreamTask& task) {
  learn_changelog_position(env, task);
  const Offset last = env.directory.checkpoint(task.id()).value_or(Offset{0});
  if (task.changelog_position - last >= kCheckpointEvery) write_checkpoint(env, task);
}

void StreamThread::delete_checkpoint(StreamsEnv& env, StreamTask& task) {
  if (has_store(task.id()) && env.directory.delete_checkpoint(task.id())) {
    tell_checkpoint(env, task.id(), {});
  }
}

void StreamThread::tell_checkpoint(StreamsEnv& env, TaskId task, Offset offset) {
  env.context.emit(event_id(Event::kStreamsCheckpoint),
                   {group(env).id, task_name(env, task).id,
                    changelog_of(config().topology, task).packed(), offset.value});
}

// --- exceptions ---

void StreamThread::raise(StreamsEnv& env, StreamsReaction reaction, List<TaskId> tasks,
                         Error error) {
  EOSIM_ASSERT(reaction != StreamsReaction::kGoOn && reaction != StreamsReaction::kTryLater);
  error_ = error;
  committing_.clear();
  timed_out_.clear();
  if (reaction == StreamsReaction::kCorrupted) {
    for (const TaskId task : tasks) {
      env.context.emit(event_id(Event::kStreamsCorrupted),
                       {group(env).id, task_name(env, task).id, static_cast<int64_t>(error)});
      corrupted_.push_back(task);
    }
    std::sort(corrupted_.begin(), corrupted_.end());
    corrupted_.erase(std::unique(corrupted_.begin(), corrupted_.end()), corrupted_.end());
    // In a callback, and while the healthy are committed for others, there is no second commit.
    return jump(in_callback_ || committing_healthy_ ? Phase::kCloseCorrupted : Phase::kCorrupted);
  }
  corrupted_.clear();
  committing_healthy_ = false;
  if (reaction == StreamsReaction::kMigrated && !stopping_) {
    env.context.emit(event_id(Event::kStreamsMigrated),
                     {group(env).id, static_cast<int64_t>(error)});
    return jump(Phase::kMigrated);
  }
  jump(Phase::kDie);
}

// handleTaskMigrated: everything is closed as it stands, and the thread joins as a new member.
void StreamThread::rejoin_as_new_member(StreamsEnv& env) {
  in_callback_ = false;
  error_ = Error::kNone;
  consumer(env).unsubscribe(env.context);
  consumer(env).subscribe(source_topics(config().topology));
  rebalancing_ = false;
  state_ = State::kStarting;
  phase_ = Phase::kPoll;
}

// handleCorruption: first the healthy tasks are committed, because closing a corrupted one aborts
// what they share (v2); but not while a rebalance is going on.
void StreamThread::corrupted(StreamsEnv& env) {
  List<TaskId> healthy;
  for (const TaskId task : tasks_with_work()) {
    if (!std::binary_search(corrupted_.begin(), corrupted_.end(), task)) healthy.push_back(task);
  }
  const bool commits =
      !rebalancing_ && config().switches.on(Switch::kCommitBeforeDirtyClose) && !healthy.empty();
  if (!commits) {
    phase_ = Phase::kCloseCorrupted;
    return;
  }
  committing_healthy_ = true;
  commit(env, std::move(healthy), "corrupted", Phase::kCloseCorrupted);
}

void StreamThread::close_corrupted() {
  committing_healthy_ = false;
  closing_.clear();
  for (const TaskId task : corrupted_) {
    if (find(task) != nullptr) closing_.push_back(task);
  }
  next_ = 0;
  call(Phase::kCloseDirtyNext, Phase::kRevive);
}

// CLOSED -> CREATED. Its input is read again from what was committed once its store is there.
void StreamThread::revive(StreamsEnv& env) {
  bool active = false;
  for (const TaskId id : corrupted_) {
    StreamTask* task = find(id);
    if (task == nullptr) continue;
    EOSIM_ASSERT(task->state() == TaskState::kClosed);
    if (has_store(id)) delete_checkpoint(env, *task);
    enter(env, *task, TaskState::kCreated);
    task->changelog_position = {};
    task->restore_target = {};
    task->revived = true;
    active |= task->active();
    if (task->active() && of_tasks()) {
      task->owner.emplace();
      make_producer(env, *task->owner, transactional_id_of_task(config(), id));
    }
  }
  corrupted_.clear();
  error_ = Error::kNone;
  if (in_callback_) {
    phase_ = Phase::kSuspend;
    return;
  }
  if (state_ == State::kRunning) state_ = State::kAssigned;
  if (transactional() && active) rejoin();
  phase_ = Phase::kPoll;
}

// --- the end ---

// A clean shutdown: everything is committed, and the stores keep their checkpoints.
void StreamThread::stop(StreamsEnv& env) {
  in_callback_ = false;
  commit(env, tasks_with_work(), "stop", Phase::kStopped);
}

void StreamThread::stopped() {
  closing_.clear();
  for (const StreamTask& task : tasks_) closing_.push_back(task.id());
  next_ = 0;
  call(Phase::kCloseCleanNext, Phase::kCloseConsumers);
}

void StreamThread::close_consumers(StreamsEnv& env) {
  if (!of_tasks() && shared_.component != UINT32_MAX) {
    phase_ = Phase::kSharedClosed;
    return close_producer(env, shared_.component);
  }
  phase_ = Phase::kConsumerClosed;
  close_consumer(env);
}

void StreamThread::shared_closed(StreamsEnv& env) {
  remove_producer(env, shared_.component, shared_.transactional_id, error_);
  shared_ = {};
  phase_ = Phase::kCloseConsumers;
}

void StreamThread::ended() {
  tasks_.clear();
  in_callback_ = false;
  error_ = Error::kNone;
  tries_ = 0;
  phase_ = Phase::kRestart;
  if (stopping_) finish();
}

}  // namespace eosim::kafka
