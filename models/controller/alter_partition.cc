// AlterPartition: a leader proposes an ISR (groups-streams-replication.md 6.5). Kafka:
// ReplicationControlManager.alterPartition.
#include <algorithm>
#include <utility>

#include "models/controller/cluster_state.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

bool within_replicas(const AlterPartitionRequest::Partition& wanted, const BrokerList& replicas) {
  if (wanted.isr.empty() || wanted.isr.size() > replicas.size()) return false;
  for (auto member = wanted.isr.begin(); member != wanted.isr.end(); ++member) {
    if (!replicas.contains(member->broker)) return false;
    const bool twice = std::any_of(wanted.isr.begin(), member, [&](const auto& earlier) {
      return earlier.broker == member->broker;
    });
    if (twice) return false;
  }
  return true;
}

}  // namespace

// KIP-841, KIP-903.
bool ClusterState::eligible_for_isr(const AlterPartitionRequest::Replica& replica) const {
  return active(replica.broker) &&
         (!replica.epoch.valid() || broker(replica.broker).epoch == replica.epoch);
}

Error ClusterState::refusal(BrokerId sender, const AlterPartitionRequest::Partition& wanted) const {
  if (!known(wanted.partition)) return Error::kUnknownTopicOrPartition;
  const PartitionMetadata& p = partition(wanted.partition);
  if (wanted.leader_epoch < p.leader_epoch) return Error::kFencedLeaderEpoch;
  if (wanted.partition_epoch < p.partition_epoch) return Error::kInvalidUpdateVersion;
  // The leader knows what we do not: somebody else must be the controller.
  if (wanted.leader_epoch > p.leader_epoch || wanted.partition_epoch > p.partition_epoch) {
    return Error::kNotController;
  }
  if (sender != p.leader) return Error::kInvalidRequest;
  if (!std::all_of(wanted.isr.begin(), wanted.isr.end(),
                   [&](const auto& replica) { return eligible_for_isr(replica); })) {
    return Error::kIneligibleReplica;
  }
  const bool with_leader = std::any_of(wanted.isr.begin(), wanted.isr.end(),
                                       [&](const auto& r) { return r.broker == p.leader; });
  if (!with_leader || !within_replicas(wanted, p.replicas)) return Error::kInvalidRequest;
  // Who is still recovering is alone; who has recovered does not begin again.
  if (wanted.recovering && (wanted.isr.size() > 1 || !p.recovering)) return Error::kInvalidRequest;
  return Error::kNone;
}

AlterPartitionResponse ClusterState::alter_partitions(const AlterPartitionRequest& request) {
  AlterPartitionResponse response;
  // Of this request Kafka says STALE_BROKER_EPOCH to unknown brokers too.
  if (check_epoch(request.broker, request.broker_epoch) != Error::kNone) {
    response.error = Error::kStaleBrokerEpoch;
    return response;
  }
  response.partitions.reserve(request.partitions.size());
  for (const AlterPartitionRequest::Partition& wanted : request.partitions) {
    AlterPartitionResponse::Partition& answer = response.partitions.emplace_back();
    answer.partition = wanted.partition;
    answer.error = refusal(request.broker, wanted);
    if (answer.error != Error::kNone) continue;
    PartitionMetadata next = partition(wanted.partition);
    next.isr = {};
    for (const auto& replica : wanted.isr) next.isr.push_back(replica.broker);
    next.recovering = wanted.recovering;
    Reserve beside = reserve_beside(wanted.partition, next.isr, {});
    change(wanted.partition, std::move(next), std::move(beside), false);
    answer.state = partition(wanted.partition);
  }
  return response;
}

}  // namespace eosim::kafka
