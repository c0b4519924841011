// What the ledger knows of one run of beginTransaction() and of one transactional id.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/check/facts.h"
#include "sim/ids.h"

namespace eosim::check {

enum class Decision : uint8_t { kNone, kCommit, kAbort };

// What one transaction instance wrote to one partition, batches by what became of them.
struct InstanceWork {
  TopicPartition partition;
  Offset first;
  uint32_t open = 0;
  uint32_t committed = 0;
  uint32_t aborted = 0;
  Offset marker;  // the last one that decided some of it
};

struct InstanceTruth {
  uint64_t number = 0;
  Name tid;
  ProducerIdAndEpoch producer;
  sim::ProcessId process;
  bool begun = false;
  int64_t began_ns = 0;
  Decision asked = Decision::kNone;  // EndTxn was sent
  int64_t asked_ns = 0;
  Decision decision = Decision::kNone;  // Prepare* is durable
  int64_t decided_ns = 0;
  bool completed = false;  // Complete* is durable
  int state = kNoState;    // of the coordinator, as last seen for this instance
  std::optional<CommitOutcome> told;
  Error told_error = Error::kNone;
  int64_t told_ns = 0;
  uint32_t failed_batches = 0;
  bool excused = false;  // some of it was lost for a reason that no protocol helps against
  std::vector<InstanceWork> work;  // by partition

  bool wrote() const { return !work.empty(); }
  bool some_open() const {
    return std::any_of(work.begin(), work.end(), [](const InstanceWork& w) { return w.open > 0; });
  }
  // Nothing more can happen to it, unless something of it arrives late.
  bool settled() const {
    return begun && told.has_value() && !some_open() &&
           (completed || (decision == Decision::kNone && work.empty()));
  }
  InstanceWork& at(TopicPartition partition) {
    const auto here =
        std::lower_bound(work.begin(), work.end(), partition,
                         [](const InstanceWork& w, TopicPartition p) { return w.partition < p; });
    if (here != work.end() && here->partition == partition) return *here;
    return *work.insert(here, InstanceWork{partition, {}, 0, 0, 0, {}});
  }
};

// A transactional id at its coordinator, and its sessions: pairs of producer id and epoch. Epochs
// order the sessions of one producer id; a producer id is newer than those that the transactional
// id had before (transactions.md 7.1, T2).
struct TransactionalIdTruth {
  int state = kNoState;
  bool state_known = false;    // false: its coordinator has died since
  sim::ProcessId coordinator;  // who said so, and in which life
  uint32_t incarnation = 0;
  int64_t state_since_ns = 0;
  ProducerIdAndEpoch current;
  std::vector<ProducerId> ids;      // in the order in which the coordinator used them
  ProducerIdAndEpoch highest;       // of which the coordinator ever gave a sign
  ProducerIdAndEpoch acknowledged;  // the newest that a client was told
  int64_t acknowledged_ns = 0;
  bool expired = false;   // at least once
  uint64_t instance = 0;  // the last one that a record of the log named
  uint32_t timed_out = 0;

  int rank(ProducerId id) const {
    const auto at = std::find(ids.begin(), ids.end(), id);
    return at == ids.end() ? -1 : static_cast<int>(at - ids.begin());
  }
  // Both of this transactional id. What the coordinator never used is not comparable.
  bool older(ProducerIdAndEpoch a, ProducerIdAndEpoch b) const {
    if (a.id == b.id) return a.epoch < b.epoch;
    const int rank_a = rank(a.id);
    const int rank_b = rank(b.id);
    return rank_a >= 0 && rank_b >= 0 && rank_a < rank_b;
  }
  void saw(ProducerIdAndEpoch pair) {
    if (pair.id.valid() && rank(pair.id) < 0) ids.push_back(pair.id);
    if (!highest.id.valid() || older(highest, pair)) highest = pair;
  }
  bool unfinished() const {
    return state == static_cast<int>(kafka::TransactionState::kOngoing) ||
           state == static_cast<int>(kafka::TransactionState::kPrepareCommit) ||
           state == static_cast<int>(kafka::TransactionState::kPrepareAbort);
  }
};

}  // namespace eosim::check
