// Coordinators come and go with the leadership of the partitions that hold their state
// (transactions.md 3.11; groups-streams-replication.md 1.13, 6.9). Their epoch is the leader epoch.
// A coordinator reads its log, up to its end, after a window of its own; before, its requests get
// COORDINATOR_LOAD_IN_PROGRESS. Nothing has to be read of an empty log.
#include <algorithm>
#include <vector>

#include "models/broker/broker.h"
#include "sim/assert.h"

namespace eosim::kafka {

bool Broker::is_coordinator_log(TopicPartition partition) const {
  return partition.topic == config_.transaction_state ||
         partition.topic == config_.consumer_offsets;
}

void Broker::begin_load(sim::Context& context, const Replica& replica) {
  if (replica.partition.topic == config_.transaction_state) {
    transactions_->begin_load(replica.partition.partition, {replica.leader_epoch.value});
  } else {
    groups_->begin_load(replica.partition.partition, replica.leader_epoch);
  }
  coordinators_touched_ = true;
  sim::SteadyTime& end = load_ends_[replica.partition];
  if (replica.log.entries().empty() && end <= context.steady()) {
    return load(context, replica, replica.leader_epoch);
  }
  const sim::LogNormal window = sim::LogNormal::from_median_p99(config_.coordinator_load_median,
                                                                config_.coordinator_load_p99);
  const sim::Duration time = context.choices().log_normal(load_stream_, window);
  ++loads_;
  // Loads of one partition end in the order of their terms: they are tasks of one thread.
  end = std::max(end, context.steady() + time);
  context.set_timer(context.actor(), end - context.steady(),
                    timer_tag(BrokerTimer::kLoaded, replicas_.index_of(replica),
                              static_cast<uint64_t>(replica.leader_epoch.value)));
}

void Broker::on_loaded(sim::Context& context, uint32_t index, LeaderEpoch epoch) {
  EOSIM_ASSERT(loads_ > 0);
  --loads_;
  const Replica& replica = replicas_.at(index);
  const bool transactions = replica.partition.topic == config_.transaction_state;
  // Led anew meanwhile: the load of the older term ends, and that of the newer one follows. A group
  // coordinator skips it.
  if (replica.leads() && (transactions || replica.leader_epoch == epoch)) {
    return load(context, replica, epoch);
  }
  if (!transactions) return;
  // A load that lost its partition has no log end to read up to. It ends all the same: unless the
  // resignation has cancelled it, the coordinator still waits for it (3.11, KAFKA-18137).
  TransactionCoordinator::Effects effects;
  transactions_->finish_load(environment(context), replica.partition.partition, {epoch.value}, {},
                             effects);
  carry_out(context, effects);
}

void Broker::load(sim::Context& context, const Replica& replica, LeaderEpoch epoch) {
  const int32_t partition = replica.partition.partition;
  if (replica.partition.topic == config_.transaction_state) {
    std::vector<BatchId> batches;
    batches.reserve(replica.log.entries().size());
    for (const LogEntry& entry : replica.log.entries()) batches.push_back(entry.batch);
    TransactionCoordinator::Effects effects;
    transactions_->finish_load(environment(context), partition, {epoch.value}, batches, effects);
    return carry_out(context, effects);
  }
  std::vector<GroupCoordinator::LogEntry> entries;
  entries.reserve(replica.log.entries().size());
  for (const LogEntry& entry : replica.log.entries()) {
    entries.push_back({entry.base_offset, entry.batch});
  }
  const bool loads = groups_->ownership(partition) == GroupCoordinator::Ownership::kLoading;
  GroupCoordinator::Effects effects;
  groups_->finish_load(environment(context), partition, epoch, entries, effects);
  carry_out(context, effects);
  if (loads) wait_for_loaded(replica);
}

// The log may still lose what lies above the high watermark: for whom that matters, it is like a
// write that is not replicated yet (groups-streams-replication.md 1.14).
void Broker::wait_for_loaded(const Replica& replica) {
  const PartitionLog& log = replica.log;
  if (log.high_watermark() == log.log_end_offset()) return;
  const auto token = groups_->wait_for_loaded(replica.partition.partition);
  if (!token) return;
  AppendOwner owner;
  owner.kind = AppendOwner::Kind::kGroup;
  owner.token = *token;
  PartitionAppend loaded;
  loaded.partition = replica.partition;
  loaded.base_offset = log.log_start_offset();
  loaded.required = log.log_end_offset();
  loaded.waiting = true;
  loaded.min_isr = false;
  PartitionAppends waits;
  waits.push_back(loaded);
  delayed_produces_.park(owner, std::move(waits));
}

void Broker::resign(sim::Context& context, const Replica& replica) {
  const int32_t partition = replica.partition.partition;
  if (replica.partition.topic == config_.transaction_state) {
    TransactionCoordinator::Effects effects;
    transactions_->resign(partition, {replica.leader_epoch.value}, effects);
    return carry_out(context, effects);
  }
  GroupCoordinator::Effects effects;
  groups_->resign(partition, replica.leader_epoch, effects);
  carry_out(context, effects);
}

}  // namespace eosim::kafka
