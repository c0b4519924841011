// K12 assign. Within a generation a partition has at most one owner; after settling exactly one
// (groups-streams-replication.md G1). At most one: as assignments are given out. Exactly one: at
// quiescence, for groups that have members; until then it is a debt, since a cooperative rebalance
// leaves out in its first round what it gives away in the second.
#pragma once

#include "models/check/check_context.h"

namespace eosim::check {

class Assign {
 public:
  static bool wants(Event fact) { return fact == Event::kGroupAssigned; }
  void on_fact(const CheckContext& context);
  void at_quiescence(const CheckContext& context);
};

}  // namespace eosim::check
