#include "models/protocol/words.h"

#include <array>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using std::string_view;

constexpr std::array<string_view, 8> kTransactionStates = {
    "Empty",          "Ongoing",       "PrepareCommit", "PrepareAbort",
    "CompleteCommit", "CompleteAbort", "Dead",          "PrepareEpochFence"};
constexpr std::array<string_view, 5> kGroupStates = {"Empty", "PreparingRebalance",
                                                     "CompletingRebalance", "Stable", "Dead"};
constexpr std::array<string_view, 8> kProducerStates = {
    "UNINITIALIZED",          "INITIALIZING",         "READY",           "IN_TRANSACTION",
    "COMMITTING_TRANSACTION", "ABORTING_TRANSACTION", "ABORTABLE_ERROR", "FATAL_ERROR"};
constexpr std::array<string_view, 2> kIsolationLevels = {"read_uncommitted", "read_committed"};
constexpr std::array<string_view, 4> kOutcomes = {"committed", "aborted", "unknown", "failed"};
constexpr std::array<string_view, 5> kRemovalReasons = {"session_expired", "left", "not_rejoined",
                                                        "never_synced", "replaced"};
constexpr std::array<string_view, 2> kControlTypes = {"ABORT", "COMMIT"};

template <size_t kSize, class E>
string_view look_up(const std::array<string_view, kSize>& words, E value) {
  EOSIM_ASSERT(static_cast<size_t>(value) < kSize);
  return words[static_cast<size_t>(value)];
}

}  // namespace

string_view word(TransactionState state) { return look_up(kTransactionStates, state); }
string_view word(GroupState state) { return look_up(kGroupStates, state); }
string_view word(ProducerClientState state) { return look_up(kProducerStates, state); }
string_view word(IsolationLevel level) { return look_up(kIsolationLevels, level); }
string_view word(CommitOutcome outcome) { return look_up(kOutcomes, outcome); }
string_view word(RemovalReason reason) { return look_up(kRemovalReasons, reason); }
string_view word(ControlType type) { return look_up(kControlTypes, type); }

}  // namespace eosim::kafka
