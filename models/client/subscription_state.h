// What a consumer reads and where it stands, by partition (groups-streams-replication.md 3.6).
// INITIALIZING -> (OffsetFetch) -> FETCHING; without a committed offset AWAIT_RESET ->
// (ListOffsets) -> FETCHING. A position of which the epoch is known and that meets a new leader
// takes a turn: AWAIT_VALIDATION -> (OffsetForLeaderEpoch) -> FETCHING (KIP-320). The position is
// that of the application: it advances when records are returned, not when they are fetched.
#pragma once

#include "models/client/consumer_config.h"
#include "models/client/metadata_cache.h"
#include "sim/time.h"

namespace eosim::kafka {

enum class PositionState : uint8_t { kInitializing, kAwaitReset, kAwaitValidation, kFetching };

struct PartitionPosition {
  TopicPartition partition;
  PositionState state = PositionState::kInitializing;
  Offset position;                             // valid iff kAwaitValidation or kFetching
  LeaderEpoch offset_epoch;                    // of the batch before it; unset: not known
  MetadataCache::Leader leader;                // that it is fetched from, and has been held against
  OffsetReset reset = OffsetReset::kEarliest;  // kAwaitReset: where to
  bool paused = false;                         // by the application; ends with the assignment
  uint64_t assigned_at = 0;                    // number of the assignment that brought it
  sim::SteadyTime retry_at;                    // no request for it before
};

class SubscriptionState {
 public:
  void subscribe(List<TopicId> topics);  // sorted by this
  const List<TopicId>& topics() const { return topics_; }
  bool group_managed() const { return group_managed_; }

  // Replaces the assignment. What stays keeps its position; the rest begins anew.
  void assign(List<TopicPartition> partitions);
  void assign_by_hand(List<TopicPartition> partitions);
  // One more with every assignment: what was asked of a partition under a number before its
  // assigned_at is of the past.
  uint64_t assignment_number() const { return assignment_number_; }
  const List<PartitionPosition>& partitions() const { return partitions_; }
  List<TopicPartition> assignment() const;  // sorted

  const PartitionPosition* find(TopicPartition partition) const;
  bool fetchable(TopicPartition partition) const;
  List<TopicPartition> initializing() const;
  bool all_positions_known() const;

  // With an epoch the position has to be validated, without one it cannot be.
  void seek(TopicPartition partition, Offset offset, LeaderEpoch offset_epoch = {});
  void request_reset(TopicPartition partition, OffsetReset reset);
  void advance(TopicPartition partition, Offset offset, LeaderEpoch offset_epoch);
  // Positions go over to the leaders of the newest metadata
  // (SubscriptionState.maybeValidatePositionForCurrentLeader). Where there is none they stay.
  void meet_leaders(const MetadataCache& metadata);
  // Its leader has all that was read; or it parts from that at an earlier offset.
  void validated(TopicPartition partition);
  void truncated(TopicPartition partition, Offset offset, LeaderEpoch offset_epoch);
  void pause(TopicPartition partition, bool paused);
  void back_off(TopicPartition partition, sim::SteadyTime until);

 private:
  PartitionPosition& at(TopicPartition partition);

  List<TopicId> topics_;
  bool group_managed_ = false;
  uint64_t assignment_number_ = 0;
  List<PartitionPosition> partitions_;  // sorted
};

// Of two sorted lists, what the second one has not.
List<TopicPartition> without(const List<TopicPartition>& all, const List<TopicPartition>& some);

}  // namespace eosim::kafka
