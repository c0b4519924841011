// The first step of an incarnation: logs come back from the disk, and the coordinators from their
// logs (transactions.md 3.11, 4.10; groups-streams-replication.md 1.13, 2.7).
//
// Kafka opens its port when its logs have been recovered; that takes no time here. The coordinators
// then read their logs in the background, partition after partition. Here all of them are read at
// the end of one window, and until then requests get COORDINATOR_LOAD_IN_PROGRESS.
#include <string>
#include <utility>

#include "models/broker/broker.h"
#include "sim/assert.h"
#include "sim/world.h"

namespace eosim::kafka {
namespace {

// In Kafka a broker that died leads again under a higher leader epoch, and by that epoch the
// leaders tell its markers from those of its past life that arrive late
// (TRANSACTION_COORDINATOR_FENCED, transactions.md 3.12). Leader epochs do not move yet, so the
// coordinator counts its lives itself.
CoordinatorEpoch coordinator_epoch(sim::Context& context, const Replica& replica) {
  const uint32_t lives = context.world().incarnation(context.process());
  EOSIM_ASSERT(lives > 0);
  return {replica.leader_epoch.value + static_cast<int32_t>(lives - 1)};
}

}  // namespace

void Broker::start(sim::Context& context) {
  const MetadataImage& cluster = image(context);
  const uint32_t incarnation = context.world().incarnation(context.process());
  const std::string name(context.name(context.process()));
  started_ = true;
  replicas_ = ReplicaManager(config_, cluster);
  const int16_t version = config_.versions[static_cast<size_t>(Rpc::kWriteTxnMarkers)].max;
  marker_sender_ = MarkerSender({version, config_.request_timeout_ms}, cluster.brokers);
  materialisation_stream_ = context.choices().stream("offsets-worker " + name);
  materialisation_delay_ = sim::LogNormal::from_median_p99(config_.offset_materialisation_median,
                                                           config_.offset_materialisation_p99);
  transactions_.emplace(transaction_coordinator_config(config_, cluster));
  groups_.emplace(group_coordinator_config(config_, cluster, incarnation));
  coordinators_touched_ = true;
  arm_producer_expiry(context);

  replicas_.recover(context);
  transactions_->on_start(environment(context));
  bool empty = true;
  for (const Replica& replica : replicas_.replicas()) {
    if (!is_coordinator_log(replica.partition)) continue;
    empty = empty && replica.log.entries().empty();
    if (replica.partition.topic == config_.transaction_state) {
      transactions_->begin_load(replica.partition.partition, coordinator_epoch(context, replica));
    } else {
      groups_->begin_load(replica.partition.partition, replica.leader_epoch);
    }
  }
  loading_ = true;
  if (empty) return load_coordinators(context);
  const sim::StreamId stream = context.choices().stream("coordinator-load " + name);
  const sim::Duration window = context.choices().log_normal(
      stream, sim::LogNormal::from_median_p99(config_.coordinator_load_median,
                                              config_.coordinator_load_p99));
  context.set_timer(context.actor(), window, timer_tag(BrokerTimer::kLoaded));
}

bool Broker::is_coordinator_log(TopicPartition partition) const {
  return partition.topic == config_.transaction_state ||
         partition.topic == config_.consumer_offsets;
}

void Broker::load_coordinators(sim::Context& context) {
  EOSIM_ASSERT(loading_);
  loading_ = false;
  // Effects are carried out after each partition, and may append to other logs than the one that
  // was read.
  for (const Replica& replica : replicas_.replicas()) {
    if (replica.partition.topic == config_.transaction_state) load_transactions(context, replica);
    if (replica.partition.topic == config_.consumer_offsets) load_offsets(context, replica);
  }
}

void Broker::load_transactions(sim::Context& context, const Replica& replica) {
  std::vector<BatchId> batches;
  for (const LogEntry& entry : replica.log.entries()) batches.push_back(entry.batch);
  TransactionCoordinator::Effects effects;
  transactions_->finish_load(environment(context), replica.partition.partition,
                             coordinator_epoch(context, replica), batches, effects);
  carry_out(context, effects);
}

void Broker::load_offsets(sim::Context& context, const Replica& replica) {
  std::vector<GroupCoordinator::LogEntry> entries;
  for (const LogEntry& entry : replica.log.entries()) {
    entries.push_back({entry.base_offset, entry.batch});
  }
  GroupCoordinator::Effects effects;
  groups_->finish_load(environment(context), replica.partition.partition, replica.leader_epoch,
                       entries, effects);
  carry_out(context, effects);
}

}  // namespace eosim::kafka
