// K6 lso. At quiescence each transaction that is open in a partition is known to its coordinator:
// in progress there, with that partition registered; and the last stable offset is the high
// watermark where none is open (transactions.md P10, L3). Looks at the brokers' logs and
// coordinators.
//
// Not checked: transactions that the coordinator knows and does not finish (K7); those whose
// transaction log was lost.
#pragma once

#include "models/check/check_context.h"
#include "models/check/observation.h"

namespace eosim::check {

// An open transaction of this producer in this partition that its coordinator does not know.
bool hangs(const Ledger& ledger, const Observation& seen, TopicPartition partition,
           ProducerId producer);

// The log of this id's transactions was lost as no protocol helps against (groups-streams-
// replication.md 6.8). Nobody may be able to end what it knew: its coordinator has forgotten it, or
// has an epoch that has passed, of which the partitions take no marker (transactions.md 4.6).
bool coordinator_lost(const Ledger& ledger, Name tid);

class StableOffset {
 public:
  void at_quiescence(const CheckContext& context, const Observation& seen);
};

}  // namespace eosim::check
