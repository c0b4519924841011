// A thread of a Streams application (StreamThread and its TaskManager;
// groups-streams-replication.md 5): one member of the group, its tasks, and producers as the
// guarantee wants them. The loop is that of 5.4: poll, initialise and restore, process, commit.
//
// Kafka's nested calls are routines here: a routine is a run of phases, and the phase where it is
// to go on afterwards waits on a stack (call(), leave()). An exception of Streams is a jump to the
// phase that handles it; what was under way is dropped.
//
//   file                    phases of
//   stream_thread.cc        the loop: poll, process, maybe commit
//   thread_commit.cc        a commit, step by step (5.5)
//   thread_rebalance.cc     what the callbacks do (5.5, revocation)
//   thread_restore.cc       initialising tasks, restoring their stores (5.6)
//   thread_close.cc         closing tasks, clean and dirty; migration, corruption, the end (5.7)
//   thread_phases.cc        which function a phase is
//   forward.cc              what a processor makes of a record
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "models/app/polling_thread.h"
#include "models/app/streams/reactions.h"
#include "models/app/streams/state_directory.h"
#include "models/app/streams/stream_task.h"
#include "models/app/streams/topology_rules.h"

namespace eosim::kafka {

struct StreamsEnv : LoopEnv {
  StateDirectory& directory;
  uint32_t process_id;  // of this instance
};

struct StreamsOutput {
  TopicPartition to;
  Record record;
};

class StreamThread final : public PollingThread {
 public:
  using PollingThread::PollingThread;
  std::unique_ptr<LoopThread> clone() const override {
    return std::make_unique<StreamThread>(*this);
  }
  const std::vector<StreamTask>& tasks() const { return tasks_; }

 private:
  enum class Phase : uint8_t {
    // The loop.
    kCreate,
    kPoll,
    kPolled,
    kProcess,
    kPass,
    kSent,
    kProcessed,
    kMaybeCommit,
    // A commit.
    kPrepareNext,
    kPrepared,
    kCommitNext,
    kOffsetsSent,
    kCommitTransaction,
    kCommitted,
    kPostCommit,
    // Callbacks; initialising and restoring.
    kSuspend,
    kAdopt,
    kRenewAfterLoss,
    kResume,
    kInitNext,
    kInitDone,
    kRestore,
    kEndOffsets,
    kRestorePolled,
    kCompleteNext,
    kCommittedKnown,
    // Closing; exceptions.
    kCloseDirtyNext,
    kAborted,
    kCloseCleanNext,
    kProducerClosed,
    kRenew,
    kRenewed,
    kMigrated,
    kMigratedClosed,
    kRejoin,
    kCorrupted,
    kCloseCorrupted,
    kRevive,
    kCloseRestorer,
    // The end.
    kDie,
    kStop,
    kStopped,
    kCloseConsumers,
    kSharedClosed,
    kConsumerClosed,
    kRestorerClosed,
    kRestart,
  };
  enum class State : uint8_t { kStarting, kRevoked, kAssigned, kRunning };

  // One transaction or one plain commit of a commit: of a task, or of the thread.
  struct CommitUnit {
    List<TaskId> tasks;
    List<OffsetAndEpoch> offsets;
  };

  // Where a pass over the tasks is.
  struct Pass {
    size_t task = 0;  // of tasks_
    int records = 0;  // of this task
  };

  void run_phase(LoopEnv& env) override;
  void run_loop_phase(StreamsEnv& env);
  void run_commit_phase(StreamsEnv& env);
  void run_task_phase(StreamsEnv& env);
  void run_closing_phase(StreamsEnv& env);
  void run_last_phase(StreamsEnv& env);
  std::string phase_name() const override;

  // --- routines ---
  void call(Phase routine, Phase then) {
    then_.push_back(then);
    phase_ = routine;
  }
  void leave();
  void jump(Phase handler);

  // --- words of the topology ---
  bool of_tasks() const { return config().scope == ProducerScope::kInputPartition; }
  bool has_store(TaskId task) const;
  Consumer& restorer(StreamsEnv& env) { return env.clients.consumer(restorer_); }
  Producer& producer(StreamsEnv& env, const StreamsProducer& owner) {
    return env.clients.producer(owner.component);
  }
  StreamsProducer& owner_of(StreamTask& task) { return of_tasks() ? *task.owner : shared_; }
  StreamTask* find(TaskId task);
  StreamTask& at(TaskId task);
  void enter(StreamsEnv& env, StreamTask& task, TaskState state);
  Name group(StreamsEnv& env) const { return env.shared().names.intern(config().name); }
  Name task_name(StreamsEnv& env, TaskId task) const {
    return env.shared().names.intern(task.text());
  }
  List<TaskId> tasks_with_work() const;

  // --- the loop ---
  void create(StreamsEnv& env);
  void make_restorer(StreamsEnv& env);
  void make_producer(StreamsEnv& env, StreamsProducer& owner, std::string id);
  void poll(StreamsEnv& env);
  void polled(StreamsEnv& env);
  void pause_and_resume(StreamsEnv& env);
  void buffer(StreamsEnv& env);
  void process(StreamsEnv& env);
  void pass(StreamsEnv& env);
  // These two: false when the pass is over, by an exception, or has to wait.
  bool process_record(StreamsEnv& env, StreamTask& task, const BufferedRecord& record);
  bool send(StreamsEnv& env);
  void sent(StreamsEnv& env);
  void forward(StreamsEnv& env, StreamTask& task, const BufferedRecord& input);
  void maybe_commit(StreamsEnv& env);

  // --- a commit ---
  void commit(StreamsEnv& env, List<TaskId> tasks, std::string_view why, Phase then);
  void prepare_next(StreamsEnv& env);
  void prepared(StreamsEnv& env);
  void gather_units(StreamsEnv& env);
  void commit_next(StreamsEnv& env);
  void begin_unit(StreamsEnv& env, const CommitUnit& unit);
  void offsets_sent(StreamsEnv& env);
  void unit_committed(StreamsEnv& env);
  void commit_failed(StreamsEnv& env, StreamsCall call);
  void post_commit(StreamsEnv& env);
  StreamsProducer& unit_producer();

  // --- callbacks, and the assignor ---
  void tell_of_tasks(StreamsEnv& env);
  void deal_out(StreamsEnv& env);
  void revoked(StreamsEnv& env);
  void suspend(StreamsEnv& env);
  void taken(StreamsEnv& env);
  void adopt(StreamsEnv& env);
  void assigned(StreamsEnv& env);
  void lost(StreamsEnv& env);

  // --- initialising, restoring ---
  void init_next(StreamsEnv& env);
  void init_done(StreamsEnv& env);
  bool open_store(StreamsEnv& env, StreamTask& task);
  void restore(StreamsEnv& env);
  void ends_known(StreamsEnv& env);
  void read_from_changelogs(StreamsEnv& env);
  void stop_restoring(StreamsEnv& env, TaskId task);
  void restore_polled(StreamsEnv& env);
  void complete_next(StreamsEnv& env);
  void committed_known(StreamsEnv& env);
  void tell_restored(StreamsEnv& env, const StreamTask& task);
  bool all_running() const;

  // --- closing ---
  void close_all_dirty(Phase then);
  void close_dirty_next(StreamsEnv& env);
  void aborted(StreamsEnv& env);
  void close_clean_next(StreamsEnv& env);
  void close_now(StreamsEnv& env, StreamTask& task, bool clean);
  void close_own_producer(StreamsEnv& env, StreamTask& task);
  void producer_closed(StreamsEnv& env);
  void forget_closed();
  void wipe(StreamsEnv& env, TaskId task);
  void renew_or(Phase then);

  // --- checkpoints ---
  void learn_changelog_position(StreamsEnv& env, StreamTask& task);
  void write_checkpoint(StreamsEnv& env, StreamTask& task);
  // When the changelog has grown enough since the last one (at_least_once).
  void maybe_checkpoint(StreamsEnv& env, StreamTask& task);
  void delete_checkpoint(StreamsEnv& env, StreamTask& task);
  void tell_checkpoint(StreamsEnv& env, TaskId task, Offset offset);

  // --- exceptions, and the end ---
  void raise(StreamsEnv& env, StreamsReaction reaction, List<TaskId> tasks, Error error);
  void rejoin_as_new_member(StreamsEnv& env);
  void corrupted(StreamsEnv& env);
  void close_corrupted();
  void revive(StreamsEnv& env);
  void stop(StreamsEnv& env);
  void stopped();
  void close_consumers(StreamsEnv& env);
  void shared_closed(StreamsEnv& env);
  void ended();

  Phase phase_ = Phase::kCreate;
  std::vector<Phase> then_;
  State state_ = State::kStarting;
  uint32_t restorer_ = 0;
  StreamsProducer shared_;         // of the thread, unless tasks have their own
  std::vector<StreamTask> tasks_;  // by id
  bool rebalancing_ = false;       // no commit until onPartitionsAssigned (5.4)

  sim::SteadyTime last_poll_{};
  int records_a_pass_ = 1;  // of each task
  size_t processed_ = 0;    // in this pass
  Pass pass_;
  std::deque<StreamsOutput> outputs_;  // of the record in hand, not sent yet
  bool just_committed_ = false;

  List<TaskId> committing_;
  size_t next_ = 0;  // of the list that a routine goes through
  std::vector<CommitUnit> units_;
  List<TaskId> timed_out_;          // whose unit did
  List<TaskId> leaving_;            // revoked: to be suspended
  List<TaskId> closing_;            // by the closing routines
  List<TaskId> corrupted_;          // raised, and not closed yet
  List<TopicPartition> restoring_;  // what the restore consumer reads
  bool closing_clean_ = false;
  bool committing_healthy_ = false;  // before corrupted_ are closed
  List<TaskId> wanted_;              // of the assignment that is being taken
  List<TaskId> wanted_standbys_;
  int64_t joins_ = 0;
};

}  // namespace eosim::kafka
