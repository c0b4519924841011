// K7 progress. After the last fault and a settling time nothing waits: every transaction ends,
// every call returns, every input is committed, every reader reaches the end (transactions.md 7.4).
// A violation for each debt that is left, as "X waits for Y".
//
// Not reported: what waits only for a transaction that hangs or is stuck, which has its own
// violation; an open transaction whose timeout the end of the run came before.
#pragma once

#include "models/check/check_context.h"
#include "models/check/debts.h"

namespace eosim::check {

class Progress {
 public:
  void at_quiescence(const CheckContext& context, const Observation& seen,
                     const std::vector<Debt>& debts);
};

}  // namespace eosim::check
