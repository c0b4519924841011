#include <algorithm>
#include <array>

#include "models/scenario/schema.h"
#include "sim/assert.h"

namespace eosim::scenario {
namespace {

constexpr int64_t kTebi = int64_t{1} << 40;

using enum Type;

constexpr Key kScenarioKeys[] = {
    {.name = "$schema", .type = kText, .doc = "for editors"},
    {.name = "scenario_version",
     .type = kInteger,
     .doc = "version of this format",
     .is_required = true,
     .min = 1,
     .max = 1},
    {.name = "name", .type = kName, .doc = "what reports call it", .is_required = true},
    {.name = "description", .type = kText, .doc = "one line that says what it shows"},
    {.name = "kafka",
     .type = kWord,
     .doc = "protocol preset: what brokers and clients speak, and their defaults",
     .is_required = true,
     .words = Words::kPresets},
    {.name = "protocol",
     .type = kScalar,
     .doc = "protocol switches, or groups of them, over the preset",
     .form = Form::kMap,
     .words = Words::kSwitches,
     .names = Names::kWords},
    {.name = "duration",
     .type = kDuration,
     .doc = "sources and faults run this long",
     .is_required = true,
     .min = kMs,
     .max = kDay},
    {.name = "settle",
     .type = kDuration,
     .doc = "then faults heal, sources stop, and the run goes on until nothing is left to do, at "
            "most this long; 0s: a measurement, no checks at quiescence",
     .min = 0,
     .max = kDay,
     .fallback = "120s"},
    {.name = "warmup",
     .type = kDuration,
     .doc = "rates and latencies are counted from here to the end of duration",
     .min = 0,
     .max = kDay,
     .fallback = "0s"},
    {.name = "seed", .type = kSeed, .doc = "what --seed defaults to", .fallback = "1"},
    {.name = "calm",
     .type = kFlag,
     .doc = "every draw takes its calm value, whatever the seed; only scripted faults happen",
     .fallback = "false"},
    {.name = "brokers", .type = kObject, .doc = "the cluster", .shape = ShapeId::kBrokers},
    {.name = "topics",
     .type = kObject,
     .doc = "topics that exist at time 0",
     .form = Form::kList,
     .is_required = true,
     .shape = ShapeId::kTopic,
     .items_min = 1,
     .items_max = 1'000},
    {.name = "sources",
     .type = kObject,
     .doc = "processes source-<index> that write input",
     .form = Form::kList,
     .shape = ShapeId::kSource,
     .items_max = 100},
    {.name = "apps",
     .type = kObject,
     .doc = "applications; an instance is a process <name>-<index> on a host of its own",
     .form = Form::kList,
     .shape = ShapeId::kApp,
     .items_max = 100},
    {.name = "auditors",
     .type = kWord,
     .doc = "consumers outside any group that read every output topic; without the key, one with "
            "read_committed",
     .form = Form::kList,
     .words = Words::kIsolation,
     .items_max = 2},
    {.name = "network", .type = kObject, .doc = "all links", .shape = ShapeId::kNetwork},
    {.name = "faults",
     .type = kObject,
     .doc = "scripted faults, at a time or on a trigger",
     .form = Form::kList,
     .shape = ShapeId::kFault},
    {.name = "chaos",
     .type = kObject,
     .doc = "faults drawn from the seed",
     .shape = ShapeId::kChaos},
    {.name = "limits",
     .type = kObject,
     .doc = "a run beyond them is cut and says so",
     .shape = ShapeId::kLimits},
    {.name = "expect",
     .type = kObject,
     .doc = "what the run is to show; without it, no violation",
     .shape = ShapeId::kExpect},
    {.name = "variants",
     .type = kObject,
     .doc = "the same story under other values",
     .form = Form::kList,
     .shape = ShapeId::kVariant,
     .items_max = 100},
};

constexpr Key kBrokerKeys[] = {
    {.name = "count",
     .type = kInteger,
     .doc = "processes broker-<index>",
     .min = 1,
     .max = 100,
     .fallback = "3"},
    {.name = "kafka",
     .type = kWord,
     .doc = "preset of the brokers; without the key, the scenario's",
     .words = Words::kPresets},
    {.name = "own",
     .type = kObject,
     .doc = "what single brokers have of their own, by name: broker-1",
     .form = Form::kMap,
     .shape = ShapeId::kOwnBroker,
     .items_max = 100},
    {.name = "config",
     .type = kSettings,
     .doc = "Kafka's broker settings",
     .sides = kafka::kBrokerSide},
    {.name = "resources",
     .type = kObject,
     .doc = "service costs; {}: every service costs nothing",
     .shape = ShapeId::kResources},
};

constexpr Key kOwnBrokerKeys[] = {
    {.name = "kafka", .type = kWord, .doc = "preset of this broker", .words = Words::kPresets},
    {.name = "config",
     .type = kSettings,
     .doc = "Kafka's broker settings, over those of all brokers",
     .sides = kafka::kBrokerSide},
};

constexpr Key kTopicKeys[] = {
    {.name = "name", .type = kName, .doc = "topic name", .is_required = true},
    {.name = "partitions",
     .type = kInteger,
     .doc = "leaders are spread over the brokers",
     .min = 1,
     .max = 10'000,
     .fallback = "1"},
    {.name = "replication_factor",
     .type = kInteger,
     .doc = "at most the number of brokers; without the key 3, or the number of brokers",
     .min = 1,
     .max = 100},
    {.name = "config",
     .type = kSettings,
     .doc = "Kafka's topic settings",
     .sides = kafka::kTopicSide},
};

constexpr Key kSourceKeys[] = {
    {.name = "topic", .type = kText, .doc = "a topic of `topics`", .is_required = true},
    {.name = "rate",
     .type = kDecimal,
     .doc = "records a second over the topic",
     .is_required = true,
     .min = 1,
     .max = 1'000'000'000},
    {.name = "record_size",
     .type = kSize,
     .doc = "bytes of a record",
     .min = 1,
     .max = kMiB,
     .fallback = "100"},
    {.name = "count",
     .type = kInteger,
     .doc = "stops after so many records",
     .min = 0,
     .max = 1'000'000'000},
    {.name = "arrivals",
     .type = kWord,
     .doc = "how records are spaced",
     .fallback = "even",
     .words = Words::kArrivals},
};

constexpr Key kNetworkKeys[] = {
    {.name = "latency", .type = kObject, .doc = "one way, log-normal", .shape = ShapeId::kLatency},
    {.name = "late",
     .type = kObject,
     .doc = "of the requests in flight on a connection that ends",
     .shape = ShapeId::kLate},
};

constexpr Key kLatencyKeys[] = {
    {.name = "median",
     .type = kDuration,
     .doc = "half of the messages take at most this",
     .min = 1'000,
     .max = 60 * kSecond,
     .fallback = "300us"},
    {.name = "p99",
     .type = kDuration,
     .doc = "99 % of the messages take at most this; not below the median",
     .min = 1'000,
     .max = 600 * kSecond,
     .fallback = "3ms"},
};

constexpr Key kLateKeys[] = {
    {.name = "share",
     .type = kDecimal,
     .doc = "how many arrive late, the rest is lost",
     .min = 0,
     .max = 1'000,
     .fallback = "0.3"},
    {.name = "max",
     .type = kDuration,
     .doc = "how late at most",
     .min = 0,
     .max = kHour,
     .fallback = "30s"},
};

constexpr Key kLimitKeys[] = {
    {.name = "events",
     .type = kInteger,
     .doc = "items taken from the queue",
     .min = 1'000,
     .max = 1'000'000'000'000,
     .fallback = "100000000"},
    {.name = "memory",
     .type = kSize,
     .doc = "as the world counts it, so that every machine cuts alike",
     .min = kMiB,
     .max = kTebi,
     .fallback = "2GiB"},
};

constexpr Key kExpectKeys[] = {
    {.name = "verdict", .type = kWord, .doc = "the default", .words = Words::kVerdicts},
    {.name = "violations",
     .type = kWord,
     .doc = "each of these kinds shows, and no other",
     .form = Form::kList,
     .words = Words::kViolations,
     .items_min = 1},
    {.name = "allow",
     .type = kText,
     .doc = "kinds or signatures that may show, and why",
     .form = Form::kMap,
     .names = Names::kViolations},
    {.name = "only_with",
     .type = kText,
     .doc = "of what is allowed: what has to show in the same run, as its cause",
     .form = Form::kMap,
     .names = Names::kViolations},
    {.name = "metrics",
     .type = kObject,
     .doc = "bounds of metrics",
     .form = Form::kMap,
     .words = Words::kMetrics,
     .names = Names::kWords,
     .shape = ShapeId::kComparison},
    {.name = "moments",
     .type = kObject,
     .doc = "bounds of metrics at moments of the run",
     .form = Form::kList,
     .shape = ShapeId::kMoment,
     .items_max = 100},
};

constexpr Key kMomentKeys[] = {
    {.name = "at",
     .type = kDuration,
     .doc = "within duration",
     .is_required = true,
     .min = 0,
     .max = kDay},
    {.name = "metrics",
     .type = kObject,
     .doc = "bounds of metrics, as they are then",
     .form = Form::kMap,
     .is_required = true,
     .words = Words::kMetrics,
     .names = Names::kWords,
     .shape = ShapeId::kComparison,
     .items_min = 1},
};

constexpr int64_t kLargestMetric = 1'000'000'000'000'000'000;
constexpr Key comparison(std::string_view name, std::string_view doc) {
  return {
      .name = name, .type = kDecimal, .doc = doc, .min = -kLargestMetric, .max = kLargestMetric};
}
constexpr Key kComparisonKeys[] = {
    comparison("eq", "equal"),   comparison("ne", "not equal"),
    comparison("lt", "less"),    comparison("le", "less or equal"),
    comparison("gt", "greater"), comparison("ge", "greater or equal"),
};

constexpr Key kVariantKeys[] = {
    {.name = "name", .type = kName, .doc = "for --variant", .is_required = true},
    {.name = "set",
     .type = kAny,
     .doc = "JSON Pointers into the scenario and their values",
     .form = Form::kMap,
     .is_required = true,
     .names = Names::kPointers},
    {.name = "expect",
     .type = kObject,
     .doc = "instead of the scenario's",
     .shape = ShapeId::kExpect},
};

std::array<Shape, static_cast<size_t>(ShapeId::kCount)> make_shapes() {
  return {{
      {.id = ShapeId::kScenario, .name = "scenario", .keys = kScenarioKeys},
      {.id = ShapeId::kBrokers, .name = "brokers", .keys = kBrokerKeys},
      {.id = ShapeId::kOwnBroker, .name = "own_broker", .keys = kOwnBrokerKeys},
      {.id = ShapeId::kResources, .name = "resources", .keys = {}},
      {.id = ShapeId::kTopic, .name = "topic", .keys = kTopicKeys},
      {.id = ShapeId::kSource, .name = "source", .keys = kSourceKeys},
      {.id = ShapeId::kApp,
       .name = "app",
       .keys = app_keys(),
       .case_key = "kind",
       .common = {"name", "kind", "kafka", "copies", "instances", "threads", "config", "start",
                  "resources"},
       .cases = app_kinds()},
      {.id = ShapeId::kTransform, .name = "transform", .keys = transform_keys()},
      {.id = ShapeId::kTransaction, .name = "transaction", .keys = transaction_keys()},
      {.id = ShapeId::kTopology, .name = "topology", .keys = topology_keys()},
      {.id = ShapeId::kNetwork, .name = "network", .keys = kNetworkKeys},
      {.id = ShapeId::kLatency, .name = "latency", .keys = kLatencyKeys},
      {.id = ShapeId::kLate, .name = "late", .keys = kLateKeys},
      {.id = ShapeId::kFault,
       .name = "fault",
       .keys = fault_keys(),
       .exactly_one = {"at", "on"},
       .case_key = "kind",
       .common = {"kind", "at", "on", "repeat"},
       .cases = fault_kinds()},
      {.id = ShapeId::kTrigger,
       .name = "trigger",
       .keys = trigger_keys(),
       .exactly_one = {"rpc", "event"}},
      {.id = ShapeId::kChaos, .name = "chaos", .keys = chaos_keys()},
      {.id = ShapeId::kLimits, .name = "limits", .keys = kLimitKeys},
      {.id = ShapeId::kExpect,
       .name = "expect",
       .keys = kExpectKeys,
       .at_most_one = {"verdict", "violations"}},
      {.id = ShapeId::kMoment, .name = "moment", .keys = kMomentKeys},
      {.id = ShapeId::kComparison, .name = "comparison", .keys = kComparisonKeys},
      {.id = ShapeId::kVariant, .name = "variant", .keys = kVariantKeys},
  }};
}

}  // namespace

const Key* Shape::find(std::string_view key) const {
  const auto at =
      std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return k.name == key; });
  return at == keys.end() ? nullptr : &*at;
}

const Case* Shape::case_of(std::string_view word) const {
  const auto at =
      std::find_if(cases.begin(), cases.end(), [&](const Case& c) { return c.word == word; });
  return at == cases.end() ? nullptr : &*at;
}

const Shape& shape(ShapeId id) {
  static const auto kShapes = make_shapes();
  const Shape& found = kShapes.at(static_cast<size_t>(id));
  EOSIM_ASSERT(found.id == id);
  return found;
}

}  // namespace eosim::scenario
