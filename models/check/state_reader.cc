// The one place that looks into brokers: between steps, const (design.md section 3).
#include "models/broker/broker.h"
#include "models/check/observation.h"
#include "models/protocol/shared.h"

namespace eosim::check {
namespace {

std::string waits_for(const kafka::TransactionDebt& debt) {
  switch (debt.waits_for) {
    case kafka::TransactionWait::kClientOrTimeout:
      return "its client, or its timeout";
    case kafka::TransactionWait::kAppend:
      return "an append to its log";
    case kafka::TransactionWait::kAppendRetry:
      return "another try to append its end";
    case kafka::TransactionWait::kUnresolvedLeader:
      return "the leader of a partition";
    case kafka::TransactionWait::kNothing:
      return "nothing: it is forgotten";
    case kafka::TransactionWait::kMarkers:
      break;
  }
  std::string text = "markers to";
  for (const kafka::BrokerId broker : debt.destinations) {
    text += " broker-" + std::to_string(broker.value);
  }
  return text;
}

void read_logs(const kafka::Broker& broker, Observation& seen) {
  for (const kafka::Replica& replica : broker.replicas().replicas()) {
    PartitionSeen partition;
    partition.partition = replica.partition;
    partition.high_watermark = replica.log.high_watermark();
    partition.stable = replica.log.last_stable_offset();
    partition.end = replica.log.log_end_offset();
    for (const kafka::OpenTransaction& open : replica.log.open_transactions()) {
      partition.open.push_back({open.producer, open.first_offset});
    }
    seen.partitions.push_back(std::move(partition));
  }
}

void read_transactions(const kafka::Broker& broker, const kafka::Names& names, sim::WallTime now,
                       Observation& seen) {
  const kafka::TransactionCoordinator& coordinator = broker.transaction_coordinator();
  coordinator.visit_transactions(
      [&](int32_t, kafka::CoordinatorEpoch, const kafka::TransactionMetadata& metadata) {
        TransactionSeen transaction;
        transaction.tid = metadata.transactional_id;
        transaction.producer = metadata.producer;
        transaction.state =
            metadata.producer.epoch.valid() ? static_cast<int>(metadata.state) : kNoState;
        transaction.pending = metadata.pending.has_value();
        transaction.partitions = metadata.partitions;
        seen.transactions.push_back(std::move(transaction));
      });
  for (const kafka::TransactionDebt& debt : coordinator.debts(names)) {
    for (TransactionSeen& transaction : seen.transactions) {
      if (transaction.tid != debt.transactional_id) continue;
      transaction.waits_for = waits_for(debt);
      transaction.due = now.ms() >= debt.overdue_ms;
    }
  }
}

void read_groups(const kafka::Broker& broker, Observation& seen) {
  for (const kafka::Group& group : broker.group_coordinator().groups()) {
    GroupSeen view;
    view.group = group.name();
    view.state = static_cast<int>(group.state());
    view.generation = group.generation();
    view.members = group.members().size();
    for (const auto& [partition, entry] : group.offsets.committed()) {
      view.committed.emplace_back(partition, entry.offset);
    }
    for (const auto& [producer, entries] : group.offsets.pending_transactional()) {
      for (const auto& [partition, entry] : entries) {
        view.pending.push_back({producer, partition, entry.offset});
      }
    }
    seen.groups.push_back(std::move(view));
  }
}

}  // namespace

Observation observe(const sim::World& world, const std::vector<sim::ProcessId>& brokers) {
  const auto& shared = static_cast<const kafka::KafkaShared&>(world.shared());
  Observation seen;
  seen.complete = true;
  for (const sim::ProcessId id : brokers) {
    const auto& broker = static_cast<const kafka::Broker&>(world.process(id));
    const bool up = world.state(id) == sim::ProcessState::kRunning;
    if (!up || !broker.started() || broker.loading()) {
      seen.complete = false;
      continue;
    }
    read_logs(broker, seen);
    read_transactions(broker, shared.names, world.wall(id), seen);
    read_groups(broker, seen);
  }
  return seen;
}

}  // namespace eosim::check
