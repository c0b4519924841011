// The loop with one producer a thread (groups-streams-replication.md 4.1, 4.3-4.5): transactional
// with or without the group's metadata in the offset commit, or idempotent with plain offset
// commits after the outputs are acknowledged. A transaction may span polls: it is committed when
// commit.interval.ms has passed, and in the callbacks of a rebalance before they return.
#pragma once

#include <map>

#include "models/app/loop_thread.h"

namespace eosim::kafka {

class ThreadProducerLoop final : public LoopThread {
 public:
  using LoopThread::LoopThread;
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
    kSend,
    kMaybeCommit,
    kSendOffsets,
    kOffsetsSent,
    kCommit,
    kCommitted,
    kFlush,
    kFlushed,
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
  };

  void run_phase(LoopEnv& env) override;
  std::string phase_name() const override;
  bool transactional() const { return config().commit != OffsetCommitWay::kPlain; }
  std::string transactional_id() const;  // "": at_least_once
  Producer& producer(LoopEnv& env) { return env.clients.producer(producer_); }
  Consumer& consumer(LoopEnv& env) { return env.clients.consumer(consumer_); }

  void create(LoopEnv& env);
  void init_done();
  void poll(LoopEnv& env);
  void polled(LoopEnv& env);
  void transform(LoopEnv& env);
  void send(LoopEnv& env);
  void maybe_commit(LoopEnv& env);
  void send_offsets(LoopEnv& env);
  void offsets_sent(LoopEnv& env);
  void committed(LoopEnv& env);
  void flushed(LoopEnv& env);
  void commit_plain_done(LoopEnv& env);
  void aborted();
  void rewind(LoopEnv& env);
  void rewound(LoopEnv& env);
  void after_work();
  void give_up(Error error);
  void close(LoopEnv& env);
  void consumer_closed(LoopEnv& env);
  List<OffsetAndEpoch> offsets() const;
  void forget_work();

  Phase phase_ = Phase::kCreate;
  uint32_t producer_ = 0;
  uint32_t consumer_ = 0;
  PollResult polled_;
  std::map<TopicPartition, Offset> work_;  // what the open transaction has read up to
  bool open_ = false;                      // a transaction is
  bool in_callback_ = false;               // of the poll that is going on
  uint64_t failed_before_ = 0;             // records that had failed when the work began
  int tries_ = 0;                          // of a call that timed out and is repeated
  Error error_ = Error::kNone;             // why the thread gives up
};

}  // namespace eosim::kafka
