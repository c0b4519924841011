// K1 atomic. For every transaction: all its records on all partitions and all its offsets become
// visible, or none; and that agrees with the coordinator's durable decision and with what the
// client was told (transactions.md 7: T5, T14, X4-X7).
//
// As it happens: a marker that decides a batch against the decision of the batch's own transaction,
// a decision against what markers did before, what the client is told. At quiescence: parts that
// are still open. Not checked: whether a transaction that is merely slow will end (K7), or one that
// no coordinator knows (K6).
#pragma once

#include "models/check/check_context.h"

namespace eosim::check {

class Atomic {
 public:
  static bool wants(Event fact) {
    return fact == Event::kLogHighWatermark || fact == Event::kLeaderStarted ||
           fact == Event::kTransactionTransition || fact == Event::kTransactionLoaded ||
           fact == Event::kTransactionEnded;
  }
  void on_fact(const CheckContext& context);
  void at_quiescence(const CheckContext& context);
};

}  // namespace eosim::check
