// Where each leader epoch of a partition's log began (groups-streams-replication.md 6.6; Kafka's
// LeaderEpochFileCache). Two replicas find with it where their logs part.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "models/protocol/types.h"

namespace eosim::kafka {

struct EpochStart {
  LeaderEpoch epoch;
  Offset start_offset;
  friend bool operator==(const EpochStart&, const EpochStart&) = default;
};

struct EpochEnd {
  LeaderEpoch epoch;
  Offset end_offset;
  friend bool operator==(const EpochEnd&, const EpochEnd&) = default;
};

// Entries have strictly increasing epochs and start offsets.
class EpochCache {
 public:
  // The epoch begins here; nothing happens if it is the latest already. An earlier epoch that
  // never got a record gives its place up, and so does a later one: what it began is gone.
  void assign(LeaderEpoch epoch, Offset start_offset);
  // The greatest epoch that is at most the asked one, and where it ends in a log that ends at
  // `log_end`. None: unknown here.
  std::optional<EpochEnd> end_offset_for(LeaderEpoch asked, Offset log_end) const;
  std::optional<LeaderEpoch> latest() const {
    if (starts_.empty()) return std::nullopt;
    return starts_.back().epoch;
  }
  std::span<const EpochStart> all() const { return starts_; }
  // The log ends here now, also if it did before: epochs that begin here have no record left.
  void truncate_end(Offset end);
  // The log begins here now: the epoch that goes on here begins here, earlier ones are forgotten.
  void truncate_start(Offset start);
  // As read from a disk, less what begins at or above the end of the log.
  void load(std::span<const EpochStart> starts, Offset log_end);
  void clear() { starts_.clear(); }
  friend bool operator==(const EpochCache&, const EpochCache&) = default;

 private:
  std::vector<EpochStart> starts_;
};

}  // namespace eosim::kafka
