// Appends with acks=all that wait for the high watermark: Kafka's purgatory of DelayedProduce.
//
// One wait is one call of appendRecords: it may span partitions and ends as a whole, when each of
// them is decided: the high watermark passed its last record, leadership went, or time ran out.
// What was written stays in the log in every case (groups-streams-replication.md 6.2 step 5).
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "models/broker/slots.h"
#include "models/protocol/effects.h"
#include "models/protocol/errors.h"
#include "models/protocol/types.h"
#include "sim/ids.h"
#include "sim/small_list.h"

namespace eosim::kafka {

// To whom the outcome of an append goes.
struct AppendOwner {
  enum class Kind : uint8_t { kProduce, kTransaction, kGroup, kMarkers };
  Kind kind = Kind::kProduce;
  RequestToken request;  // kProduce
  int16_t acks = -1;     // kProduce
  int16_t version = 0;   // kProduce: of the request
  uint64_t token = 0;    // coordinators: their own; kMarkers: SlotId of the MarkerWrite
  uint32_t marker = 0;   // kMarkers: which marker of the request
};

// One partition of a call. While `waiting`, `error` means nothing yet.
struct PartitionAppend {
  TopicPartition partition;
  Error error = Error::kNone;
  Offset base_offset;
  Offset required;  // the high watermark that decides it
  bool waiting = false;
  bool min_isr = true;  // too few replicas at its end are an error
  Encounter met;
};
using PartitionAppends = sim::SmallList<PartitionAppend, 2>;

struct FinishedAppend {
  AppendOwner owner;
  PartitionAppends partitions;
};

class DelayedProduces {
 public:
  // At least one partition waits. `timer` is what expire() will be called for.
  SlotId park(AppendOwner owner, PartitionAppends partitions);
  void set_timer(SlotId id, sim::TimerId timer);

  // Everything of the partition that waits for an offset up to this one is decided, in the order of
  // parking. What ends goes to `finished`, its timer to `timers`, to be cancelled.
  void reached(TopicPartition partition, Offset high_watermark, Error error,
               List<FinishedAppend>& finished, std::vector<sim::TimerId>& timers);
  // This broker does not lead the partition any more.
  void lost_leadership(TopicPartition partition, List<FinishedAppend>& finished,
                       std::vector<sim::TimerId>& timers);
  // Time is up: what still waits gets REQUEST_TIMED_OUT.
  void expire(SlotId id, List<FinishedAppend>& finished);

  size_t size() const { return waits_.size(); }
  // Partitions that something waits for.
  size_t watched() const {
    return static_cast<size_t>(
        std::ranges::count_if(watchers_, [](const auto& entry) { return !entry.second.empty(); }));
  }

 private:
  struct Wait {
    AppendOwner owner;
    PartitionAppends partitions;
    sim::TimerId timer;
    uint32_t undecided = 0;
  };
  void decide(TopicPartition partition, Offset limit, Error error, List<FinishedAppend>& finished,
              std::vector<sim::TimerId>& timers);

  Slots<Wait> waits_;
  // In the order of parking. Lists stay when they are empty: the next append uses them again.
  std::map<TopicPartition, std::vector<SlotId>> watchers_;
};

}  // namespace eosim::kafka
