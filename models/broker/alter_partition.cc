// ISR proposals on their way to the controller, one request in flight with all that waited
// (groups-streams-replication.md 6.5; Kafka's AlterPartitionManager).
#include <utility>

#include "models/broker/broker.h"
#include "models/broker/timers.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

constexpr sim::Duration kAlterBackoff = sim::milliseconds(50);

AlterPartitionRequest::Partition proposal_of(const Replica& replica, BrokerId self,
                                             BrokerEpoch epoch) {
  AlterPartitionRequest::Partition partition;
  partition.partition = replica.partition;
  partition.leader_epoch = replica.leader_epoch;
  partition.partition_epoch = replica.partition_epoch;
  for (const BrokerId broker : replica.pending_isr) {
    BrokerEpoch known = epoch;
    if (broker != self) {
      for (const FollowerState& follower : replica.followers) {
        if (follower.broker == broker) known = follower.epoch;
      }
    }
    partition.isr.push_back({broker, known});
  }
  return partition;
}

}  // namespace

void Broker::send_proposals(sim::Context& context) {
  if (replicas_.any_proposals()) {
    for (const uint32_t replica : replicas_.take_proposals()) proposals_.push_back(replica);
  }
  PeerLine& line = controller_[kAlterLine];
  if (proposals_.empty() || line.in_flight() || alter_resting_ || !has_controller()) return;
  AlterPartitionRequest request;
  request.broker = config_.id;
  request.broker_epoch = broker_epoch_;
  EOSIM_ASSERT(sent_proposals_.empty());
  for (const uint32_t index : std::exchange(proposals_, {})) {
    const Replica& replica = replicas_.at(index);
    if (!replica.leads() || replica.proposal == 0) continue;  // metadata has settled it
    request.partitions.push_back(proposal_of(replica, config_.id, broker_epoch_));
    sent_proposals_.push_back({index, replica.proposal});
  }
  if (!sent_proposals_.empty()) line.send(context, std::move(request));
}

// Null: no answer.
void Broker::on_altered(sim::Context& context, const AlterPartitionResponse* response) {
  const List<SentProposal> sent = std::exchange(sent_proposals_, {});
  const bool answered = response != nullptr && response->error == Error::kNone;
  EOSIM_ASSERT(!answered || response->partitions.size() == sent.size());
  bool again = !answered;
  for (size_t i = 0; i < sent.size(); ++i) {
    if (!answered) {
      replicas_.on_alter_partition(context, sent[i].replica, sent[i].proposal,
                                   Error::kNetworkException, {});
      continue;
    }
    const AlterPartitionResponse::Partition& answer = response->partitions[i];
    again = again || alter_reaction(answer.error) == AlterReaction::kRetry;
    replicas_.on_alter_partition(context, sent[i].replica, sent[i].proposal, answer.error,
                                 answer.state);
  }
  if (!again || alter_resting_) return;
  alter_resting_ = true;
  context.set_timer(context.actor(), kAlterBackoff, timer_tag(BrokerTimer::kAlterRetry));
}

}  // namespace eosim::kafka
