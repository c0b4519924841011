// The leader's view of its followers: high watermark, in-sync replicas and their changes
// (groups-streams-replication.md 6.4, 6.5).
#include <algorithm>
#include <utility>

#include "models/broker/replica_manager.h"
#include "models/protocol/events.h"
#include "sim/assert.h"

namespace eosim::kafka {

void ReplicaManager::raise_high_watermark(sim::Context& context, Replica& replica) {
  EOSIM_ASSERT(replica.leads());
  const bool hold = switches_.as<HwUnderMinIsr>(Switch::kHwUnderMinIsr) == HwUnderMinIsr::kHold;
  const Offset offset = high_watermark_candidate(replica, peers_, isr_terms(context), hold);
  if (!replica.log.raise_high_watermark(offset)) return;
  note_move(replica);
  touch(replica);
  context.emit(event_id(Event::kLogHighWatermark),
               {replica.partition.packed(), offset.value, replica.leader_epoch.value});
  report_stable_offset(context, replica);
}

void ReplicaManager::report_stable_offset(sim::Context& context, Replica& replica) {
  const Offset stable = replica.log.last_stable_offset();
  // Within a leader's term it only grows (transactions.md 4.7).
  EOSIM_ASSERT(stable >= replica.reported_stable);
  if (stable == replica.reported_stable) return;
  const bool first = !replica.reported_stable.valid();
  replica.reported_stable = stable;
  if (first && stable == Offset{0}) return;
  context.emit(event_id(Event::kLogLastStableOffset),
               {replica.partition.packed(), stable.value, replica.leader_epoch.value});
}

sim::SteadyTime ReplicaManager::note_session_fetch(sim::Context& context, BrokerId follower) {
  PeerState* peer = peers_.find(follower);
  EOSIM_ASSERT(peer != nullptr);
  ++peer->fetches;
  // Whatever the fetch does not name it asks for again, and may belong into the ISR by now: the
  // follower was unfenced, or another proposal was in the way.
  if (!missing_known_) list_missing();
  for (const Missing& missing : missing_) {
    if (missing.follower != follower) continue;
    Replica& replica = replicas_[missing.replica];
    const FollowerState* state = replica.follower(follower);
    if (state == nullptr || !state->fetching) continue;
    if (const auto isr = expanded_isr(replica, *state, *peer)) propose(replica, *isr);
  }
  return std::exchange(peer->last_fetch, context.steady());
}

void ReplicaManager::list_missing() {
  missing_known_ = true;
  missing_.clear();
  for (const Replica& replica : replicas_) {
    if (!replica.leads() || replica.isr.size() == replica.assigned.size()) continue;
    for (const BrokerId broker : replica.assigned) {
      if (!replica.isr.contains(broker)) missing_.push_back({index_of(replica), broker});
    }
  }
}

void ReplicaManager::note_follower_fetch(sim::Context& context, BrokerId broker, BrokerEpoch epoch,
                                         sim::SteadyTime previous_fetch,
                                         const FetchRequest::Partition& asked) {
  Replica* replica = find_mutable(asked.partition);
  EOSIM_ASSERT(replica != nullptr && replica->leads());
  FollowerState* follower = replica->follower(broker);
  if (follower == nullptr) return;
  const PeerState& peer = *peers_.find(broker);
  follower->epoch = epoch;
  note_fetch(*replica, *follower, peer, previous_fetch, asked.offset);
  if (const auto isr = expanded_isr(*replica, *follower, peer)) propose(*replica, *isr);
  raise_high_watermark(context, *replica);
}

void ReplicaManager::note_follower_gone(TopicPartition partition, BrokerId broker) {
  Replica* replica = find_mutable(partition);
  if (replica == nullptr || !replica->leads()) return;
  FollowerState* follower = replica->follower(broker);
  if (follower == nullptr || !follower->fetching) return;
  follower->caught_up = caught_up_time(*replica, *follower, *peers_.find(broker));
  follower->fetching = false;
}

void ReplicaManager::shrink_isrs(sim::Context& context) {
  for (Replica& replica : replicas_) {
    if (!replica.leads()) continue;
    if (const auto isr = shrunk_isr(replica, peers_, isr_terms(context))) propose(replica, *isr);
  }
}

void ReplicaManager::propose(Replica& replica, const BrokerList& isr) {
  EOSIM_ASSERT(replica.leads() && replica.proposal == 0 && isr.contains(self_));
  replica.pending_isr = isr;
  replica.proposal = ++replica.last_proposal;
  proposals_.push_back(index_of(replica));
}

void ReplicaManager::on_alter_partition(sim::Context& context, uint32_t index, uint32_t proposal,
                                        Error error, const PartitionMetadata& state) {
  Replica& replica = replicas_.at(index);
  if (!replica.leads() || replica.proposal != proposal) return;  // metadata was faster
  switch (alter_reaction(error)) {
    case AlterReaction::kAccept:
      // Another leader epoch: the metadata that says so is on its way.
      if (state.leader_epoch != replica.leader_epoch) return;
      if (state.partition_epoch < replica.partition_epoch) return;
      replica.proposal = 0;
      replica.isr = state.isr;
      replica.partition_epoch = state.partition_epoch;
      missing_known_ = false;
      return raise_high_watermark(context, replica);
    case AlterReaction::kFallBack:
      replica.proposal = 0;
      return raise_high_watermark(context, replica);
    case AlterReaction::kKeepPending:
      return;
    case AlterReaction::kRetry:
      proposals_.push_back(index);
      return;
  }
}

}  // namespace eosim::kafka
