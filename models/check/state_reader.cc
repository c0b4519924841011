// The one place that looks into brokers: between steps, const (design.md section 3).
#include <algorithm>
#include <utility>

#include "models/broker/broker.h"
#include "models/check/cluster_view.h"
#include "models/check/observation.h"
#include "models/group/replay.h"
#include "models/log/replay_check.h"
#include "models/protocol/shared.h"
#include "models/transaction/replay.h"

namespace eosim::check {
namespace {

const kafka::KafkaShared& shared_of(const sim::World& world) {
  return static_cast<const kafka::KafkaShared&>(world.shared());
}

// Null: it is down, or has not read its logs yet.
const kafka::Broker* serving(const sim::World& world, sim::ProcessId id) {
  if (world.state(id) != sim::ProcessState::kRunning) return nullptr;
  const auto& broker = static_cast<const kafka::Broker&>(world.process(id));
  return broker.started() ? &broker : nullptr;
}

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

// Of each partition the leader with the highest leader epoch.
struct Led {
  TopicPartition partition;
  sim::ProcessId process;
  const kafka::Broker* broker = nullptr;  // null: nobody leads
  const kafka::Replica* replica = nullptr;
};

class Reader {
 public:
  Reader(const sim::World& world, const std::vector<sim::ProcessId>& brokers)
      : world_(world), brokers_(brokers) {}

  Observation all() {
    seen_.complete = true;
    for (const sim::ProcessId id : brokers_) {
      const kafka::Broker* broker = serving(world_, id);
      if (broker == nullptr) {
        seen_.complete = false;
        continue;
      }
      for (const kafka::Replica& replica : broker->replicas().replicas())
        note(id, *broker, replica);
    }
    for (const Led& led : led_) {
      if (led.broker == nullptr) {
        seen_.leaderless.push_back(led.partition);
      } else {
        read_log(led);
      }
    }
    for (const sim::ProcessId id : brokers_) {
      const kafka::Broker* broker = serving(world_, id);
      if (broker == nullptr) continue;
      config_of(*broker);
      read_transactions(id, *broker);
      read_groups(*broker);
    }
    for (const Led& led : led_) {
      if (led.broker != nullptr && loads(led)) seen_.loading.push_back(led.partition);
    }
    if (!seen_.leaderless.empty() || !seen_.loading.empty()) seen_.complete = false;
    return std::move(seen_);
  }

 private:
  void note(sim::ProcessId id, const kafka::Broker& broker, const kafka::Replica& replica) {
    Led& led = at(replica.partition);
    if (!replica.leads()) return;
    if (led.replica != nullptr && led.replica->leader_epoch > replica.leader_epoch) return;
    led.process = id;
    led.broker = &broker;
    led.replica = &replica;
  }

  Led& at(TopicPartition partition) {
    const auto here = std::ranges::lower_bound(led_, partition, {}, &Led::partition);
    if (here != led_.end() && here->partition == partition) return *here;
    return *led_.insert(here, Led{partition, sim::kNoProcess, nullptr, nullptr});
  }
  const kafka::Broker* leader(TopicPartition partition) const {
    const auto here = std::ranges::lower_bound(led_, partition, {}, &Led::partition);
    return here == led_.end() || here->partition != partition ? nullptr : here->broker;
  }

  void config_of(const kafka::Broker& broker) {
    transaction_topic_ = broker.config().transaction_state;
    offsets_topic_ = broker.config().consumer_offsets;
  }

  bool loads(const Led& led) const {
    if (led.partition.topic == transaction_topic_) {
      return led.broker->transaction_coordinator().cache().is_loading(led.partition.partition);
    }
    return led.partition.topic == offsets_topic_ &&
           led.broker->group_coordinator().ownership(led.partition.partition) !=
               kafka::GroupCoordinator::Ownership::kOwned;
  }

  void read_log(const Led& led) {
    const kafka::Replica& replica = *led.replica;
    PartitionSeen partition;
    partition.partition = led.partition;
    partition.high_watermark = replica.log.high_watermark();
    partition.stable = replica.log.last_stable_offset();
    partition.end = replica.log.log_end_offset();
    for (const kafka::OpenTransaction& open : replica.log.open_transactions()) {
      partition.open.push_back({open.producer, open.first_offset});
    }
    for (const sim::ProcessId id : brokers_) {
      const kafka::Broker* broker = serving(world_, id);
      if (broker == nullptr || id == led.process) continue;
      const kafka::PartitionLog* copy = broker->log(led.partition);
      if (copy == nullptr) continue;
      const bool in_sync = std::ranges::find(replica.isr, broker->config().id) != replica.isr.end();
      partition.copies.push_back({id, copy->log_end_offset(), in_sync});
    }
    seen_.partitions.push_back(std::move(partition));
  }

  // Of partitions that this broker leads: others it may still have in its cache.
  void read_transactions(sim::ProcessId id, const kafka::Broker& broker) {
    const kafka::TransactionCoordinator& coordinator = broker.transaction_coordinator();
    const size_t first = seen_.transactions.size();
    coordinator.visit_transactions(
        [&](int32_t number, kafka::CoordinatorEpoch, const kafka::TransactionMetadata& metadata) {
          if (leader({transaction_topic_, number}) != &broker) return;
          TransactionSeen transaction;
          transaction.tid = metadata.transactional_id;
          transaction.producer = metadata.producer;
          transaction.state =
              metadata.producer.epoch.valid() ? static_cast<int>(metadata.state) : kNoState;
          transaction.pending = metadata.pending.has_value();
          transaction.partitions.assign(metadata.partitions.begin(), metadata.partitions.end());
          seen_.transactions.push_back(std::move(transaction));
        });
    for (const kafka::TransactionDebt& debt : coordinator.debts(shared_of(world_).names)) {
      for (size_t i = first; i < seen_.transactions.size(); ++i) {
        TransactionSeen& transaction = seen_.transactions[i];
        if (transaction.tid != debt.transactional_id) continue;
        transaction.waits_for = waits_for(debt);
        transaction.due = world_.wall(id).ms() >= debt.overdue_ms;
      }
    }
  }

  void read_groups(const kafka::Broker& broker) {
    const kafka::GroupCoordinator& coordinator = broker.group_coordinator();
    for (const kafka::Group& group : coordinator.groups()) {
      const int32_t number = shared_of(world_).names.partition_for(
          group.name(), coordinator.config().offsets_partitions);
      if (leader({offsets_topic_, number}) != &broker) continue;
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
          view.pending.push_back({producer, partition, entry.offset, {}, {}});
        }
      }
      seen_.groups.push_back(std::move(view));
    }
  }

  const sim::World& world_;
  const std::vector<sim::ProcessId>& brokers_;
  std::vector<Led> led_;  // by partition
  kafka::TopicId transaction_topic_;
  kafka::TopicId offsets_topic_;
  Observation seen_;
};

class BrokersView final : public ClusterView {
 public:
  ReplicasSeen replicas(const sim::World& world, const std::vector<sim::ProcessId>& brokers,
                        TopicPartition partition) const override {
    ReplicasSeen all;
    for (const sim::ProcessId id : brokers) {
      const kafka::Broker* broker = serving(world, id);
      const kafka::Replica* replica =
          broker == nullptr ? nullptr : broker->replicas().find(partition);
      if (replica == nullptr) continue;
      all.push_back({id, &replica->log, replica->leads(), replica->leader_epoch});
    }
    return all;
  }

  // Copies that would be read back alike are read back once.
  std::vector<std::string> log_differences(const sim::World& world,
                                           std::span<const ReplicaSeen> copies) const override {
    std::vector<std::string> differences;
    const ReplicaSeen* read = nullptr;
    kafka::PartitionLog back;
    for (const ReplicaSeen& copy : copies) {
      const kafka::Switches& switches = switches_of(world, copy);
      const bool alike = read != nullptr && switches == switches_of(world, *read) &&
                         kafka::replays_alike(*copy.log, *read->log);
      if (!alike) {
        back = kafka::replayed(switches, shared_of(world).batches, *copy.log);
        read = &copy;
      }
      differences.push_back(kafka::replay_difference(*copy.log, back));
    }
    return differences;
  }

  std::string coordinator_difference(const sim::World& world,
                                     const std::vector<sim::ProcessId>& brokers,
                                     TopicPartition partition) const override {
    const ReplicaSeen* leader = nullptr;
    const ReplicasSeen all = replicas(world, brokers, partition);
    for (const ReplicaSeen& replica : all) {
      if (!replica.leads) continue;
      if (leader == nullptr || leader->leader_epoch < replica.leader_epoch) leader = &replica;
    }
    if (leader == nullptr) return "";
    const auto& broker = static_cast<const kafka::Broker&>(world.process(leader->broker));
    const kafka::KafkaShared& shared = shared_of(world);
    if (partition.topic == broker.config().transaction_state) {
      std::vector<kafka::BatchId> batches;
      for (const kafka::LogEntry& entry : leader->log->entries()) batches.push_back(entry.batch);
      return kafka::replay_mismatch(broker.transaction_coordinator(), shared.names, shared.batches,
                                    partition.partition, batches)
          .value_or("");
    }
    if (partition.topic != broker.config().consumer_offsets) return "";
    std::vector<kafka::OffsetsLogEntry> entries;
    for (const kafka::LogEntry& entry : leader->log->entries()) {
      entries.push_back({entry.base_offset, entry.batch});
    }
    return kafka::replay_mismatch(broker.group_coordinator(), partition.partition, shared.batches,
                                  shared.names, entries)
        .value_or("");
  }

  std::vector<CoordinatorFault> coordinator_faults(
      const sim::World& world, const std::vector<sim::ProcessId>& brokers) const override {
    std::vector<CoordinatorFault> found;
    for (const sim::ProcessId id : brokers) {
      const kafka::Broker* broker = serving(world, id);
      if (broker == nullptr) continue;
      transactions_without_log(id, *broker, found);
      groups_of(id, *broker, found);
    }
    return found;
  }

 private:
  static void transactions_without_log(sim::ProcessId id, const kafka::Broker& broker,
                                       std::vector<CoordinatorFault>& found) {
    const kafka::TransactionCoordinator& coordinator = broker.transaction_coordinator();
    coordinator.visit_transactions(
        [&](int32_t number, kafka::CoordinatorEpoch epoch, const kafka::TransactionMetadata&) {
          if (coordinator.cache().is_loading(number)) return;  // of the term before, and not used
          const TopicPartition log{broker.config().transaction_state, number};
          const kafka::Replica* replica = broker.replicas().find(log);
          const bool leads =
              replica != nullptr && replica->leads() && replica->leader_epoch.value == epoch.value;
          if (!leads) found.push_back({CoordinatorFault::Kind::kNotLeader, id, log, {}, {}});
        });
  }

  static void groups_of(sim::ProcessId id, const kafka::Broker& broker,
                        std::vector<CoordinatorFault>& found) {
    const kafka::GroupCoordinator& coordinator = broker.group_coordinator();
    using Ownership = kafka::GroupCoordinator::Ownership;
    for (const kafka::Group& group : coordinator.groups()) {
      if (coordinator.ownership(group.partition()) != Ownership::kOwned) continue;
      const TopicPartition log{broker.config().consumer_offsets, group.partition()};
      if (!broker.leads(log)) {
        found.push_back({CoordinatorFault::Kind::kNotLeader, id, log, group.name(), {}});
      }
      const auto& members = group.members();
      for (auto one = members.begin(); one != members.end(); ++one) {
        const bool twice = one->instance_id.valid() &&
                           std::any_of(members.begin(), one, [&](const kafka::Member& other) {
                             return other.instance_id == one->instance_id;
                           });
        if (!twice) continue;
        found.push_back(
            {CoordinatorFault::Kind::kTwoOfOneInstance, id, log, group.name(), one->instance_id});
      }
    }
  }

  static const kafka::Switches& switches_of(const sim::World& world, const ReplicaSeen& copy) {
    return static_cast<const kafka::Broker&>(world.process(copy.broker)).config().switches;
  }
};

}  // namespace

Observation observe(const sim::World& world, const std::vector<sim::ProcessId>& brokers) {
  return Reader(world, brokers).all();
}

const ClusterView& brokers_view() {
  static const BrokersView view;
  return view;
}

}  // namespace eosim::check
