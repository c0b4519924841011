// One replica on this broker: its log, the role that the applied metadata gives it, and what a
// leader knows of its followers (groups-streams-replication.md 6.1; Kafka's Partition, Replica and
// PartitionState).
#pragma once

#include <cstdint>
#include <vector>

#include "models/log/partition_log.h"
#include "models/protocol/messages.h"
#include "models/protocol/types.h"
#include "sim/ids.h"
#include "sim/time.h"

namespace eosim::kafka {

enum class ReplicaRole : uint8_t {
  kNone,      // no metadata applied yet
  kLeader,    //
  kFollower,  // also while the partition has no leader
};

// What the leader knows of one follower. A follower fetches in a session, which says nothing of a
// partition as long as nothing changes: the times are those of the session's fetches, worked out
// when somebody asks (partition_rules.h).
struct FollowerState {
  BrokerId broker;
  BrokerEpoch epoch;          // as its last fetch said
  Offset end;                 // its log's end; unset: has not fetched in this leader epoch
  sim::SteadyTime caught_up;  // had everything then, at the latest by what was noted
  // The leader's end when the follower fetched last; noted at the first append after that fetch.
  Offset end_at_fetch;
  uint64_t noted_fetch = 0;
  bool fetching = false;  // in the follower's session, without an error
};

struct Replica {
  TopicPartition partition;
  sim::FileId file;  // number of the partition in the cluster: the same whoever has a copy
  ReplicaRole role = ReplicaRole::kNone;
  BrokerId leader;  // unset: none
  LeaderEpoch leader_epoch;
  PartitionEpoch partition_epoch;
  BrokerList assigned;
  BrokerList isr;  // committed
  int32_t min_isr = 1;
  PartitionLog log;

  // Leader only.
  std::vector<FollowerState> followers;  // in the order of `assigned`, without the leader
  Offset epoch_start;                    // where its term began
  BrokerList pending_isr;                // proposed and not decided
  uint32_t proposal = 0;                 // number of the open proposal, 0: none
  uint32_t last_proposal = 0;
  Offset reported_stable;  // last stable offset as last told in this term
  bool moved = false;      // is in the list of take_moved()
  bool touched = false;    // is in the list of take_touched()

  Offset checkpointed{0};  // high watermark as it is on the disk
  Offset flushed{0};       // flush.messages counts from here: Kafka's recovery point

  bool leads() const { return role == ReplicaRole::kLeader; }
  FollowerState* follower(BrokerId broker) {
    for (FollowerState& follower : followers) {
      if (follower.broker == broker) return &follower;
    }
    return nullptr;
  }
};

}  // namespace eosim::kafka
