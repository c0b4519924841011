// What the brokers' own state says at one moment, as plain data: high watermarks and open
// transactions of their logs, caches of their coordinators. Of a partition the leader with the
// highest epoch is asked, and so are coordinators. state_reader.cc fills it from a world;
// tests write it by hand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/check/facts.h"
#include "models/check/group_truth.h"
#include "sim/world.h"

namespace eosim::check {

struct PartitionSeen {
  TopicPartition partition;
  Offset high_watermark;
  Offset stable;
  Offset end;
  struct Open {
    ProducerId producer;
    Offset first;
  };
  std::vector<Open> open;
  // Other copies at brokers that are up.
  struct Copy {
    sim::ProcessId broker;
    Offset end;
    bool in_sync = true;  // as the leader knows
  };
  std::vector<Copy> copies;
};

struct TransactionSeen {
  Name tid;
  ProducerIdAndEpoch producer;
  int state = kNoState;
  bool pending = false;                    // a transition is being written
  std::vector<TopicPartition> partitions;  // registered, or without an acknowledged marker
  std::string waits_for;                   // "markers to broker-1"; "": idle
  bool due = true;                         // false: its timeout may still end it
};

struct GroupSeen {
  Name group;
  int state = kNoState;
  Generation generation;
  size_t members = 0;
  std::vector<std::pair<TopicPartition, Offset>> committed;
  std::vector<PendingOffsetTruth> pending;
};

struct Observation {
  // Every broker is up, every partition led, every coordinator has loaded: what is absent does not
  // exist.
  bool complete = false;
  std::vector<PartitionSeen> partitions;   // at their leaders
  std::vector<TopicPartition> leaderless;  // some broker has a copy, and none leads
  std::vector<TopicPartition> loading;     // internal ones whose coordinator does not answer yet
  std::vector<TransactionSeen> transactions;
  std::vector<GroupSeen> groups;

  const PartitionSeen* partition(TopicPartition p) const;
  const TransactionSeen* transaction(Name tid) const;
  const GroupSeen* group(Name name) const;
};

Observation observe(const sim::World& world, const std::vector<sim::ProcessId>& brokers);

}  // namespace eosim::check
