#include "models/broker/delayed_fetch.h"

#include <utility>

#include "sim/assert.h"

namespace eosim::kafka {

SlotId DelayedFetches::park(ParkedFetch fetch) {
  EOSIM_ASSERT(!fetch.body.partitions.empty());
  const SlotId id = fetches_.put(std::move(fetch));
  for (const FetchRequest::Partition& partition : fetches_.find(id)->body.partitions) {
    std::vector<SlotId>& watchers = watchers_[partition.partition];
    // A partition that a request names twice is watched once.
    if (watchers.empty() || watchers.back() != id) watchers.push_back(id);
  }
  return id;
}

void DelayedFetches::set_timer(SlotId id, sim::TimerId timer) {
  ParkedFetch* fetch = fetches_.find(id);
  EOSIM_ASSERT(fetch != nullptr && fetch->timer == sim::kNoTimer);
  fetch->timer = timer;
}

ParkedFetch DelayedFetches::take(SlotId id) {
  ParkedFetch fetch = fetches_.take(id);
  // Lists of watchers stay when they are empty: the next fetch of the partition uses them again.
  for (const FetchRequest::Partition& partition : fetch.body.partitions) {
    std::erase(watchers_[partition.partition], id);
  }
  return fetch;
}

}  // namespace eosim::kafka
