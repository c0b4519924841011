// Who leads, and what an election does to the ISR and to what stands in reserve beside it
// (groups-streams-replication.md 6.7, 7.3). Kafka: PartitionChangeBuilder.
#include <algorithm>
#include <utility>

#include "models/controller/cluster_state.h"
#include "sim/assert.h"

namespace eosim::kafka {

// KIP-966: who leaves an ISR that is too small by then still has all that was committed, because
// the high watermark was held. `lost` may have lost its tail and is no such replica.
ClusterState::Reserve ClusterState::reserve_beside(TopicPartition tp, const BrokerList& isr,
                                                   BrokerId lost) const {
  if (!elr_on() || static_cast<int32_t>(isr.size()) >= min_isr(tp)) return {};
  const PartitionMetadata& p = partition(tp);
  Reserve beside = reserve(tp);
  beside.elr = {};
  for (const BrokerId replica : p.replicas) {
    const bool had_all = p.isr.contains(replica) || reserve(tp).elr.contains(replica);
    if (had_all && !isr.contains(replica) && replica != lost) beside.elr.push_back(replica);
  }
  return beside;
}

// Keep the leader if it may lead; else the first replica in order that may; without any of the ISR
// (and, with KIP-966, of the reserve) an unclean one, where that is allowed.
ClusterState::Choice ClusterState::choose(TopicPartition tp, const BrokerList& isr,
                                          const Reserve& beside) const {
  const PartitionMetadata& p = partition(tp);
  const auto may_lead = [&](BrokerId broker) {
    return active(broker) && (isr.contains(broker) || (isr.empty() && beside.elr.contains(broker)));
  };
  if (may_lead(p.leader)) return {p.leader};
  const auto clean = std::find_if(p.replicas.begin(), p.replicas.end(), may_lead);
  if (clean != p.replicas.end()) return {*clean};
  if (isr.empty() && beside.elr.empty() && active(beside.last_known_leader)) {
    return {beside.last_known_leader, true};
  }
  if (!config_.topics[tp.topic.value].unclean_leader_election_enable) return {};
  const auto unclean = std::find_if(p.replicas.begin(), p.replicas.end(),
                                    [&](BrokerId broker) { return active(broker); });
  if (unclean != p.replicas.end()) return {*unclean, true};
  return {};
}

// The partition gets this ISR, and a leader for it. Without KIP-966 an ISR is never empty: the last
// member stays, as the only one that may lead again.
void ClusterState::elect(TopicPartition tp, const BrokerList& isr, BrokerId lost) {
  const PartitionMetadata& now = partition(tp);
  Reserve beside = reserve_beside(tp, isr, lost);
  const Choice choice = choose(tp, isr, beside);
  if (choice.unclean) return lead_alone(tp, choice.leader);
  PartitionMetadata next = now;
  next.leader = choice.leader;
  if (!isr.empty() || elr_on()) next.isr = isr;
  if (choice.leader.valid() && !isr.contains(choice.leader)) {
    EOSIM_ASSERT(beside.elr.contains(choice.leader) && isr.empty());
    next.isr = {choice.leader};
    beside.elr.erase(choice.leader);
  }
  change(tp, std::move(next), std::move(beside), choice.leader != now.leader);
}

void ClusterState::lead_alone(TopicPartition tp, BrokerId leader) {
  EOSIM_ASSERT(active(leader) && partition(tp).leader != leader);
  PartitionMetadata next = partition(tp);
  next.leader = leader;
  next.isr = {leader};
  next.recovering = true;
  change(tp, std::move(next), {}, true);
  facts_.push_back(make_event(Event::kUncleanElection,
                              {tp.packed(), leader.value, partition(tp).leader_epoch.value}));
}

void ClusterState::name_leader(TopicPartition tp, BrokerId leader) {
  EOSIM_ASSERT(active(leader) && partition(tp).leader != leader);
  PartitionMetadata next = partition(tp);
  next.leader = leader;
  change(tp, std::move(next), reserve(tp), true);
}

// The only place where a partition changes.
void ClusterState::change(TopicPartition tp, PartitionMetadata next, Reserve beside,
                          bool names_leader) {
  PartitionMetadata& now = at(tp);
  EOSIM_ASSERT(next.leader_epoch == now.leader_epoch);
  EOSIM_ASSERT(next.partition_epoch == now.partition_epoch);
  EOSIM_ASSERT(next.replicas == now.replicas);
  const bool shrinks = std::any_of(now.isr.begin(), now.isr.end(),
                                   [&](BrokerId member) { return !next.isr.contains(member); });
  // Before 3.6, so that a follower that was dropped is fenced by epoch (6.7).
  if (shrinks && config_.switches.on(Switch::kIsrShrinkBumpsLeaderEpoch)) names_leader = true;
  if (elr_on() && next.isr.empty() && now.leader.valid()) beside.last_known_leader = now.leader;
  if (next.leader.valid()) beside.last_known_leader = {};
  Reserve& held = reserves_[tp.topic.value][static_cast<size_t>(tp.partition)];
  if (!names_leader && next == now && beside == held) return;

  if (names_leader) ++next.leader_epoch.value;
  ++next.partition_epoch.value;
  EOSIM_ASSERT(!next.leader.valid() || next.isr.contains(next.leader));
  EOSIM_ASSERT(elr_on() || !next.isr.empty());
  EOSIM_ASSERT(std::all_of(next.isr.begin(), next.isr.end(),
                           [&](BrokerId member) { return next.replicas.contains(member); }));
  EOSIM_ASSERT(std::none_of(beside.elr.begin(), beside.elr.end(),
                            [&](BrokerId member) { return next.isr.contains(member); }));
  now = std::move(next);
  held = std::move(beside);
  changed_.push_back(tp);
}

void ClusterState::elect_preferred() {
  each_partition([&](TopicPartition tp, const PartitionMetadata& p) {
    const BrokerId preferred = p.replicas.front();
    if (p.leader.valid() && p.leader != preferred && p.isr.contains(preferred) &&
        active(preferred)) {
      name_leader(tp, preferred);
    }
  });
}

bool ClusterState::move_leader(TopicPartition tp, BrokerId to) {
  if (!known(tp)) return false;
  const PartitionMetadata& p = partition(tp);
  if (!p.leader.valid()) return false;
  if (!to.valid()) {
    const size_t count = p.replicas.size();
    const auto begin = static_cast<size_t>(
        std::find(p.replicas.begin(), p.replicas.end(), p.leader) - p.replicas.begin());
    for (size_t i = 1; i < count && !to.valid(); ++i) {
      const BrokerId next = p.replicas[(begin + i) % count];
      if (p.isr.contains(next) && active(next)) to = next;
    }
  }
  if (to == p.leader || !p.isr.contains(to) || !active(to)) return false;
  name_leader(tp, to);
  return true;
}

bool ClusterState::elect_unclean(TopicPartition tp, BrokerId to) {
  if (!known(tp)) return false;
  const PartitionMetadata& p = partition(tp);
  const auto can = [&](BrokerId broker) { return broker != p.leader && active(broker); };
  if (to.valid()) {
    if (!p.replicas.contains(to) || !can(to)) return false;
  } else {
    for (const BrokerId replica : p.replicas) {
      if (!can(replica)) continue;
      if (!to.valid()) to = replica;
      if (!p.isr.contains(replica)) {
        to = replica;
        break;
      }
    }
    if (!to.valid()) return false;
  }
  lead_alone(tp, to);
  return true;
}

}  // namespace eosim::kafka
