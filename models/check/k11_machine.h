// K11 machine. The coordinators' state machines take legal steps only: from the state that they
// were in, along the table, with epochs that do not run back (transactions.md 1.3, T2, T4;
// groups-streams-replication.md 1.1, G3). The tables here are written down once more, from the
// specs and not from the models: a slip in one shows against the other.
//
// As it happens, for completed transitions. After a coordinator died it is not known where it goes
// on: then only the step itself is judged.
#pragma once

#include "models/check/check_context.h"

namespace eosim::check {

class Machine {
 public:
  static bool wants(Event fact) {
    return fact == Event::kTransactionTransition || fact == Event::kGroupTransition;
  }
  void on_fact(const CheckContext& context);
};

// `ends_empty`: an abort may end what has not begun (KIP-890 part 2; transactions.md 1.3).
bool legal_transaction_step(int from, int to, bool ends_empty = false);
bool legal_group_step(int from, int to);

}  // namespace eosim::check
