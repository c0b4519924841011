// What the checkers may see of the brokers while a run goes on: their logs, and whether what they
// keep in memory is what their logs say. Asked between steps of the brokers, and const; a test
// gives one of its own.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/check/facts.h"
#include "models/log/partition_log.h"
#include "sim/small_list.h"
#include "sim/world.h"

namespace eosim::check {

// A copy of a partition at a broker that is up and has read its logs.
struct ReplicaSeen {
  sim::ProcessId broker;
  const kafka::PartitionLog* log = nullptr;
  bool leads = false;
  kafka::LeaderEpoch leader_epoch;  // that the broker knows of
};

using ReplicasSeen = sim::SmallList<ReplicaSeen, 4>;
// What a broker's coordinators must never be in (groups-streams-replication.md 8, R11 and G7).
struct CoordinatorFault {
  enum class Kind : uint8_t { kNotLeader, kTwoOfOneInstance };
  Kind kind = Kind::kNotLeader;
  sim::ProcessId broker;
  TopicPartition log;
  Name group;     // kTwoOfOneInstance
  Name instance;  //
};

class ClusterView {
 public:
  virtual ~ClusterView() = default;
  // In the order of `brokers`.
  virtual ReplicasSeen replicas(const sim::World& world, const std::vector<sim::ProcessId>& brokers,
                                TopicPartition partition) const = 0;
  // In what each of these copies of a log differs from one that is read back from its batches; "":
  // in nothing.
  virtual std::vector<std::string> log_differences(const sim::World& world,
                                                   std::span<const ReplicaSeen> copies) const = 0;
  // The same for the coordinator of a partition of an internal topic, at the broker that leads it.
  virtual std::string coordinator_difference(const sim::World& world,
                                             const std::vector<sim::ProcessId>& brokers,
                                             TopicPartition partition) const = 0;
  virtual std::vector<CoordinatorFault> coordinator_faults(
      const sim::World&, const std::vector<sim::ProcessId>&) const {
    return {};
  }
};

// The view into the brokers of a world: the only one that looks into models (state_reader.cc).
const ClusterView& brokers_view();

}  // namespace eosim::check
