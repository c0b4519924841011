// A thread that only writes, with one producer: in transactions of which it commits some and aborts
// others, or record by record (cli-and-scenarios.md 2.3).
//
// Its work is numbered: the records that it is to write, each once. What was aborted, by choice or
// by an error, is done again under the same numbers; so a record of an aborted transaction that
// shows nevertheless shows twice. Work whose outcome the client cannot know (a commit that was
// asked for and ended in neither success nor an abort) is given up: it may be there, once.
#pragma once

#include <vector>

#include "models/app/loop_thread.h"

namespace eosim::kafka {

class ProducingThread final : public LoopThread {
 public:
  using LoopThread::LoopThread;
  std::unique_ptr<LoopThread> clone() const override {
    return std::make_unique<ProducingThread>(*this);
  }

 private:
  enum class Phase : uint8_t {
    kCreate,
    kInit,
    kInitDone,
    kNext,
    kBegin,
    kWait,
    kSend,
    kSent,
    kCommit,
    kCommitted,
    kAbort,
    kAborted,
    kFlush,
    kClose,
    kClosed,
    kRestart,
  };

  const PhaseRow<ProducingThread, Phase>& row() const;
  void run_phase(LoopEnv& env) override { (this->*row().run)(env); }
  std::string phase_name() const override { return std::string(row().name); }
  bool transactional() const { return config().kind == AppKind::kTransactionalProducer; }
  const WorkConfig& work() const { return config().work; }
  Producer& producer(LoopEnv& env) { return env.clients.producer(producer_); }
  std::string transactional_id(const LoopEnv& env) const;

  void create(LoopEnv& env);
  void init(LoopEnv& env);
  void init_done(LoopEnv& env);
  void next(LoopEnv& env);
  void begin(LoopEnv& env);
  void choose(LoopEnv& env);
  void wait(LoopEnv& env);
  void send(LoopEnv& env);
  void sent(LoopEnv& env);
  void record_sent(LoopEnv& env);
  void commit(LoopEnv& env);
  void committed(LoopEnv& env);
  void abort(LoopEnv& env);
  void aborted(LoopEnv& env);
  void on_exception(ApiCall call, const CallResult& thrown);
  void give_up(Error error);
  void flush(LoopEnv& env);
  void close(LoopEnv& env);
  void closed(LoopEnv& env);
  void restart(LoopEnv& env);
  CallResult send_record(LoopEnv& env);

  Phase phase_ = Phase::kCreate;
  uint32_t producer_ = 0;
  uint64_t done_ = 0;                   // records up to here are written, or given up
  int32_t sent_ = 0;                    // of the transaction
  bool aborts_ = false;                 // it is to be aborted
  bool asked_ = false;                  // its commit was called
  uint64_t failed_before_ = 0;          // records that had failed when it began
  bool last_ = false;                   // nothing follows: the thread closes and ends
  bool first_ = true;                   // no gap before it
  std::vector<TopicPartition> chosen_;  // of the transaction
  sim::SteadyTime due_{};               // of the next record
  sim::StreamId abort_stream_;
  sim::StreamId partition_stream_;
};

}  // namespace eosim::kafka
