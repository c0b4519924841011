// What a thread does in the callbacks of a rebalance (groups-streams-replication.md 5.2, 5.5;
// StreamsRebalanceListener, TaskManager.handleRevocation, handleAssignment, handleLostAll), and how
// it answers for its assignor.
#include <algorithm>

#include "models/app/streams/assignment_info.h"
#include "models/app/streams/stream_thread.h"
#include "models/app/streams/streams_configs.h"
#include "models/app/streams/topology_rules.h"
#include "sim/assert.h"

namespace eosim::kafka {

// subscriptionUserData(): from now on until onPartitionsAssigned there is no commit. The counter
// makes every join one with changed metadata, which lets the coordinator rebalance (2.7).
void StreamThread::tell_of_tasks(StreamsEnv& env) {
  rebalancing_ = true;
  SubscriptionInfo info;
  info.process = process_number(config().instance, env.process_id);
  info.joins = ++joins_;
  for (const TaskId task : env.directory.tasks()) {
    const StreamTask* here = find(task);
    const bool runs = here != nullptr && here->active() && here->state() == TaskState::kRunning;
    if (here == nullptr && env.directory.locked(task)) continue;  // another thread's
    info.tasks.push_back({task, runs ? kRunningHere : kStateHere});
  }
  for (const StreamTask& task : tasks_) {
    if (!task.active() || has_store(task.id())) continue;
    info.tasks.push_back({task.id(), kRunningHere});
  }
  std::sort(info.tasks.begin(), info.tasks.end());
  consumer(env).answer_user_data(encode(info));
  phase_ = Phase::kResume;
}

// assign(): this thread leads the group.
void StreamThread::deal_out(StreamsEnv& env) {
  const GroupSubscription& group = consumer(env).group_subscription();
  const int64_t standbys = config().settings.get(SettingId::kNumStandbyReplicas);
  consumer(env).answer_assignment(
      assign_tasks(config().topology, group, static_cast<int32_t>(standbys)));
  phase_ = Phase::kResume;
}

// handleRevocation: the tasks that leave are committed now, whatever is going on; if one of them
// has offsets, then with all others that have work, because they may share its transaction.
void StreamThread::revoked(StreamsEnv& env) {
  state_ = State::kRevoked;
  leaving_.clear();
  List<TaskId> committing;
  for (const StreamTask& task : tasks_) {
    if (!task.active()) continue;
    const List<TopicPartition> inputs = task.inputs();
    const bool leaves = std::includes(polled_.partitions.begin(), polled_.partitions.end(),
                                      inputs.begin(), inputs.end()) &&
                        !inputs.empty();
    if (!leaves) continue;
    leaving_.push_back(task.id());
    if (task.commit_needed()) committing.push_back(task.id());
  }
  const auto with = config().switches.as<RevocationCommits>(Switch::kRevocationCommitsAll);
  const bool shares = transactional() && !of_tasks();
  if (!committing.empty() && (shares || with == RevocationCommits::kAll)) {
    committing = tasks_with_work();
  }
  commit(env, std::move(committing), "revoked", Phase::kSuspend);
}

void StreamThread::suspend(StreamsEnv& env) {
  for (const TaskId id : leaving_) {
    StreamTask* task = find(id);
    if (task == nullptr || task->state() == TaskState::kSuspended) continue;
    const bool works = task->state() != TaskState::kCreated;
    if (works && has_store(id)) write_checkpoint(env, *task);
    enter(env, *task, TaskState::kSuspended);
    task->clear();
  }
  leaving_.clear();
  phase_ = Phase::kResume;
}

// handleAssignment: what was there and is wanted goes on, the rest is closed, and then what is new
// is created.
void StreamThread::taken(StreamsEnv& env) {
  const AssignmentInfo info = decode_assignment(polled_.user_data);
  wanted_ = info.active;
  wanted_standbys_ = info.standby;
  closing_.clear();
  for (StreamTask& task : tasks_) {
    const List<TaskId>& wanted = task.active() ? wanted_ : wanted_standbys_;
    if (!std::binary_search(wanted.begin(), wanted.end(), task.id())) {
      closing_.push_back(task.id());
    } else if (task.state() == TaskState::kSuspended) {
      if (transactional()) delete_checkpoint(env, task);
      enter(env, task, TaskState::kRestoring);
    }
  }
  next_ = 0;
  call(Phase::kCloseCleanNext, Phase::kAdopt);
}

void StreamThread::adopt(StreamsEnv& env) {
  const auto create = [&](TaskId id, bool active) {
    if (find(id) != nullptr) return;
    StreamTask made(id, inputs_of(config().topology, id), active);
    if (active && of_tasks()) {
      made.owner.emplace();
      make_producer(env, *made.owner, transactional_id_of_task(config(), id));
    }
    const auto place = std::lower_bound(
        tasks_.begin(), tasks_.end(), id,
        [](const StreamTask& entry, TaskId wanted) { return entry.id() < wanted; });
    tasks_.insert(place, std::move(made));
  };
  for (const TaskId id : wanted_) create(id, true);
  for (const TaskId id : wanted_standbys_) create(id, false);
  phase_ = Phase::kResume;
}

// onPartitionsAssigned. Up to 2.5 a task's producer is initialised here, before the offset of its
// input is fetched: whoever had the task is fenced, and has its transaction ended, before that.
void StreamThread::assigned(StreamsEnv&) {
  rebalancing_ = false;
  state_ = State::kAssigned;
  const auto timing = config().switches.as<InitTxnTiming>(Switch::kInitTxnTiming);
  if (timing == InitTxnTiming::kAfterPoll) {
    phase_ = Phase::kResume;
    return;
  }
  next_ = 0;
  call(Phase::kInitNext, Phase::kResume);
}

// onPartitionsLost: the tasks are somebody else's already. Standbys are kept.
void StreamThread::lost(StreamsEnv&) {
  state_ = State::kRevoked;
  close_all_dirty(Phase::kRenewAfterLoss);
}

}  // namespace eosim::kafka
