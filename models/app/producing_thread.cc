#include "models/app/producing_thread.h"

#include <algorithm>

#include "sim/world.h"

namespace eosim::kafka {

namespace {

// A number for each life of a process: what an earlier one had begun is not its work any more.
constexpr int32_t kLivesMax = 1'000;

}  // namespace

const PhaseRow<ProducingThread, ProducingThread::Phase>& ProducingThread::row() const {
  using enum Phase;
  using Self = ProducingThread;
  static constexpr PhaseRow<Self, Phase> kRows[] = {
      {kCreate, "create", &Self::create},
      {kInit, "initTransactions", &Self::init},
      {kInitDone, "initTransactions", &Self::init_done},
      {kNext, "next", &Self::next},
      {kBegin, "beginTransaction", &Self::begin},
      {kWait, "send", &Self::wait},
      {kSend, "send", &Self::send},
      {kSent, "send", &Self::sent},
      {kCommit, "commitTransaction", &Self::commit},
      {kCommitted, "commitTransaction", &Self::committed},
      {kAbort, "abortTransaction", &Self::abort},
      {kAborted, "abortTransaction", &Self::aborted},
      {kFlush, "flush", &Self::flush},
      {kClose, "close", &Self::close},
      {kClosed, "close", &Self::closed},
      {kRestart, "restart", &Self::restart},
  };
  static_assert(in_order(kRows) && std::size(kRows) == static_cast<size_t>(kRestart) + 1);
  return kRows[static_cast<size_t>(phase_)];
}

std::string ProducingThread::transactional_id(const LoopEnv& env) const {
  return transactional() ? thread_transactional_id(env) : std::string();
}

void ProducingThread::create(LoopEnv& env) {
  const std::string me = client_id();
  abort_stream_ = env.context.choices().stream("aborts of " + me);
  partition_stream_ = env.context.choices().stream("partitions of " + me);
  producer_ = create_producer(env, transactional_id(env));
  tries_ = 0;
  phase_ = transactional() ? Phase::kInit : Phase::kNext;
}

void ProducingThread::init(LoopEnv& env) {
  phase_ = Phase::kInitDone;
  wait_for(env, producer_, &Producer::init_transactions);
}

void ProducingThread::init_done(LoopEnv&) {
  tries_ = 0;  // it may go on for ever
  if (!result().ok()) return on_exception(ApiCall::kInit, result());
  phase_ = Phase::kNext;
}

void ProducingThread::next(LoopEnv& env) {
  // When the work ends is the scenario's business and no clock's of this host.
  last_ = stopping_ || env.context.world().now() >= work().end;
  if (last_) {
    phase_ = transactional() ? Phase::kClose : Phase::kFlush;
    return;
  }
  phase_ = Phase::kBegin;
  if (!first_ && work().gap.ns > 0) sleep(env, work().gap);
  first_ = false;
}

void ProducingThread::begin(LoopEnv& env) {
  if (transactional()) {
    const CallResult begun = producer(env).begin_transaction(env.context);
    if (!begun.ok()) return on_exception(ApiCall::kBegin, begun);
  }
  failed_before_ = producer(env).failed_records();
  sent_ = 0;
  asked_ = false;
  choose(env);
  // Late work is not caught up with: a burst would only hide what comes between records.
  due_ = std::max(due_, env.context.steady());
  phase_ = Phase::kWait;
}

// Neighbours, from one that is drawn on.
void ProducingThread::choose(LoopEnv& env) {
  std::vector<TopicPartition> all;
  for (const TopicShape& topic : config().output) {
    for (int32_t p = 0; p < topic.partitions; ++p) all.push_back({topic.topic, p});
  }
  const size_t count = transactional() ? static_cast<size_t>(work().partitions) : 1;
  const uint64_t from = env.context.choices().below(partition_stream_, all.size(), 0);
  chosen_.clear();
  for (size_t i = 0; i < std::min(count, all.size()); ++i) {
    chosen_.push_back(all[(from + i) % all.size()]);
  }
  aborts_ = transactional() &&
            env.context.choices().chance(abort_stream_, {work().abort_thousandths, 1'000}, false);
}

void ProducingThread::wait(LoopEnv& env) {
  phase_ = Phase::kSend;
  const int64_t rate = std::max<int64_t>(work().records_per_1000s / config().threads, 1);
  due_ = due_ + sim::nanoseconds(1'000'000'000'000 / rate);
  const sim::Duration left = due_ - env.context.steady();
  if (left.ns > 0) sleep(env, left);
}

void ProducingThread::send(LoopEnv& env) {
  const CallResult thrown = send_record(env);
  if (!thrown.ok()) return on_exception(ApiCall::kSend, thrown);
  const CallId blocked = producer(env).blocked_send();
  if (!blocked.valid()) return record_sent(env);
  phase_ = Phase::kSent;
  wait_for(env, producer_, blocked);
}

void ProducingThread::sent(LoopEnv& env) {
  if (!result().ok()) return on_exception(ApiCall::kSend, result());
  record_sent(env);
}

void ProducingThread::record_sent(LoopEnv& env) {
  ++sent_;
  if (!transactional()) {
    ++done_;
    phase_ = Phase::kNext;
  } else if (sent_ < work().records) {
    phase_ = Phase::kWait;
  } else {
    // What send() refused may show in its future alone (up to 3.1).
    const bool failed = producer(env).failed_records() != failed_before_;
    phase_ = aborts_ || failed ? Phase::kAbort : Phase::kCommit;
  }
}

CallResult ProducingThread::send_record(LoopEnv& env) {
  const uint32_t life = env.context.world().incarnation(env.context.process());
  const auto stream = static_cast<int32_t>(config().instance * config().threads + thread());
  RecordTruth truth;
  truth.uid = env.shared().next_record_uid++;
  truth.input = {work().stream, stream * kLivesMax + static_cast<int32_t>(life % kLivesMax)};
  truth.input_offset = Offset{static_cast<int64_t>(done_) + sent_};
  truth.application = env.shared().names.intern(config().name);
  Record record;
  record.key = sent_;
  record.bytes = work().record_bytes;
  record.timestamp_ms = env.context.wall().ms();
  record.truth = Ghost<RecordTruth>(truth);
  const TopicPartition to = chosen_[static_cast<size_t>(sent_) % chosen_.size()];
  return producer(env).send(env.context, to, record);
}

void ProducingThread::commit(LoopEnv& env) {
  asked_ = true;
  phase_ = Phase::kCommitted;
  wait_for(env, producer_, &Producer::commit_transaction);
}

void ProducingThread::committed(LoopEnv&) {
  if (!result().ok()) return on_exception(ApiCall::kCommit, result());
  done_ += static_cast<uint64_t>(sent_);
  asked_ = false;
  tries_ = 0;
  phase_ = Phase::kNext;
}

void ProducingThread::abort(LoopEnv& env) {
  phase_ = Phase::kAborted;
  wait_for(env, producer_, &Producer::abort_transaction);
}

void ProducingThread::aborted(LoopEnv&) {
  if (!result().ok()) return on_exception(ApiCall::kAbort, result());
  asked_ = false;
  tries_ = 0;
  phase_ = Phase::kNext;
}

void ProducingThread::on_exception(ApiCall call, const CallResult& thrown) {
  if (!transactional()) return give_up(thrown.error);
  if (call == ApiCall::kCommit && exception_of(thrown) == Exception::kTimeout &&
      careless(Mistake::kAmbiguousCommitIsFailure)) {
    asked_ = false;  // so its numbers are done again, with another producer
    return give_up(thrown.error);
  }
  const AppReaction reaction = reaction_to_result(call, thrown);
  if (reaction == AppReaction::kClose) return give_up(thrown.error);
  if (reaction == AppReaction::kAbort) {
    phase_ = Phase::kAbort;
    return;
  }
  phase_ = call == ApiCall::kInit     ? Phase::kInit
           : call == ApiCall::kCommit ? Phase::kCommit
                                      : Phase::kAbort;
}

// Only close() helps. A new producer with the same id ends what this one leaves open; whether a
// commit that was asked for came about nobody says.
void ProducingThread::give_up(Error error) {
  if (asked_) done_ += static_cast<uint64_t>(sent_);
  asked_ = false;
  error_ = error;
  phase_ = Phase::kClose;
}

void ProducingThread::flush(LoopEnv& env) {
  phase_ = Phase::kClose;
  wait_for(env, producer_, &Producer::flush);
}

void ProducingThread::close(LoopEnv& env) {
  phase_ = Phase::kClosed;
  close_producer(env, producer_);
}

void ProducingThread::closed(LoopEnv& env) {
  remove_producer(env, producer_, transactional_id(env), error_);
  error_ = Error::kNone;
  phase_ = Phase::kRestart;
  if (last_) finish();
}

void ProducingThread::restart(LoopEnv& env) {
  phase_ = Phase::kCreate;
  sleep(env, config().restart_backoff);
}

}  // namespace eosim::kafka
