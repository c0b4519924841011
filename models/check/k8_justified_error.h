// K8 justified_error. A fatal or fenced result has a cause that the ledger knows: a newer session
// of the same transactional id, its fence by the coordinator (a timeout), its expiry, a generation
// that the group has passed, a member that it has removed (known-bugs.md 0.3).
//
// As it happens, at producers and coordinators. Judged: PRODUCER_FENCED, INVALID_PRODUCER_EPOCH,
// INVALID_PRODUCER_ID_MAPPING, ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, and the errors that have no
// legal cause at all when they end a producer (INVALID_TXN_STATE, UNKNOWN_SERVER_ERROR,
// INVALID_REQUEST). Not judged: errors of sequences and unknown producers, which lost and late
// requests explain, what a broker's absence explains, and what a coordinator says that does not
// lead its log any more: it answers from what it knew (transactions.md 7.1, T13).
#pragma once

#include "models/check/check_context.h"
#include "models/check/flat_map.h"

namespace eosim::check {

class JustifiedError {
 public:
  static bool wants(Event fact) {
    return fact == Event::kTransactionRefused || fact == Event::kProducerTransition ||
           fact == Event::kOffsetRefused;
  }
  void on_fact(const CheckContext& context);

 private:
  struct Refusal {
    ProducerIdAndEpoch producer;
    Error error = Error::kNone;
  };
  FlatMap<uint32_t, Refusal>
      of_deposed_;  // by transactional id: the last one of such a coordinator
};

}  // namespace eosim::check
