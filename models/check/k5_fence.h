// K5 fence. After a newer session is acknowledged (a producer epoch to a client; a group
// generation, where brokers and clients check it) an older session changes nothing: no data, no
// offsets, no record of the transaction log (transactions.md T13, X10;
// groups-streams-replication.md O1).
//
// As it happens. A log that never saw the newer epoch cannot refuse the older one before KIP-890:
// there the rule asks the promise verifies_produce; what such a write leads to is for K1, K3 and
// K6. Not checked: producers without a transactional id, whose epochs fence nobody.
#pragma once

#include "models/check/check_context.h"

namespace eosim::check {

class Fence {
 public:
  static bool wants(Event fact) {
    return fact == Event::kLogAppended || fact == Event::kTransactionTransition;
  }
  void on_fact(const CheckContext& context);
};

}  // namespace eosim::check
