// What careless applications do in the loop with one producer a thread (mistakes.h).
#include "models/app/thread_producer_loop.h"

namespace eosim::kafka {

// send_before_begin: the exception is swallowed, and the records are sent again. Since 3.1.1 those
// of before are in the accumulator all the same (transactions.md 5.5). true: it blocks.
bool ThreadProducerLoop::send_too_early(LoopEnv& env) {
  Sending first;
  send_outputs(env, producer_, polled_.records, first, 1);
  if (!waits()) return false;
  phase_ = Phase::kBegin;
  return true;
}

// auto_commit: the consumer commits what it has handed out, and asks nobody whether it was
// processed. Its own commit is asynchronous and happens inside poll(); here poll() follows it.
// true: it is time for it.
bool ThreadProducerLoop::auto_commit(LoopEnv& env) {
  constexpr sim::Duration kInterval = sim::seconds(5);  // auto.commit.interval.ms
  if (env.context.steady() - auto_committed_ < kInterval) return false;
  auto_committed_ = env.context.steady();
  List<OffsetAndEpoch> handed_out;
  for (const TopicPartition partition : consumer(env).assignment()) {
    const std::optional<OffsetAndEpoch> position = consumer(env).consumed(partition);
    if (position) handed_out.push_back(*position);
  }
  if (handed_out.empty()) return false;
  phase_ = Phase::kAutoCommitted;
  commit_plain_offsets(env, handed_out);
  return true;
}

// offsets_in_callback: those of outputs that are acknowledged. What was sent last never is yet; its
// callbacks come while the commit waits, and their offsets go with the next transaction.
void ThreadProducerLoop::note_callbacks(LoopEnv& env) {
  if (!careless(Mistake::kOffsetsInCallback) || producer(env).incomplete_batches() > 0) return;
  for (const auto& [partition, offset] : work_) collected_[partition] = offset;
}

// ambiguous_commit_is_failure: back to where the transaction began, by what the thread remembers,
// with a new producer. That one waits until the transaction is decided, but nobody looks how.
void ThreadProducerLoop::take_for_failure(LoopEnv& env) {
  for (const auto& [partition, offset] : began_at_) {
    if (consumer(env).assigned(partition)) consumer(env).seek(env.context, partition, offset);
  }
  replace_producer(env);
}

void ThreadProducerLoop::replace_producer(LoopEnv& env) {
  forget_work();
  phase_ = Phase::kReplaced;
  close_producer(env, producer_, 0);
}

void ThreadProducerLoop::replaced(LoopEnv& env) {
  remove_producer(env, producer_, transactional_id(env), Error::kNone);
  producer_ = create_producer(env, transactional_id(env));
  phase_ = Phase::kInit;
}

// retry_saved_commits: whatever has been committed since.
void ThreadProducerLoop::commit_saved(LoopEnv& env) {
  phase_ = Phase::kSavedCommitted;
  commit_plain_offsets(env, saved_);
}

void ThreadProducerLoop::saved_committed(LoopEnv&) {
  saved_.clear();
  after_work();
}

}  // namespace eosim::kafka
