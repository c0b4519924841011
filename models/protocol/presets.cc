// Presets and groups: sets of switches by one name (cli-and-scenarios.md 2.1).
#include <algorithm>

#include "models/protocol/switches.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using std::string_view;
using enum Switch;
using enum Release;

constexpr std::array<Preset, kReleaseCount> kPresets = {{{"2.4", "E1", "A", k24},
                                                         {"2.5", "E2", "B", k25},
                                                         {"2.6", "E2", "C", k26},
                                                         {"2.8", "E2", "C", k28},
                                                         {"3.5", "E2", "C", k35},
                                                         {"3.6", "E3", "D6", k36},
                                                         {"3.7", "E3", "D7", k37},
                                                         {"3.8", "E3", "D8", k38},
                                                         {"3.9", "E3", "D8", k39},
                                                         {"4.0", "E4", "E1", k40},
                                                         {"4.1", "E4", "E1", k41},
                                                         {"4.2", "E4", "E2", k42}}};

constexpr std::array<Switch, 5> kKip360 = {kInitExpectedPair, kPlUnknownPidRaises,
                                           kClientCanBumpEpoch, kPidMappingError,
                                           kUnresolvedSequences};
constexpr std::array<uint8_t, 5> kKip360Off = {0, 1, 0, 0, 0};
constexpr std::array<uint8_t, 5> kKip360On = {1, 0, 1, 1, 1};
constexpr std::array<Switch, 4> kKip447 = {kTxnOffsetMembershipCheck, kStableOffsetFetch,
                                           kGroupMetadata, kRequireStable};
constexpr std::array<Switch, 2> kKip588 = {kTcFenceCode, kLeader47};
// As complete as 3.8 has it.
constexpr std::array<Switch, 4> kVerification = {kVerifyFailError, kVerifyProduce,
                                                 kVerifyOffsetCommit, kVerifyNetworkError};
// transaction.version 2 against 0.
constexpr std::array<Switch, 6> kTransactionVersion = {kTv2Endtxn,
                                                       kPendingCheckFirst,
                                                       kTxnLogValueVersion,
                                                       kOngoingCheckUsesEpoch,
                                                       kImplicitRegistration,
                                                       kExplicitRegistration};

constexpr std::array<Switch, 3> kFinalised = {kTv2Endtxn, kTxnLogValueVersion, kElr};

constexpr std::array<uint8_t, 6> kZeros = {};
constexpr std::array<uint8_t, 6> kOnes = {1, 1, 1, 1, 1, 1};

template <size_t kSize>
constexpr SwitchGroup plain(string_view name, string_view doc,
                            const std::array<Switch, kSize>& switches) {
  return {name, doc, switches, std::span(kZeros).first(kSize), std::span(kOnes).first(kSize)};
}

constexpr std::array<SwitchGroup, 5> kGroups = {{
    {"kip_360", "a producer recovers from lost sequences with a new epoch", kKip360, kKip360Off,
     kKip360On},
    plain("kip_447", "group metadata fences offset commits; offset fetches wait for stable offsets",
          kKip447),
    plain("kip_588", "a code of its own for a fenced producer; a stale epoch is abortable",
          kKip588),
    plain("kip_890_verification",
          "partition leaders ask the coordinator before a transaction's first write, as in 3.8",
          kVerification),
    plain("transaction_version",
          "the epoch is raised at every end; partitions are registered by their leaders",
          kTransactionVersion),
}};

}  // namespace

std::span<const Preset> presets() { return kPresets; }

const Preset* find_preset(string_view name) {
  const auto at = std::ranges::find(kPresets, name, &Preset::name);
  return at == kPresets.end() ? nullptr : &*at;
}

std::span<const Switch> finalised_features() { return kFinalised; }

std::span<const SwitchGroup> switch_groups() { return kGroups; }

const SwitchGroup* find_switch_group(string_view name) {
  const auto at = std::ranges::find(kGroups, name, &SwitchGroup::name);
  return at == kGroups.end() ? nullptr : &*at;
}

void set_group(Switches& switches, const SwitchGroup& group, bool on) {
  const std::span<const uint8_t> values = on ? group.on : group.off;
  EOSIM_ASSERT(values.size() == group.switches.size());
  for (size_t i = 0; i < values.size(); ++i) switches.set(group.switches[i], values[i]);
}

}  // namespace eosim::kafka
