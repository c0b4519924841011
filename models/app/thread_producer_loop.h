// The loop with one producer a thread (groups-streams-replication.md 4.1, 4.3-4.5): transactional
// with or without the group's metadata in the offset commit, or idempotent with plain offset
// commits after the outputs are acknowledged. A transaction may span polls: it is committed when
// commit.interval.ms has passed, and in the callbacks of a rebalance before they return.
//
// Files: thread_producer_loop.cc is the loop, phase by phase in the order of 4.3;
// thread_producer_mistakes.cc has what careless applications do in its place.
#pragma once

#include <map>

#include "models/app/polling_thread.h"

namespace eosim::kafka {

class ThreadProducerLoop final : public PollingThread {
 public:
  using PollingThread::PollingThread;
  std::unique_ptr<LoopThread> clone() const override {
    return std::make_unique<ThreadProducerLoop>(*this);
  }

 private:
  enum class Phase : uint8_t {
    kCreate,
    kInit,
    kInitDone,
    kPoll,
    kPolled,
    kTransform,
    kBegin,
    kSend,
    kSent,
    kMaybeCommit,
    kSendOffsets,
    kOffsetsSent,
    kCommit,
    kCommitted,
    kFlush,
    kFlushed,
    kCommitPlain,
    kCommitPlainDone,
    kAbort,
    kAborted,
    kRewind,
    kRewound,
    kResume,
    kClose,
    kProducerClosed,
    kConsumerClosed,
    kRestart,
    // of mistakes
    kAutoCommitted,
    kSavedCommitted,
    kReplaced,
  };

  const PhaseRow<ThreadProducerLoop, Phase>& row() const;
  void run_phase(LoopEnv& env) override { (this->*row().run)(env); }
  std::string phase_name() const override { return std::string(row().name); }
  std::string transactional_id(const LoopEnv& env) const;  // "": at_least_once
  Producer& producer(LoopEnv& env) { return env.clients.producer(producer_); }

  void create(LoopEnv& env);
  void init(LoopEnv& env);
  void init_done(LoopEnv& env);
  void poll(LoopEnv& env);
  void poll_now(LoopEnv& env);
  void polled(LoopEnv& env);
  void revoked(LoopEnv& env);
  bool holds_work_of(const List<TopicPartition>& partitions) const;
  void transform(LoopEnv& env);
  void begin(LoopEnv& env);
  void send(LoopEnv& env);
  void sent(LoopEnv& env);
  void maybe_commit(LoopEnv& env);
  void end_work();
  void send_offsets(LoopEnv& env);
  void offsets_sent(LoopEnv& env);
  void commit(LoopEnv& env);
  void committed(LoopEnv& env);
  void flush(LoopEnv& env);
  void flushed(LoopEnv& env);
  void commit_plain(LoopEnv& env);
  void commit_plain_done(LoopEnv& env);
  void abort(LoopEnv& env);
  void aborted(LoopEnv& env);
  void rewind(LoopEnv& env);
  void rewound(LoopEnv& env);
  void resume(LoopEnv& env);
  void after_work();
  // A call of the transactional producer threw: the table of 4.3.
  void on_exception(LoopEnv& env, ApiCall call, const CallResult& thrown);
  void give_up(Error error);
  void close(LoopEnv& env);
  void producer_closed(LoopEnv& env);
  void consumer_closed(LoopEnv& env);
  void restart(LoopEnv& env);
  List<OffsetAndEpoch> offsets() const;
  void forget_work();

  // --- mistakes ---
  bool send_too_early(LoopEnv& env);
  bool auto_commit(LoopEnv& env);
  void note_callbacks(LoopEnv& env);
  void take_for_failure(LoopEnv& env);
  void replace_producer(LoopEnv& env);
  void replaced(LoopEnv& env);
  void commit_saved(LoopEnv& env);
  void saved_committed(LoopEnv& env);

  Phase phase_ = Phase::kCreate;
  uint32_t producer_ = 0;
  Sending sending_;             // of what was polled
  Positions work_;              // what the open transaction has read up to
  bool open_ = false;           // a transaction is
  uint64_t failed_before_ = 0;  // records that had failed when the work began
  // Of mistakes.
  sim::SteadyTime auto_committed_{};
  GroupMetadata cached_group_;
  std::map<TopicPartition, Offset> began_at_;  // the work
  Positions collected_;                        // by callbacks of send()
  List<OffsetAndEpoch> saved_;                 // whose commit failed
};

}  // namespace eosim::kafka
