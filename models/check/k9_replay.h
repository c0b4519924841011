// K9 replay. What is kept in memory is what the log says: the producer state, open and aborted
// transactions of a log (transactions.md P5, P9, P16, P18), the cache of a transaction coordinator
// (T19) and of a group coordinator (groups-streams-replication.md O4, O8); and the last stable
// offset that a leader tells is the one that follows from its batches (P7).
//
// At moments that the number of a partition's appends decides, ever rarer as its log grows, so that
// the cost of an append stays the same; and at quiescence for all. Between steps of brokers: when
// some other process tells something. Not checked: what the rebuild is allowed to know less of (see
// models/log/replay_check.h).
#pragma once

#include "models/check/check_context.h"
#include "models/check/cluster_view.h"

namespace eosim::check {

class Replay {
 public:
  static bool wants(Event fact) {
    return fact == Event::kLogAppended || fact == Event::kLogMarkerAppended ||
           fact == Event::kLogLastStableOffset;
  }
  // And any fact, that may come at a moment to look.
  bool wants_to_look() const { return !due_.empty(); }
  void on_fact(const CheckContext& context, const ClusterView* view);
  void at_quiescence(const CheckContext& context, const ClusterView* view);

 private:
  struct Moment {
    uint64_t appends = 0;
    uint64_t next = 8;
  };

  void note(TopicPartition partition);
  static void compare(const CheckContext& context, const ClusterView& view,
                      TopicPartition partition, std::span<const ReplicaSeen> copies);
  static void compare_one(const CheckContext& context, const ClusterView& view,
                          TopicPartition partition, uint64_t pick);
  static void coordinator(const CheckContext& context, const ClusterView& view,
                          TopicPartition partition);

  PartitionMap<Moment> moments_;
  std::vector<TopicPartition> due_;
};

}  // namespace eosim::check
