#include "models/app/streams/stream_thread.h"

#include <algorithm>
#include <utility>

#include "models/app/streams/streams_configs.h"
#include "models/app/streams/topology_rules.h"
#include "sim/assert.h"

namespace eosim::kafka {

void StreamThread::run_phase(LoopEnv& loop) {
  auto& env = static_cast<StreamsEnv&>(loop);
  if (phase_ <= Phase::kMaybeCommit) return run_loop_phase(env);
  if (phase_ <= Phase::kPostCommit) return run_commit_phase(env);
  if (phase_ <= Phase::kCommittedKnown) return run_task_phase(env);
  run_closing_phase(env);
}

void StreamThread::run_loop_phase(StreamsEnv& env) {
  switch (phase_) {
    case Phase::kCreate:
      return create(env);
    case Phase::kPoll:
      return poll(env);
    case Phase::kPolled:
      return polled(env);
    case Phase::kProcess:
      return process(env);
    case Phase::kPass:
      return pass(env);
    case Phase::kSent:
      return sent(env);
    case Phase::kProcessed:
      phase_ = Phase::kMaybeCommit;
      return;
    case Phase::kMaybeCommit:
      return maybe_commit(env);
    default:
      EOSIM_ASSERT(false);
  }
}

// --- routines ---

void StreamThread::leave() {
  EOSIM_ASSERT(!then_.empty());
  phase_ = then_.back();
  then_.pop_back();
}

void StreamThread::jump(Phase handler) {
  then_.clear();
  phase_ = handler;
}

// --- what it has ---

bool StreamThread::has_store(TaskId task) const { return stateful(config().topology, task); }

StreamTask* StreamThread::find(TaskId task) {
  const auto place =
      std::lower_bound(tasks_.begin(), tasks_.end(), task,
                       [](const StreamTask& entry, TaskId wanted) { return entry.id() < wanted; });
  return place != tasks_.end() && place->id() == task ? &*place : nullptr;
}

StreamTask& StreamThread::at(TaskId task) {
  StreamTask* found = find(task);
  EOSIM_ASSERT(found != nullptr);
  return *found;
}

void StreamThread::enter(StreamsEnv& env, StreamTask& task, TaskState state) {
  task.enter(state);
  env.context.emit(event_id(Event::kStreamsTask),
                   {group(env).id, task_name(env, task.id()).id,
                    env.shared().names.intern(word(state)).id, task.active() ? 1 : 0});
}

List<TaskId> StreamThread::tasks_with_work() const {
  List<TaskId> tasks;
  for (const StreamTask& task : tasks_) {
    if (task.active() && task.commit_needed()) tasks.push_back(task.id());
  }
  return tasks;
}

// --- the loop ---

void StreamThread::create(StreamsEnv& env) {
  ConsumerConfig main = main_consumer_config(config(), env.shared().names, client_id(), thread());
  main.application = env.context.actor();
  consumer_ = env.clients.add_consumer(std::move(main));
  consumer(env).subscribe(source_topics(config().topology));
  make_restorer(env);
  if (!of_tasks()) {
    make_producer(env, shared_,
                  transactional() ? transactional_id_of_thread(config(), env.process_id, thread())
                                  : std::string());
  }
  state_ = State::kStarting;
  rebalancing_ = false;
  committed_now(env);
  phase_ = Phase::kPoll;
}

void StreamThread::make_restorer(StreamsEnv& env) {
  ConsumerConfig made = restore_consumer_config(config(), env.shared().names, client_id());
  made.application = env.context.actor();
  restorer_ = env.clients.add_consumer(std::move(made));
  restorer(env).assign(env.context, {});
  restoring_.clear();
}

void StreamThread::make_producer(StreamsEnv& env, StreamsProducer& owner, std::string id) {
  owner = {};
  // exactly_once runs with every broker; the membership that it tells from 2.6 to 2.8 is extra.
  owner.component = create_producer(env, id, of_tasks());
  owner.transactional_id = std::move(id);
}

void StreamThread::poll(StreamsEnv& env) {
  if (stopping_) {
    phase_ = Phase::kStop;
    return;
  }
  pause_and_resume(env);
  // While stores are restored the wait is in the restore consumer's poll.
  const bool busy = state_ == State::kAssigned && !restoring_.empty();
  const sim::Duration wait =
      busy ? sim::Duration{} : sim::milliseconds(config().settings.get(SettingId::kPollMs));
  phase_ = Phase::kPolled;
  last_poll_ = env.context.steady();
  start_poll(env, wait);
}

// Nothing is read for tasks whose stores are not there yet, nor beyond what may wait.
void StreamThread::pause_and_resume(StreamsEnv& env) {
  const auto most =
      static_cast<size_t>(config().settings.get(SettingId::kBufferedRecordsPerPartition));
  List<TopicPartition> paused, resumed;
  for (const StreamTask& task : tasks_) {
    if (!task.active()) continue;
    const bool restoring = state_ == State::kAssigned || task.state() != TaskState::kRunning;
    for (const TopicPartition input : task.inputs()) {
      if (!consumer(env).assigned(input)) continue;
      (restoring || task.buffered(input) > most ? paused : resumed).push_back(input);
    }
  }
  consumer(env).pause(paused);
  consumer(env).resume(resumed);
}

void StreamThread::polled(StreamsEnv& env) {
  take_poll(env);
  in_callback_ = true;
  switch (polled_.kind) {
    case PollResult::Kind::kRecords:
      buffer(env);
      [[fallthrough]];
    case PollResult::Kind::kEmpty:
      in_callback_ = false;
      next_ = 0;
      return call(Phase::kInitNext, Phase::kRestore);
    case PollResult::Kind::kSubscriptionUserData:
      return tell_of_tasks(env);
    case PollResult::Kind::kAssign:
      return deal_out(env);
    case PollResult::Kind::kOnAssignment:
      return taken(env);
    case PollResult::Kind::kAssigned:
      return assigned(env);
    case PollResult::Kind::kRevoked:
      return revoked(env);
    case PollResult::Kind::kLost:
      return lost(env);
    case PollResult::Kind::kError:
      return raise(env, StreamsReaction::kDie, {}, polled_.error.error);
  }
}

// TaskManager.addRecordsToTasks.
void StreamThread::buffer(StreamsEnv& env) {
  for (const ConsumedRecord& record : polled_.records) {
    const auto id = task_of(config().topology, record.partition);
    StreamTask* task = id ? find(*id) : nullptr;
    if (task == nullptr || !task->active()) continue;
    const RecordBatch& batch = env.shared().batches[record.batch];
    const auto& all = std::get<List<Record>>(batch.payload);
    task->add({record.partition, record.offset, all.at(static_cast<size_t>(record.index)),
               record.leader_epoch});
  }
  polled_.records.clear();
}

// A pass: some records of each task (TaskManager.process).
void StreamThread::process(StreamsEnv& env) {
  EOSIM_ASSERT(state_ == State::kRunning);
  processed_ = 0;
  pass_ = {};
  outputs_.clear();
  just_committed_ = false;
  pass(env);
}

void StreamThread::pass(StreamsEnv& env) {
  phase_ = Phase::kProcessed;
  while (pass_.task < tasks_.size()) {
    StreamTask& task = tasks_[pass_.task];
    const bool more =
        task.active() && task.state() == TaskState::kRunning && pass_.records < records_a_pass_;
    const auto record = more ? task.take() : std::nullopt;
    if (!record) {
      ++pass_.task;
      pass_.records = 0;
      continue;
    }
    ++pass_.records;
    ++processed_;
    if (!process_record(env, task, *record)) return;
  }
  take_time_for(env, processed_);
}

bool StreamThread::process_record(StreamsEnv& env, StreamTask& task, const BufferedRecord& record) {
  StreamsProducer& owner = owner_of(task);
  if (transactional() && !owner.in_transaction) {
    const CallResult begun = producer(env, owner).begin_transaction(env.context);
    if (!begun.ok()) {
      raise(env, react(StreamsCall::kBegin, begun), {task.id()}, begun.error);
      return false;
    }
    owner.in_transaction = true;
  }
  forward(env, task, record);
  return send(env);
}

// The outputs of the record in hand, as far as its producer takes them (buffer.memory, metadata).
bool StreamThread::send(StreamsEnv& env) {
  StreamTask& task = tasks_.at(pass_.task);
  const StreamsProducer& owner = owner_of(task);
  while (!outputs_.empty()) {
    const StreamsOutput output = outputs_.front();
    outputs_.pop_front();
    const CallResult sent = producer(env, owner).send(env.context, output.to, output.record);
    if (!sent.ok()) {
      raise(env, react(StreamsCall::kSend, sent), {task.id()}, sent.error);
      return false;
    }
    const CallId blocked = producer(env, owner).blocked_send();
    if (blocked.valid()) {
      phase_ = Phase::kSent;
      wait_for(env, owner.component, blocked);
      return false;
    }
  }
  return true;
}

void StreamThread::sent(StreamsEnv& env) {
  if (!result().ok()) {
    const List<TaskId> tasks = {tasks_.at(pass_.task).id()};
    return raise(env, react(StreamsCall::kSend, result()), tasks, result().error);
  }
  phase_ = Phase::kPass;
  static_cast<void>(send(env));
}

// StreamThread.maybeCommit, and how many records a task may process in the next pass. Whatever is
// left to do: half of max.poll.interval.ms after its last poll the thread polls again.
void StreamThread::maybe_commit(StreamsEnv& env) {
  const sim::Duration most =
      sim::milliseconds(config().settings.get(SettingId::kMaxPollIntervalMs)) / 2;
  const bool late = processed_ > 0 && env.context.steady() - last_poll_ > most;
  const Phase next = processed_ == 0 || late ? Phase::kPoll : Phase::kProcess;
  if (!just_committed_ && commit_due(env) && !rebalancing_) {
    committed_now(env);
    just_committed_ = true;
    records_a_pass_ = std::max(records_a_pass_ / 2, 1);
    return commit(env, tasks_with_work(), "interval", next);
  }
  if (late) {
    records_a_pass_ = std::max(records_a_pass_ / 2, 1);
  } else if (!just_committed_ && processed_ > 0) {
    ++records_a_pass_;
  }
  phase_ = next;
}

std::string StreamThread::phase_name() const {
  static constexpr std::string_view kNames[] = {
      "create", "poll", "poll", "process", "process", "send", "process", "commit",
      // a commit
      "flush", "flush", "commit", "sendOffsetsToTransaction", "commitTransaction",
      "commitTransaction", "commit",
      // callbacks, restoring
      "onPartitionsRevoked", "onAssignment", "onPartitionsLost", "poll", "init", "initTransactions",
      "restore", "endOffsets", "restore", "restore", "committed",
      // closing, exceptions
      "close", "abortTransaction", "close", "close", "close", "close", "migrated", "migrated",
      "unsubscribe", "corrupted", "corrupted", "corrupted", "close",
      // the end
      "die", "stop", "stop", "close", "close", "close", "close", "restart"};
  static_assert(std::size(kNames) == static_cast<size_t>(Phase::kRestart) + 1);
  return std::string(kNames[static_cast<size_t>(phase_)]);
}

}  // namespace eosim::kafka
