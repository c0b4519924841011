// What a Streams application computes, as plain data: sub-topologies that are connected by
// repartition topics, a task for each partition of a sub-topology's sources
// (groups-streams-replication.md 5.1).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/protocol/types.h"

namespace eosim::kafka {

struct TopicShape {
  TopicId topic;
  std::string name;
  int32_t partitions = 1;
};

// "1_3": partition 3 of every source topic of sub-topology 1.
struct TaskId {
  int32_t sub = -1;
  int32_t partition = -1;
  friend constexpr auto operator<=>(TaskId, TaskId) = default;
  std::string text() const { return std::to_string(sub) + "_" + std::to_string(partition); }
};

enum class Processor : uint8_t {
  kMap,        // each record becomes fan_out records
  kSelectKey,  // a record gets the key that it is counted under
  kCount       // counts the records of a key in a store, and tells each new count
};

struct SubTopology {
  Processor processor = Processor::kMap;
  List<TopicShape> sources;
  List<TopicShape> sinks;
  // Of the store, if it has one: a partition for each task.
  std::optional<TopicShape> changelog;
};

struct Topology {
  List<SubTopology> subs;
  int32_t keys = 1;  // records are counted under their key modulo this
};

}  // namespace eosim::kafka
