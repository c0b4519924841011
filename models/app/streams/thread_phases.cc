// Which function each phase is, beyond those of the loop and of a commit.
#include "models/app/streams/stream_thread.h"
#include "models/app/streams/streams_configs.h"
#include "sim/assert.h"

namespace eosim::kafka {

void StreamThread::run_task_phase(StreamsEnv& env) {
  switch (phase_) {
    case Phase::kSuspend:
      return suspend(env);
    case Phase::kAdopt:
      return adopt(env);
    case Phase::kRenewAfterLoss:
      return renew_or(Phase::kResume);
    case Phase::kResume:
      phase_ = Phase::kPolled;
      return resume_poll(env);
    case Phase::kInitNext:
      return init_next(env);
    case Phase::kInitDone:
      return init_done(env);
    case Phase::kRestore:
      return restore(env);
    case Phase::kEndOffsets:
      return ends_known(env);
    case Phase::kRestorePolled:
      return restore_polled(env);
    case Phase::kCompleteNext:
      return complete_next(env);
    case Phase::kCommittedKnown:
      return committed_known(env);
    default:
      EOSIM_ASSERT(false);
  }
}

// A producer of the thread whose transaction is gone is replaced (reInitializeThreadProducer).
void StreamThread::renew_or(Phase then) {
  if (!of_tasks() && transactional()) {
    call(Phase::kRenew, then);
  } else {
    phase_ = then;
  }
}

void StreamThread::run_closing_phase(StreamsEnv& env) {
  switch (phase_) {
    case Phase::kCloseDirtyNext:
      return close_dirty_next(env);
    case Phase::kAborted:
      return aborted(env);
    case Phase::kCloseCleanNext:
      return close_clean_next(env);
    case Phase::kProducerClosed:
      return producer_closed(env);
    case Phase::kRenew:
      phase_ = Phase::kRenewed;
      return close_producer(env, shared_.component);
    case Phase::kRenewed:
      remove_producer(env, shared_.component, shared_.transactional_id, error_);
      make_producer(env, shared_, shared_.transactional_id);
      return leave();
    case Phase::kMigrated:
      return close_all_dirty(Phase::kMigratedClosed);
    case Phase::kMigratedClosed:
      return renew_or(Phase::kRejoin);
    case Phase::kRejoin:
      return rejoin_as_new_member(env);
    case Phase::kCorrupted:
      return corrupted(env);
    case Phase::kCloseCorrupted:
      return close_corrupted();
    case Phase::kRevive:
      return revive(env);
    case Phase::kCloseRestorer:
      env.clients.remove(restorer_);
      make_restorer(env);
      return raise(env, StreamsReaction::kCorrupted, std::exchange(corrupted_, {}),
                   Error::kOffsetOutOfRange);
    default:
      return run_last_phase(env);
  }
}

void StreamThread::run_last_phase(StreamsEnv& env) {
  switch (phase_) {
    case Phase::kDie:
      return close_all_dirty(Phase::kStopped);
    case Phase::kStop:
      return stop(env);
    case Phase::kStopped:
      return stopped();
    case Phase::kCloseConsumers:
      return close_consumers(env);
    case Phase::kSharedClosed:
      return shared_closed(env);
    case Phase::kConsumerClosed:
      env.clients.remove(consumer_);
      phase_ = Phase::kRestorerClosed;
      return wait_for(env, restorer_, restorer(env).close(env.context));
    case Phase::kRestorerClosed:
      env.clients.remove(restorer_);
      return ended();
    case Phase::kRestart:
      phase_ = Phase::kCreate;
      return sleep(env, config().restart_backoff);
    default:
      EOSIM_ASSERT(false);
  }
}

}  // namespace eosim::kafka
