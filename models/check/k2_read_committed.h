// K2 read_committed. A read_committed reader never gets a record of an aborted or undecided
// transaction, and while it reads forward it never skips, repeats or reorders what is committed
// (transactions.md X1-X3, groups-streams-replication.md C2-C4).
//
// As it happens, for every consumer, from the positions it takes: what it got is compared with the
// log's own facts. Not checked: read_uncommitted readers; records below what the ledger keeps;
// whether a reader reaches the end (K7).
#pragma once

#include "models/check/check_context.h"

namespace eosim::check {

class ReadCommitted {
 public:
  static bool wants(Event fact) { return fact == Event::kConsumerDelivered; }
  void on_fact(const CheckContext& context);
};

}  // namespace eosim::check
