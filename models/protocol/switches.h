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

namespace eosim::kafka {

enum class Side : uint8_t { kServer, kClient, kApplication };

enum class Switch : uint8_t {
  // Transaction coordinator.
  kInitExpectedPair,   // off, on: InitProducerId evaluates an expected (pid, epoch)     txn 2.3
  kFenceLastEpoch,     // none, old: lastProducerEpoch after a fence of epoch e          txn 3.5
  kClientEndtxnEpoch,  // at_least, equal: test of a client's epoch                      txn 3.5
  kFailedFenceGuard,   // off, on: hasFailedEpochFence                                   txn 3.6
  kTcFenceCode,        // invalid_producer_epoch, producer_fenced                        txn 2.1
  // Partition leader.
  kPlUnknownPidRaises,   // off, on: rows 4 and 7 of 4.4 answer UNKNOWN_PRODUCER_ID      txn 4.4
  kEmptyMarkerBooksTxn,  // off, on: a marker without data is a one-offset transaction   txn 4.6
  // Group coordinator.
  kTxnOffsetMembershipCheck,  // off, on (gc_member_check)                                groups 2.3
  kTxnOffsetCheckStyle,       // v25, v30, v33                                            groups 2.3
  kStableOffsetFetch,         // off, on (gc_require_stable)                              groups 2.8
  kHeartbeatInCompleting,     // error, ok                                                groups 1.4
  kPendingSyncTimer,          // off, on                                                  groups 1.6
  // Client.
  kClientCanBumpEpoch,   // off, on: KIP-360                                         txn 5.9
  kLeader47,             // fatal, abortable: code 47 in a Produce response          txn 2.13
  kPidMappingError,      // fatal, bump: code 49 from the coordinator                txn 2.13
  kUnresolvedSequences,  // fatal, abortable                                         txn 5.8
  kRpcGenericRetriable,  // off, on: any retriable code is retried                   txn 2.13
  kGroupMetadata,        // off, on: TxnOffsetCommit carries it                      txn 6.2
  kRequireStable,        // off, on: OffsetFetch asks for stable offsets             groups 0.2
  kKeepMemberIdOnIllegalGeneration,  // off, on                                           groups 3.4
  kPollBlocksOnJoin,                 // off, on                                           groups 3.2
  kLateResultKept,                   // off, on                                           txn 5.10
  kSendApiErrorChangesState,         // off, on                                           txn 6.2
};
inline constexpr size_t kSwitchCount = 23;

// Values of switches with more than off (0) and on (1).
enum class FenceLastEpoch : uint8_t { kNone, kOld };
enum class ClientEndTxnEpoch : uint8_t { kAtLeast, kEqual };
enum class FenceCode : uint8_t { kInvalidProducerEpoch, kProducerFenced };
enum class TxnOffsetCheckStyle : uint8_t { kV25, kV30, kV33 };
enum class HeartbeatInCompleting : uint8_t { kError, kOk };
enum class Severity : uint8_t { kFatal, kRecoverable };  // leader_47, pid_mapping, unresolved

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
};
std::span<const Preset> presets();
const Preset* find_preset(std::string_view name);
Switches preset_switches(const Preset& preset);

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
