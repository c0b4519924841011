// K8 justified_error. A fatal or fenced result has a cause that the ledger knows: a newer session
// of the same transactional id, its fence by the coordinator (a timeout), its expiry, a generation
// that the group has passed, a member that it has removed (known-bugs.md 0.3).
//
// As it happens, at producers and coordinators. Judged: PRODUCER_FENCED, INVALID_PRODUCER_EPOCH,
// INVALID_PRODUCER_ID_MAPPING, ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, and the errors that have no
// legal cause at all when they end a producer (INVALID_TXN_STATE, UNKNOWN_SERVER_ERROR,
// INVALID_REQUEST). Not judged: errors of sequences and unknown producers, which lost and late
// requests explain, and what a broker's absence explains.
#pragma once

#include "models/check/check_context.h"

namespace eosim::check {

class JustifiedError {
 public:
  void on_fact(const CheckContext& context);
};

}  // namespace eosim::check
