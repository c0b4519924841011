#include "models/client/producer_state.h"

#include <array>
#include <cstdint>

namespace eosim::kafka {
namespace {

using S = ProducerClientState;

constexpr uint32_t from(S state) { return 1U << static_cast<uint32_t>(state); }
constexpr uint32_t kAny = 0xff;

struct TransitionRow {
  S target;
  uint32_t sources;
};

constexpr std::array<TransitionRow, 8> kTransitions{{
    {S::kUninitialized, from(S::kReady) | from(S::kAbortableError)},
    {S::kInitializing, from(S::kUninitialized) | from(S::kAbortingTransaction)},
    {S::kReady,
     from(S::kInitializing) | from(S::kCommittingTransaction) | from(S::kAbortingTransaction)},
    {S::kInTransaction, from(S::kReady)},
    {S::kCommittingTransaction, from(S::kInTransaction)},
    {S::kAbortingTransaction, from(S::kInTransaction) | from(S::kAbortableError)},
    {S::kAbortableError, from(S::kInTransaction) | from(S::kCommittingTransaction) |
                             from(S::kAbortableError) | from(S::kInitializing)},
    {S::kFatalError, kAny},
}};

}  // namespace

bool legal_transition(ProducerClientState from_state, ProducerClientState to, bool v2) {
  if (from_state == S::kCommittingTransaction && to == S::kInitializing) return v2;
  for (const TransitionRow& row : kTransitions) {
    if (row.target == to) return (row.sources & from(from_state)) != 0;
  }
  return false;
}

}  // namespace eosim::kafka
