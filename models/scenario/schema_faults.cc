// What strikes: faults, their triggers, and chaos (cli-and-scenarios.md 2.4).
#include <array>

#include "models/scenario/schema.h"

namespace eosim::scenario {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kDay = int64_t{24} * 3'600 * 1'000 * kMs;

using enum Type;

constexpr Key kFaultKeys[] = {
    {.name = "at",
     .type = kDuration,
     .doc = "when it strikes, within duration",
     .min = 0,
     .max = kDay},
    {.name = "on", .type = kObject, .doc = "what it strikes after", .shape = ShapeId::kTrigger},
    {.name = "kind",
     .type = kWord,
     .doc = "what happens",
     .is_required = true,
     .words = Words::kFaults},
    {.name = "target", .type = kTarget, .doc = "a process, a thread or a selector"},
    {.name = "for",
     .type = kDuration,
     .doc = "how long; without it, until the cluster heals at the end of duration",
     .min = 0,
     .max = kDay},
    {.name = "repeat",
     .type = kFlag,
     .doc = "with `on`: at each match from nth on",
     .fallback = "false"},
    {.name = "between",
     .type = kTarget,
     .doc = "one side of a partition",
     .form = Form::kList,
     .items_min = 1,
     .items_max = 1'000},
    {.name = "and",
     .type = kTarget,
     .doc = "the other side; without it, all others",
     .form = Form::kList,
     .items_min = 1,
     .items_max = 1'000},
    {.name = "direction",
     .type = kWord,
     .doc = "which messages are held, seen from `between`",
     .fallback = "both",
     .words = Words::kDirections},
    {.name = "from", .type = kTarget, .doc = "who sends the request"},
    {.name = "to", .type = kTarget, .doc = "who gets the request; the broker that is to lead"},
    {.name = "rpc", .type = kWord, .doc = "which requests", .words = Words::kRpcs},
    {.name = "what",
     .type = kWord,
     .doc = "which of the two messages",
     .fallback = "request",
     .words = Words::kMessageParts},
    {.name = "by",
     .type = kDuration,
     .doc = "how much; a clock may jump back",
     .min = -kDay,
     .max = kDay},
    {.name = "factor",
     .type = kDecimal,
     .doc = "how many times slower",
     .min = 1,
     .max = 1'000'000},
    {.name = "ppm",
     .type = kInteger,
     .doc = "parts in a million that a clock is too fast",
     .min = -500'000,
     .max = 500'000},
    {.name = "app", .type = kText, .doc = "an app of `apps`"},
    {.name = "partition", .type = kText, .doc = "<topic>-<partition> whose leader changes"},
};

constexpr Key kTriggerKeys[] = {
    {.name = "rpc", .type = kWord, .doc = "a request of this kind", .words = Words::kRpcs},
    {.name = "from", .type = kTarget, .doc = "who sent the request"},
    {.name = "to", .type = kTarget, .doc = "who gets the request"},
    {.name = "phase",
     .type = kWord,
     .doc = "which step of the request",
     .fallback = "sent",
     .words = Words::kPhases},
    {.name = "event", .type = kWord, .doc = "an event of the trace", .words = Words::kEvents},
    {.name = "where",
     .type = kScalar,
     .doc = "values that fields of the event must have",
     .form = Form::kMap,
     .items_max = 16},
    {.name = "nth",
     .type = kInteger,
     .doc = "which match, from 1, retries included",
     .min = 1,
     .max = 1'000'000'000,
     .fallback = "1"},
    {.name = "after",
     .type = kDuration,
     .doc = "matches are counted from then on",
     .min = 0,
     .max = kDay,
     .fallback = "0s"},
};

constexpr Key kChaosKeys[] = {
    {.name = "mean_interval",
     .type = kDuration,
     .doc = "mean time between two faults",
     .is_required = true,
     .min = kMs,
     .max = kDay},
    {.name = "kinds",
     .type = kInteger,
     .doc = "kinds of faults and their weights; without the key, all kinds",
     .form = Form::kMap,
     .min = 0,
     .max = 1'000'000,
     .words = Words::kFaults,
     .names = Names::kWords,
     .items_min = 1},
    {.name = "swarm",
     .type = kFlag,
     .doc = "a seed switches a random subset of kinds off and draws its own intensities",
     .fallback = "false"},
    {.name = "targets",
     .type = kTarget,
     .doc = "whom faults may hit; without the key any:app and any:broker",
     .form = Form::kList,
     .items_min = 1,
     .items_max = 1'000},
    {.name = "vary",
     .type = kChoices,
     .doc = "values of the scenario that a seed chooses: a list, or whole numbers {min, max}",
     .form = Form::kMap,
     .names = Names::kPointers,
     .items_max = 100},
    {.name = "intensity",
     .type = kWord,
     .doc = "how hard faults strike",
     .fallback = "rough",
     .words = Words::kIntensities},
    {.name = "data_loss",
     .type = kFlag,
     .doc = "what destroys data may strike the last copy, too",
     .fallback = "false"},
};

// What a kind requires, what it may have, and its weight where chaos names no kinds. Rare: what
// destroys data, and what mostly makes a run slow.
const std::array<Case, 22>& fault_table() {
  static const std::array<Case, 22> kTable{{
      {"crash", {"target"}, {"for"}, 4},
      {"power_loss", {"target"}, {"for"}, 2},
      {"disk_loss", {"target"}, {"for"}, 1},
      {"pause", {"target"}, {"for"}, 4},
      {"stall", {"target"}, {"for"}, 2},
      {"partition", {"between"}, {"and", "direction", "for"}, 4},
      {"reset_connection", {}, {"from", "to"}, 4},
      {"delay", {"by"}, {"rpc", "from", "to", "what", "for"}, 4},
      {"drop_response", {}, {"rpc", "from", "to", "for"}, 2},
      {"slow_link", {"factor"}, {"target", "from", "to", "for"}, 2},
      {"slow_disk", {"target", "factor"}, {"for"}, 1},
      {"slow_cpu", {"target", "factor"}, {"for"}, 1},
      {"slow_controller", {"by"}, {"for"}, 1},
      {"slow_metadata", {"target", "by"}, {"for"}, 2},
      {"clock_jump", {"target", "by"}, {}, 1},
      {"clock_drift", {"target", "ppm"}, {"for"}, 1},
      {"rebalance", {"app"}, {}, 2},
      {"add_instance", {"app"}, {"target"}, 1},
      {"remove_instance", {"app"}, {"target"}, 1},
      {"move_leader", {}, {"partition", "target", "to"}, 3},
      {"move_coordinator", {}, {"partition", "target", "to"}, 2},
      {"unclean_election", {}, {"partition", "target", "to"}, 1},
  }};
  return kTable;
}

}  // namespace

std::span<const Key> fault_keys() { return kFaultKeys; }
std::span<const Key> trigger_keys() { return kTriggerKeys; }
std::span<const Key> chaos_keys() { return kChaosKeys; }
std::span<const Case> fault_kinds() { return fault_table(); }

}  // namespace eosim::scenario
