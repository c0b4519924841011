// What a run still owes, and who to whom (design.md section 3, Quiescence). Heartbeats, idle
// fetches and scans never end, so an empty event queue cannot be the test of quiescence: this is.
//
// maybe_quiet() reads counts that the ledger keeps and may be asked at every step; only when it
// says yes is debts() worth its scan.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/check/check_config.h"
#include "models/check/ledger.h"
#include "models/check/observation.h"

namespace eosim::check {

enum class DebtKind : uint8_t {
  kInput,          // a record that a group has not committed
  kOwner,          // a partition that a stable group has given to nobody; K12 tells of it
  kReader,         // a record that an auditor has not got
  kCall,           // a producer is inside a call
  kTransaction,    // open or prepared at its coordinator
  kPendingOffset,  // a transactional offset without a decision
  kStableOffset,   // a last stable offset below the high watermark
  kOrphan,         // a request of a dead connection may still arrive
  kReplica,        // a copy is behind its leader, or not in sync though its broker is up
  kLeader,         // a partition has no leader
  kBroker,         // a broker is down or loads
};

struct Debt {
  DebtKind kind = DebtKind::kInput;
  std::string who;        // "group app at input-1@42"
  std::string waits_for;  // "committed offset 45"
  TopicPartition partition;
  Name group;
  Name tid;
  ProducerId producer;
  int app = -1;
  bool due = true;  // false: the run has ended before it could have been paid

  std::string text() const { return who + " waits for " + waits_for; }
};

bool maybe_quiet(const sim::World& world, const Ledger& ledger);
std::vector<Debt> debts(const sim::World& world, const CheckConfig& config, const Ledger& ledger,
                        const Observation& seen);

}  // namespace eosim::check
