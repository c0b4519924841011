// Roles: what applied metadata makes of each replica (groups-streams-replication.md 6.4, 6.9;
// Kafka's Partition.makeLeader and makeFollower).
#include <algorithm>

#include "models/broker/replica_manager.h"
#include "models/protocol/events.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// Caught up never, as far as one knows.
constexpr sim::SteadyTime kLongAgo{INT64_MIN / 2};

std::vector<FollowerState> fresh_followers(const Replica& replica, BrokerId self,
                                           sim::SteadyTime now) {
  std::vector<FollowerState> followers;
  followers.reserve(replica.assigned.size());
  for (const BrokerId broker : replica.assigned) {
    if (broker == self) continue;
    FollowerState follower;
    follower.broker = broker;
    follower.caught_up = replica.isr.contains(broker) ? now : kLongAgo;
    followers.push_back(follower);
  }
  return followers;
}

void report_leader(sim::Context& context, const Replica& replica) {
  const PartitionLog& log = replica.log;
  const int64_t partition = replica.partition.packed();
  context.emit(event_id(Event::kLeaderStarted),
               {partition, replica.leader_epoch.value, log.high_watermark().value,
                log.log_end_offset().value});
  const auto entries = log.entries();
  for (size_t i = log.entry_index(log.high_watermark()); i < entries.size(); ++i) {
    context.emit(event_id(Event::kLogTail),
                 {partition, entries[i].base_offset.value, entries[i].end_offset().value - 1,
                  entries[i].batch.index, replica.leader_epoch.value});
  }
}

}  // namespace

void ReplicaManager::apply(sim::Context& context, const MetadataImage& image) {
  peers_.apply(image.brokers);
  for (Replica& replica : replicas_) {
    const PartitionMetadata& state =
        image.topics.at(replica.partition.topic.value)
            .partitions.at(static_cast<size_t>(replica.partition.partition));
    // An answer to AlterPartition may have told of a newer state already.
    const bool known = replica.role != ReplicaRole::kNone &&
                       state.partition_epoch <= replica.partition_epoch &&
                       state.leader_epoch <= replica.leader_epoch;
    if (known || state.partition_epoch < replica.partition_epoch) continue;
    if (state.leader == self_) {
      become_leader(context, replica, state);
    } else {
      become_follower(context, replica, state);
    }
  }
  missing_known_ = false;
}

void ReplicaManager::become_leader(sim::Context& context, Replica& replica,
                                   const PartitionMetadata& state) {
  const bool led = replica.leads();
  EOSIM_ASSERT(state.leader_epoch >= replica.leader_epoch);
  EOSIM_ASSERT(state.isr.contains(self_));
  const bool new_term = !led || state.leader_epoch > replica.leader_epoch;
  // What was proposed is decided by now, one way or the other.
  replica.proposal = 0;
  replica.isr = state.isr;
  replica.partition_epoch = state.partition_epoch;
  if (new_term) {
    replica.role = ReplicaRole::kLeader;
    replica.leader = self_;
    replica.leader_epoch = state.leader_epoch;
    replica.epoch_start = replica.log.log_end_offset();
    // Also if nothing will be appended: who has records beyond this point parts from this log here.
    replica.log.begin_leader_epoch(replica.leader_epoch);
    write_epochs(context, replica);
    // Who led already knows its followers' ends still; a new leader knows none, so that its high
    // watermark stands until each of the ISR has fetched in this epoch.
    if (!led) replica.followers = fresh_followers(replica, self_, context.steady());
    replica.reported_stable = {};
    report_leader(context, replica);
    role_changes_.push_back({index_of(replica), led});
    touch(replica);
    report_stable_offset(context, replica);
  }
  raise_high_watermark(context, replica);
}

void ReplicaManager::become_follower(sim::Context& context, Replica& replica,
                                     const PartitionMetadata& state) {
  const bool led = replica.leads();
  const bool changed = replica.role != ReplicaRole::kFollower || replica.leader != state.leader ||
                       replica.leader_epoch != state.leader_epoch;
  replica.role = ReplicaRole::kFollower;
  replica.leader = state.leader;
  replica.leader_epoch = state.leader_epoch;
  replica.partition_epoch = state.partition_epoch;
  replica.isr = state.isr;
  replica.proposal = 0;
  if (led) {
    replica.followers.clear();
    touch(replica);  // sessions are told
  }
  if (!changed) return;
  if (truncates_to_high_watermark()) truncate(context, replica, replica.log.high_watermark());
  context.emit(event_id(Event::kFollowerStarted),
               {replica.partition.packed(), replica.leader_epoch.value, replica.leader.value,
                replica.log.log_end_offset().value});
  role_changes_.push_back({index_of(replica), led});
}

}  // namespace eosim::kafka
