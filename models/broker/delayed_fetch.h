// Fetches that wait for data: Kafka's purgatory of DelayedFetch. A fetch is parked until enough
// bytes lie between its offsets and what its reader may see, an error turns up, or max.wait.ms is
// over. Who may see what is the broker's to know (fetch.cc); here it is only who waits where.
#pragma once

#include <map>
#include <vector>

#include "models/broker/slots.h"
#include "models/protocol/effects.h"
#include "models/protocol/messages.h"
#include "sim/ids.h"

namespace eosim::kafka {

struct ParkedFetch {
  RequestToken request;
  FetchRequest body;
  sim::TimerId timer;
};

class DelayedFetches {
 public:
  SlotId park(ParkedFetch fetch);
  void set_timer(SlotId id, sim::TimerId timer);
  // Null: it was answered.
  const ParkedFetch* find(SlotId id) const { return fetches_.find(id); }
  ParkedFetch take(SlotId id);

  // In the order of parking; shrinks with take().
  const std::vector<SlotId>& watching(TopicPartition partition) { return watchers_[partition]; }
  size_t size() const { return fetches_.size(); }

 private:
  Slots<ParkedFetch> fetches_;
  std::map<TopicPartition, std::vector<SlotId>> watchers_;
};

}  // namespace eosim::kafka
