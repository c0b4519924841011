// Every difference between protocol versions is one named switch, read at one decision point
// (design.md section 4). All switches stand in one table (switches.cc): name, side, values,
// section; a preset is a set of values. Names: transactions.md 6, else
// groups-streams-replication.md 0.2.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "models/protocol/releases.h"

namespace eosim::kafka {

enum class Side : uint8_t { kServer, kClient, kApplication };

// By part. A comment names the values, the first being 0, and the section of transactions.md (txn)
// or of groups-streams-replication.md (groups).
enum class Switch : uint8_t {
  // Transaction coordinator.
  kInitExpectedPair,         // off, on: InitProducerId evaluates an expected pair      txn 2.3
  kFenceLastEpoch,           // none, old: lastProducerEpoch after a fence of epoch e   txn 3.5
  kClientEndtxnEpoch,        // at_least, equal: test of a client's epoch               txn 3.5
  kFailedFenceGuard,         // off, on: hasFailedEpochFence                            txn 3.6
  kTcFenceCode,              // invalid_producer_epoch, producer_fenced                 txn 2.1
  kPidSource,                // store_cas, controller_rpc                               txn 1.6
  kVerifyFailError,          // invalid_txn_state, transaction_abortable                txn 2.4
  kTv2Endtxn,                // off, on: the finalised transaction.version is 2         txn 3.5
  kPendingCheckFirst,        // off, on: before the producer's pair                     txn 2.4
  kFenceDoubleBump,          // off, on                                                 txn 3.6
  kTxnLogValueVersion,       // v0, v1                                                  txn 1.5
  kExpireUnusedTids,         // off, on: those of epoch -1 too                          txn 3.8
  kResignForgetsOlderLoads,  // off, on: KAFKA-18137                                    txn 3.11
  kPreviousIdRenewed,        // off, on: by every transition                            txn 1.2
  // Partition leader.
  kPlUnknownPidRaises,               // off, on: rows 4, 7 answer UNKNOWN_PRODUCER_ID    txn 4.4
  kPlEvictStateOnLogStart,           // off, on                                          txn 4.9
  kPlMarkerCoordEpochOnReplication,  // log, raise                                       txn 4.6
  kEmptyMarkerBooksTxn,              // off, on: a one-offset transaction                txn 4.6
  kProducerExpiry,                   // transactional_id, producer_id: whose setting     txn 4.9
  kVerifyProduce,                    // off, on: KIP-890                                 txn 4.11
  kVerifyOffsetCommit,               // off, on                                          txn 4.11
  kVerifyNetworkError,               // off, on: becomes a retriable code                txn 4.11
  kVerifyOffsetErrorsMapped,         // off, on: as those of Produce are                 txn 4.11
  kOngoingCheckUsesEpoch,            // off, on                                          txn 4.11
  kImplicitRegistration,             // off, on: by the first write                      txn 4.11
  kRejectNonzeroFirstSeq,            // off, on                                          txn 4.4
  kEarlyStaleEpoch,                  // off, on                                          txn 4.11
  kStrictMarkerEpoch,                // off, on: KIP-1228                                txn 4.6
  // Group coordinator.
  kTxnOffsetMembershipCheck,  // off, on (gc_member_check)                              groups 2.3
  kTxnOffsetCheckStyle,       // v25, v30, v33                                          groups 2.3
  kStableOffsetFetch,         // off, on (gc_require_stable)                            groups 2.8
  kHeartbeatInCompleting,     // error, ok                                              groups 1.4
  kPendingSyncTimer,          // off, on                                                groups 1.6
  kMarkerMaterialization,     // async, atomic                                          groups 2.5
  kCoordinatorImpl,           // classic, new                                           groups 1.14
  kUnknownInstanceCheck,      // off, on: by every request, not JoinGroup alone         groups 1.3
  kStaticSwapPersisted,       // off, on: the record first, then the answer             groups 1.12
  kStaticSwapChecksProtocol,  // off, on: a change of protocol rebalances               groups 1.12
  kStaticSwapInCompleting,    // off, on: it rebalances in CompletingRebalance          groups 1.12
  kExpireOnlyWhenStable,      // off, on: offsets of topics not subscribed, KAFKA-13636 groups 1.13
  // Replication and controller.
  kHwUnderMinIsr,              // advance, hold: while the ISR is too small              groups 6.4
  kElr,                        // off, on: KIP-966                                       groups 7.3
  kTruncateToHw,               // off, on: instead of by leader epoch                    groups 6.6
  kIsrShrinkBumpsLeaderEpoch,  // off, on                                                groups 6.7
  // Client.
  kClientCanBumpEpoch,               // off, on: KIP-360                                 txn 5.9
  kLeader47,                         // fatal, abortable: code 47 from a leader          txn 2.13
  kPidMappingError,                  // fatal, bump: code 49 from the coordinator        txn 2.13
  kUnresolvedSequences,              // fatal, abortable                                 txn 5.8
  kSequenceReset,                    // completion, lazy: after a local bump             txn 5.9
  kRpcGenericRetriable,              // off, on (not TxnOffsetCommit), all               txn 2.13
  kGroupMetadata,                    // off, on: TxnOffsetCommit carries it              txn 6.2
  kRequireStable,                    // off, on: OffsetFetch asks for stable offsets     groups 0.2
  kFailIfStableUnsupported,          // off, on: else the wish is dropped                groups 0.3
  kKeepMemberIdOnIllegalGeneration,  // off, on                                          groups 3.4
  kPollBlocksOnJoin,                 // off, on                                          groups 3.2
  kHeartbeatAfterJoin,               // off, on: not only after Sync, KAFKA-10134         groups 3.2
  kStickyClaims,                     // highest_generation, cancelling, each_generation groups 3.3
  kPrepareAfterReset,                // off, on: KAFKA-12983                             groups 3.3
  kLateResultKept,                   // off, on                                          txn 5.10
  kSendApiErrorChangesState,         // off, on                                          txn 6.2
  kRegisterBeforeAppend,             // off, on                                          txn 6.2
  kAppendBeforeCheck,                // off, on: a refused send() leaves its record      txn 5.5
  kSplitHalves,                      // off, on: of a batch cut before, KAFKA-8350       txn 5.7
  kInitAuthErrorRecoverable,         // off, on                                          txn 2.13
  kPoisonOnIllegalTransition,        // off, on                                          txn 6.2
  kBatchRetryBackoff,                // constant, exponential: KIP-580                   txn 6.2
  kExplicitRegistration,             // always, not_with_tv2                             txn 5.12
  kWrapTransactionAbortable,         // off, on                                          txn 5.11
  kAbortAbortableIsFatal,            // off, on                                          txn 5.11
  // Streams.
  kV1Metadata,               // none, full: what exactly_once tells of its membership    groups 5.3
  kInitTxnTiming,            // in_callback, after_poll                                groups 5.5
  kCommitTxnWithoutOffsets,  // off, on: an open transaction is enough                 groups 5.5
  kRevocationCommitsAll,     // shared, all: with the tasks that leave                 groups 5.5
  kCommitBeforeDirtyClose,   // off, on: healthy tasks, before one is closed dirty     groups 5.7
  kCommitPosition,           // last_record, position, position_and_epoch: of a task  groups 5.5
  kProcessIdPersisted,       // off, on: beside persistent stores                      groups 5.3
  kRestoreTarget,            // last_stable_offset, high_watermark                     groups 5.6
  kWipeUncleanStore,         // off, on: state without a checkpoint is deleted         groups 5.6
  kCount,
};
inline constexpr size_t kSwitchCount = static_cast<size_t>(Switch::kCount);

// Values of switches with more than off (0) and on (1).
enum class FenceLastEpoch : uint8_t { kNone, kOld };
enum class ClientEndTxnEpoch : uint8_t { kAtLeast, kEqual };
enum class FenceCode : uint8_t { kInvalidProducerEpoch, kProducerFenced };
enum class PidSource : uint8_t { kStoreCas, kControllerRpc };
enum class VerifyFailError : uint8_t { kInvalidTxnState, kTransactionAbortable };
enum class TxnLogValueVersion : uint8_t { kV0, kV1 };
enum class MarkerCoordEpochOnReplication : uint8_t { kLog, kRaise };
enum class ProducerExpiry : uint8_t { kTransactionalId, kProducerId };
enum class TxnOffsetCheckStyle : uint8_t { kV25, kV30, kV33 };
enum class HeartbeatInCompleting : uint8_t { kError, kOk };
enum class MarkerMaterialization : uint8_t { kAsync, kAtomic };
enum class CoordinatorImpl : uint8_t { kClassic, kNew };
enum class HwUnderMinIsr : uint8_t { kAdvance, kHold };
enum class Severity : uint8_t { kFatal, kRecoverable };  // leader_47, pid_mapping, unresolved
enum class StickyClaims : uint8_t { kHighestGeneration, kCancelling, kEachGeneration };
enum class SequenceReset : uint8_t { kCompletion, kLazy };
enum class GenericRetriable : uint8_t { kOff, kNotTxnOffsetCommit, kAll };
enum class RetryBackoff : uint8_t { kConstant, kExponential };
enum class ExplicitRegistration : uint8_t { kAlways, kNotWithTv2 };
enum class InitTxnTiming : uint8_t { kInCallback, kAfterPoll };
enum class RevocationCommits : uint8_t { kShared, kAll };
enum class CommitPosition : uint8_t { kLastRecord, kPosition, kPositionAndEpoch };
enum class RestoreTarget : uint8_t { kLastStableOffset, kHighWatermark };

struct SwitchInfo {
  std::string_view name;  // "client_endtxn_epoch"
  Side side;
  std::span<const std::string_view> values;  // in the order of the numbers
  std::string_view section;
  std::string_view doc;
};
const SwitchInfo& switch_info(Switch s);
std::optional<Switch> find_switch(std::string_view name);

// The values of all switches for one broker, client or application.
class Switches {
 public:
  bool on(Switch s) const { return values_[static_cast<size_t>(s)] != 0; }
  template <class E>
  E as(Switch s) const {
    return static_cast<E>(values_[static_cast<size_t>(s)]);
  }
  uint8_t value(Switch s) const { return values_[static_cast<size_t>(s)]; }
  void set(Switch s, uint8_t value) { values_[static_cast<size_t>(s)] = value; }
  // By words, as a scenario's "protocol" gives them. false: no such value.
  bool set(Switch s, std::string_view word);
  friend bool operator==(const Switches&, const Switches&) = default;

 private:
  std::array<uint8_t, kSwitchCount> values_{};
};

// A preset: what a release's brokers and clients speak (cli-and-scenarios.md 2.1).
struct Preset {
  std::string_view name;     // "2.5"
  std::string_view era;      // "E2"
  std::string_view variant;  // "B"
  Release release;
};
std::span<const Preset> presets();
const Preset* find_preset(std::string_view name);
Switches preset_switches(const Preset& preset);

// What a cluster finalises as features: on only where every broker can (transactions.md 6.7).
std::span<const Switch> finalised_features();

// Groups of switches by a name of their own: "kip_447", "kip_360". Values are set together: `off`
// and `on` hold the value of each switch, in the order of `switches`.
struct SwitchGroup {
  std::string_view name;
  std::string_view doc;
  std::span<const Switch> switches;
  std::span<const uint8_t> off;
  std::span<const uint8_t> on;
};
std::span<const SwitchGroup> switch_groups();
const SwitchGroup* find_switch_group(std::string_view name);
void set_group(Switches& switches, const SwitchGroup& group, bool on);

}  // namespace eosim::kafka
