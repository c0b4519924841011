// What careless applications do (cli-and-scenarios.md 2.3, `mistakes`): named departures from the
// loops of groups-streams-replication.md 4, each of which has bitten somebody. Clients and brokers
// work as ever; what comes of it is the checkers' business.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace eosim::kafka {

enum class Mistake : uint8_t {
  kNoRewindAfterAbort,
  kRewindOnePartition,
  kAmbiguousCommitIsFailure,
  kIgnoreRebalanceCallbacks,
  kGoOnAfterFenced,
  kSharedTransactionalId,
  kFreshTransactionalIds,
  kInitAfterPositions,
  kCachedGroupMetadata,
  kOffsetOfLastRecord,
  kOffsetsInCallback,
  kOffsetsOutsideTransaction,
  kAutoCommit,
  kIgnoreSendErrors,
  kSendBeforeBegin,
  kCommitBeforeFlush,
  kRetrySavedCommits,
  kOffsetsWithoutEpoch,
  kCount,
};

// Who can make it: loops by their guarantee, and producing applications.
enum class AppRole : uint8_t {
  kAtLeastOnce,
  kTransactionPerPartition,  // exactly_once
  kTransactionPerThread,     // exactly_once_v2, exactly_once_unfenced
  kTransactionalProducer,
  kOther,
};

struct MistakeInfo {
  std::string_view name;  // "no_rewind_after_abort"
  std::string_view doc;
  std::string_view section;
  uint8_t roles = 0;  // bits of AppRole

  bool is_of(AppRole role) const { return (roles >> static_cast<unsigned>(role) & 1U) != 0; }
};

std::span<const MistakeInfo> mistake_infos();  // in the order of the numbers
std::optional<Mistake> find_mistake(std::string_view name);

class Mistakes {
 public:
  bool has(Mistake mistake) const { return (bits_ >> static_cast<unsigned>(mistake) & 1U) != 0; }
  void add(Mistake mistake) { bits_ |= uint32_t{1} << static_cast<unsigned>(mistake); }

 private:
  uint32_t bits_ = 0;
};

}  // namespace eosim::kafka
