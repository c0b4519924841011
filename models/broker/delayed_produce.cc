#include "models/broker/delayed_produce.h"

#include <algorithm>
#include <utility>

#include "sim/assert.h"

namespace eosim::kafka {

SlotId DelayedProduces::park(AppendOwner owner, PartitionAppends partitions) {
  const SlotId id = waits_.put({owner, std::move(partitions), sim::kNoTimer, 0});
  Wait& wait = *waits_.find(id);
  for (const PartitionAppend& append : wait.partitions) {
    if (!append.waiting) continue;
    EOSIM_ASSERT(append.required.valid());
    std::vector<SlotId>& watchers = watchers_[append.partition];
    EOSIM_ASSERT(watchers.empty() || watchers.back() != id);  // a partition once
    watchers.push_back(id);
    ++wait.undecided;
  }
  EOSIM_ASSERT(wait.undecided > 0);
  return id;
}

void DelayedProduces::set_timer(SlotId id, sim::TimerId timer) {
  Wait* wait = waits_.find(id);
  EOSIM_ASSERT(wait != nullptr && wait->timer == sim::kNoTimer);
  wait->timer = timer;
}

void DelayedProduces::reached(TopicPartition partition, Offset high_watermark, Error error,
                              List<FinishedAppend>& finished, std::vector<sim::TimerId>& timers) {
  decide(partition, high_watermark, error, finished, timers);
}

void DelayedProduces::lost_leadership(TopicPartition partition, List<FinishedAppend>& finished,
                                      std::vector<sim::TimerId>& timers) {
  decide(partition, Offset{INT64_MAX}, Error::kNotLeaderOrFollower, finished, timers);
}

void DelayedProduces::decide(TopicPartition partition, Offset limit, Error error,
                             List<FinishedAppend>& finished, std::vector<sim::TimerId>& timers) {
  const auto watched = watchers_.find(partition);
  if (watched == watchers_.end()) return;
  const auto decided = [&](SlotId id) {
    Wait* wait = waits_.find(id);
    EOSIM_ASSERT(wait != nullptr);
    const auto append = std::find_if(
        wait->partitions.begin(), wait->partitions.end(),
        [&](const PartitionAppend& a) { return a.partition == partition && a.waiting; });
    EOSIM_ASSERT(append != wait->partitions.end());
    if (append->required > limit) return false;
    append->waiting = false;
    const bool too_few = error == Error::kNotEnoughReplicasAfterAppend;
    append->error = too_few && !append->min_isr ? Error::kNone : error;
    EOSIM_ASSERT(wait->undecided > 0);
    if (--wait->undecided > 0) return true;
    Wait done = waits_.take(id);
    if (done.timer != sim::kNoTimer) timers.push_back(done.timer);
    finished.push_back({done.owner, std::move(done.partitions)});
    return true;
  };
  std::erase_if(watched->second, decided);
}

void DelayedProduces::expire(SlotId id, List<FinishedAppend>& finished) {
  if (waits_.find(id) == nullptr) return;
  Wait done = waits_.take(id);
  for (PartitionAppend& append : done.partitions) {
    if (!append.waiting) continue;
    append.waiting = false;
    append.error = Error::kRequestTimedOut;
    const auto watched = watchers_.find(append.partition);
    EOSIM_ASSERT(watched != watchers_.end());
    std::erase(watched->second, id);
  }
  finished.push_back({done.owner, std::move(done.partitions)});
}

}  // namespace eosim::kafka
