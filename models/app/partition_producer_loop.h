// The loop with one transactional producer an input partition, the only safe way before KIP-447
// (groups-streams-replication.md 4.2): the transactional id is made from the partition, so the new
// owner's initTransactions() fences the old one and waits for its transaction. Producers come and
// go with the assignment, inside the callbacks, so a position is fetched only after its fence.
#pragma once

#include <vector>

#include "models/app/polling_thread.h"

namespace eosim::kafka {

class PartitionProducerLoop final : public PollingThread {
 public:
  using PollingThread::PollingThread;
  std::unique_ptr<LoopThread> clone() const override {
    return std::make_unique<PartitionProducerLoop>(*this);
  }

 private:
  enum class Phase : uint8_t {
    kCreate,
    kPoll,
    kPolled,
    kNextInit,  // onPartitionsAssigned: a producer for each new partition, one after another
    kInitDone,
    kReread,  // of a partition that was ours already, and had lost its producer
    kRereadDone,
    kTransform,
    kSend,
    kSent,
    kMaybeCommit,
    kNextCommit,  // one blocking transaction commit an input partition, one after another
    kOffsetsSent,
    kCommit,
    kCommitted,
    kAbort,
    kAborted,
    kRewind,
    kRewound,
    kDrop,  // fenced: the partition has a new owner, or a timeout ended the transaction
    kDropped,
    kNextClose,  // onPartitionsRevoked and onPartitionsLost: what they took is closed
    kClosed,
    kResume,
    kStop,
    kConsumerClosed,
    kRestart,
  };

  struct Task {
    TopicPartition partition;
    uint32_t producer = 0;
    bool open = false;    // a transaction is
    OffsetAndEpoch next;  // what it has read up to
  };

  const PhaseRow<PartitionProducerLoop, Phase>& row() const;
  void run_phase(LoopEnv& env) override { (this->*row().run)(env); }
  std::string phase_name() const override { return std::string(row().name); }
  Producer& producer(LoopEnv& env, const Task& task) { return env.clients.producer(task.producer); }
  Task* find(TopicPartition partition);
  Task& current() { return tasks_.at(current_); }
  std::string transactional_id(const LoopEnv& env, TopicPartition partition) const;

  void create(LoopEnv& env);
  void poll(LoopEnv& env);
  void polled(LoopEnv& env);
  void next_init(LoopEnv& env);
  void init_done(LoopEnv& env);
  void reread(LoopEnv& env);
  void reread_done(LoopEnv& env);
  void transform(LoopEnv& env);
  void send(LoopEnv& env);
  void sent(LoopEnv& env);
  void skip_partition(ApiCall call, const CallResult& thrown);
  bool initialises_late(LoopEnv& env, TopicPartition partition);
  void maybe_commit(LoopEnv& env);
  void next_commit(LoopEnv& env);
  void offsets_sent(LoopEnv& env);
  void commit(LoopEnv& env);
  void committed(LoopEnv& env);
  void abort(LoopEnv& env);
  void aborted(LoopEnv& env);
  void on_exception(ApiCall call, const CallResult& thrown);
  Phase after_current() const;
  void rewind(LoopEnv& env);
  void rewound(LoopEnv& env);
  void drop(LoopEnv& env);
  void dropped(LoopEnv& env);
  void next_close(LoopEnv& env);
  void closed(LoopEnv& env);
  void resume(LoopEnv& env);
  void give_up(Error error);
  void stop(LoopEnv& env);
  void consumer_closed(LoopEnv& env);
  void restart(LoopEnv& env);
  void forget_current(LoopEnv& env, Error error);
  bool leaving(TopicPartition partition) const;

  Phase phase_ = Phase::kCreate;
  Sending sending_;                // of what was polled
  std::vector<Task> tasks_;        // by partition
  List<TopicPartition> to_init_;   // in the callback that is going on, last first
  List<TopicPartition> to_close_;  // sorted
  bool lost_ = false;              // to_close_ was lost: abort, do not commit
  bool closing_ = false;           // the thread ends or starts again
  size_t current_ = 0;             // the task that a call is about
};

}  // namespace eosim::kafka
