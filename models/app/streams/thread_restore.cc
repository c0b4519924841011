// Initialising tasks and restoring their stores (groups-streams-replication.md 5.6;
// TaskManager.tryToCompleteRestoration, StreamTask.initializeIfNeeded, StoreChangelogReader).
#include <algorithm>
#include <utility>

#include "models/app/streams/stream_thread.h"
#include "models/app/streams/topology_rules.h"
#include "sim/assert.h"

namespace eosim::kafka {

// One task after another: the producer first, then the store.
void StreamThread::init_next(StreamsEnv& env) {
  for (; next_ < tasks_.size(); ++next_) {
    StreamTask& task = tasks_[next_];
    if (task.state() != TaskState::kCreated) continue;
    // Another thread of this process still has it (LockException): next time.
    if (has_store(task.id()) && !env.directory.lock(task.id(), thread())) continue;
    if (task.active() && transactional() && !owner_of(task).initialised) {
      const StreamsProducer& owner = owner_of(task);
      phase_ = Phase::kInitDone;
      return wait_for(env, owner.component, &Producer::init_transactions);
    }
    if (has_store(task.id()) && !open_store(env, task)) return;
    enter(env, task, TaskState::kRestoring);
    if (!task.active()) enter(env, task, TaskState::kRunning);
  }
  leave();
}

void StreamThread::init_done(StreamsEnv& env) {
  const StreamsReaction reaction = react(StreamsCall::kInit, result());
  phase_ = Phase::kInitNext;
  if (reaction == StreamsReaction::kGoOn) {
    owner_of(tasks_.at(next_)).initialised = true;
    tries_ = 0;
  } else if (reaction != StreamsReaction::kTryLater || (in_callback_ && ++tries_ >= kTriesMax)) {
    raise(env, StreamsReaction::kDie, {}, result().error);
  } else if (!in_callback_) {
    ++next_;  // the task stays CREATED
  }
}

// What is on disk, and how far it goes. false: it cannot be trusted, and the task is corrupted.
bool StreamThread::open_store(StreamsEnv& env, StreamTask& task) {
  const std::optional<Offset> checkpoint = env.directory.checkpoint(task.id());
  const bool unclean = !checkpoint && env.directory.has_state(task.id());
  if (transactional()) delete_checkpoint(env, task);
  if (transactional() && unclean && config().switches.on(Switch::kWipeUncleanStore)) {
    if (!in_callback_ && task.active()) {
      raise(env, StreamsReaction::kCorrupted, {task.id()}, Error::kNone);
      return false;
    }
    wipe(env, task.id());
  }
  task.changelog_position = checkpoint.value_or(Offset{0});
  task.restore_target = {};
  return true;
}

// Goes on with whatever is being restored.
void StreamThread::restore(StreamsEnv& env) {
  List<TopicPartition> ends;
  for (const StreamTask& task : tasks_) {
    const bool asks = task.active() && task.state() == TaskState::kRestoring &&
                      has_store(task.id()) && !task.restore_target.valid();
    if (asks) ends.push_back(changelog_of(config().topology, task.id()));
  }
  if (!ends.empty()) {
    const auto target = config().switches.as<RestoreTarget>(Switch::kRestoreTarget);
    const IsolationLevel isolation = target == RestoreTarget::kHighWatermark || !transactional()
                                         ? IsolationLevel::kReadUncommitted
                                         : IsolationLevel::kReadCommitted;
    phase_ = Phase::kEndOffsets;
    return wait_for(env, restorer_, restorer(env).end_offsets(env.context, ends, isolation));
  }
  read_from_changelogs(env);
  next_ = 0;
  if (restoring_.empty()) return call(Phase::kCompleteNext, Phase::kProcess);
  const bool waits = !all_running();
  const sim::Duration wait =
      waits ? sim::milliseconds(config().settings.get(SettingId::kPollMs)) : sim::Duration{};
  phase_ = Phase::kRestorePolled;
  wait_for_records(env, restorer_, restorer(env).poll(env.context, wait));
}

void StreamThread::ends_known(StreamsEnv& env) {
  if (!result().ok()) {
    if (is_fatal(result().thrown)) return raise(env, StreamsReaction::kDie, {}, result().error);
    phase_ = Phase::kPoll;  // and asks again after it
    return;
  }
  for (const OffsetAndEpoch& end : restorer(env).end_offsets_found()) {
    for (StreamTask& task : tasks_) {
      const bool of_task =
          has_store(task.id()) && changelog_of(config().topology, task.id()) == end.partition;
      if (of_task) task.restore_target = end.offset;
    }
  }
  phase_ = Phase::kRestore;
}

// The restore consumer reads the changelogs of tasks that are behind, and of standbys always.
void StreamThread::read_from_changelogs(StreamsEnv& env) {
  List<TopicPartition> wanted;
  for (const StreamTask& task : tasks_) {
    if (!has_store(task.id()) || !task.changelog_position.valid()) continue;
    const bool standby = !task.active() && task.state() == TaskState::kRunning;
    const bool behind = task.state() == TaskState::kRestoring && !task.restored();
    if (standby || behind) wanted.push_back(changelog_of(config().topology, task.id()));
  }
  std::sort(wanted.begin(), wanted.end());
  if (wanted == restoring_) return;
  // What stays keeps its position, and the epoch that it has it from.
  const List<TopicPartition> before = std::exchange(restoring_, std::move(wanted));
  restorer(env).assign(env.context, restoring_);
  for (const StreamTask& task : tasks_) {
    if (!has_store(task.id())) continue;
    const TopicPartition changelog = changelog_of(config().topology, task.id());
    if (!std::binary_search(restoring_.begin(), restoring_.end(), changelog)) continue;
    if (std::binary_search(before.begin(), before.end(), changelog)) continue;
    restorer(env).seek(env.context, changelog, task.changelog_position);
  }
}

// A task that is closed is read for no more, at once (StoreChangelogReader.unregister): should it
// come back, its store may be another, and begins where its new checkpoint says.
void StreamThread::stop_restoring(StreamsEnv& env, TaskId task) {
  if (!has_store(task)) return;
  if (std::erase(restoring_, changelog_of(config().topology, task)) == 0) return;
  restorer(env).assign(env.context, restoring_);
}

void StreamThread::restore_polled(StreamsEnv& env) {
  const PollResult polled = restorer(env).take_poll();
  if (polled.kind == PollResult::Kind::kError) {
    // The changelog has no such offset any more: what is here came from nowhere.
    List<TaskId> concerned;
    for (const StreamTask& task : tasks_) {
      const bool reads = has_store(task.id()) && task.changelog_position.valid();
      if (reads && task.state() != TaskState::kSuspended) concerned.push_back(task.id());
    }
    corrupted_ = concerned;
    phase_ = Phase::kCloseRestorer;
    return wait_for(env, restorer_, restorer(env).close(env.context));
  }
  for (const ConsumedRecord& record : polled.records) {
    const auto& all = std::get<List<Record>>(env.shared().batches[record.batch].payload);
    const Record& update = all.at(static_cast<size_t>(record.index));
    for (const StreamTask& task : tasks_) {
      const bool of_task =
          has_store(task.id()) && changelog_of(config().topology, task.id()) == record.partition;
      if (of_task) env.directory.put(task.id(), update.key, update.value);
    }
  }
  for (StreamTask& task : tasks_) {
    if (!has_store(task.id())) continue;
    const TopicPartition changelog = changelog_of(config().topology, task.id());
    if (!std::binary_search(restoring_.begin(), restoring_.end(), changelog)) continue;
    const auto position = restorer(env).position(changelog);
    if (position) task.changelog_position = std::max(task.changelog_position, *position);
  }
  next_ = 0;
  call(Phase::kCompleteNext, Phase::kProcess);
}

// RESTORING -> RUNNING, one after another: a task that was corrupted first learns where it is to
// read on.
void StreamThread::complete_next(StreamsEnv& env) {
  for (; next_ < tasks_.size(); ++next_) {
    StreamTask& task = tasks_[next_];
    const bool ready = task.active() && task.state() == TaskState::kRestoring &&
                       (!has_store(task.id()) || task.restored());
    if (!ready) continue;
    if (task.revived) {
      phase_ = Phase::kCommittedKnown;
      return ask_committed(env, task.inputs());
    }
    if (has_store(task.id())) tell_restored(env, task);
    enter(env, task, TaskState::kRunning);
  }
  if (all_running() && state_ == State::kAssigned) state_ = State::kRunning;
  leave();
  if (state_ != State::kRunning) phase_ = Phase::kPoll;
}

void StreamThread::committed_known(StreamsEnv& env) {
  phase_ = Phase::kCompleteNext;
  if (!result().ok()) {
    if (is_fatal(result().thrown)) return raise(env, StreamsReaction::kDie, {}, result().error);
    ++next_;  // stays RESTORING
    return;
  }
  StreamTask& task = tasks_.at(next_);
  task.clear();
  task.revived = false;
  seek_back(env);
}

// The store as it is when its task begins to run, for whoever compares it with its changelog.
void StreamThread::tell_restored(StreamsEnv& env, const StreamTask& task) {
  const TopicPartition changelog = changelog_of(config().topology, task.id());
  const Table& table = env.directory.table(task.id());
  for (const auto& [key, value] : table) {
    env.context.emit(event_id(Event::kStreamsStoreEntry), {changelog.packed(), key, value});
  }
  env.context.emit(event_id(Event::kStreamsRestored),
                   {changelog.packed(), task.changelog_position.value, task.restore_target.value,
                    static_cast<int64_t>(table.size())});
}

bool StreamThread::all_running() const {
  return std::all_of(tasks_.begin(), tasks_.end(), [](const StreamTask& task) {
    return !task.active() || task.state() == TaskState::kRunning;
  });
}

}  // namespace eosim::kafka
