// What applications do (cli-and-scenarios.md 2.3).
#include <array>

#include "models/scenario/schema.h"

namespace eosim::scenario {
namespace {

using enum Type;

constexpr Key kAppKeys[] = {
    {.name = "name", .type = kName, .doc = "also its group id", .is_required = true},
    {.name = "kind",
     .type = kWord,
     .doc = "what it does",
     .is_required = true,
     .words = Words::kAppKinds},
    {.name = "guarantee",
     .type = kWord,
     .doc = "producers, and how offsets are committed",
     .words = Words::kGuarantees},
    {.name = "offset_metadata",
     .type = kWord,
     .doc = "what transactional offset commits carry; without the key full with exactly_once_v2, "
            "else group_id. exactly_once with full is what a careful upgrade to exactly_once_v2 "
            "goes through",
     .words = Words::kOffsetMetadata},
    {.name = "kafka",
     .type = kWord,
     .doc = "preset of this app's clients; without the key, the scenario's",
     .words = Words::kPresets},
    {.name = "copies",
     .type = kInteger,
     .doc = "so many applications like this one, each with a group and transactional ids of its "
            "own; from 2 on they are called <name>-<copy>",
     .min = 1,
     .max = 100,
     .fallback = "1"},
    {.name = "instances",
     .type = kInteger,
     .doc = "processes",
     .min = 1,
     .max = 1'000,
     .fallback = "1"},
    {.name = "threads",
     .type = kInteger,
     .doc = "threads <name>-<index>/<thread> of an instance, each a group member or a producer",
     .min = 1,
     .max = 100,
     .fallback = "1"},
    {.name = "input",
     .type = kText,
     .doc = "topics that are read",
     .form = Form::kList,
     .items_min = 1,
     .items_max = 100},
    {.name = "output",
     .type = kText,
     .doc = "topics that are written",
     .form = Form::kList,
     .items_min = 1,
     .items_max = 100},
    {.name = "rate",
     .type = kDecimal,
     .doc = "records a second that an instance writes",
     .min = 1,
     .max = 1'000'000'000,
     .fallback = "20"},
    {.name = "record_size",
     .type = kSize,
     .doc = "bytes of a record",
     .min = 1,
     .max = kMiB,
     .fallback = "100"},
    {.name = "transaction",
     .type = kObject,
     .doc = "what is written together",
     .shape = ShapeId::kTransaction},
    {.name = "transform",
     .type = kObject,
     .doc = "what becomes of a record",
     .shape = ShapeId::kTransform},
    {.name = "mistakes",
     .type = kWord,
     .doc = "what it does as a careful application would not",
     .form = Form::kList,
     .words = Words::kMistakes,
     .items_max = 20},
    {.name = "topology",
     .type = kObject,
     .doc = "what a Streams app computes",
     .shape = ShapeId::kTopology},
    {.name = "config",
     .type = kSettings,
     .doc = "Kafka's producer and consumer settings, and the loop's own",
     .sides = kafka::kAppSide},
    {.name = "start",
     .type = kDuration,
     .doc = "when its instances start",
     .min = 0,
     .max = kDay,
     .fallback = "0s"},
    {.name = "resources",
     .type = kObject,
     .doc = "service costs; {}: every service costs nothing",
     .shape = ShapeId::kResources},
};

constexpr Key kTransactionKeys[] = {
    {.name = "records",
     .type = kInteger,
     .doc = "records of a transaction",
     .min = 1,
     .max = 10'000,
     .fallback = "10"},
    {.name = "partitions",
     .type = kInteger,
     .doc = "partitions that a transaction writes to",
     .min = 1,
     .max = 100,
     .fallback = "2"},
    {.name = "abort",
     .type = kDecimal,
     .doc = "share of transactions that are aborted by choice",
     .min = 0,
     .max = 1'000,
     .fallback = "0.2"},
    {.name = "gap",
     .type = kDuration,
     .doc = "between two transactions",
     .min = 0,
     .max = kHour,
     .fallback = "0s"},
};

constexpr Key kTransformKeys[] = {
    {.name = "kind",
     .type = kWord,
     .doc = "what it computes",
     .fallback = "map",
     .words = Words::kTransforms},
    {.name = "fan_out",
     .type = kInteger,
     .doc = "output records of an input record",
     .min = 1,
     .max = 100,
     .fallback = "1"},
    {.name = "cost",
     .type = kDuration,
     .doc = "time that a record takes",
     .min = 0,
     .max = kHour,
     .fallback = "0s"},
};

constexpr Key kTopologyKeys[] = {
    {.name = "kind",
     .type = kWord,
     .doc = "a stateless map, or a count in a store",
     .fallback = "map",
     .words = Words::kTopologies},
    {.name = "keys",
     .type = kInteger,
     .doc = "keys that records are counted under",
     .min = 1,
     .max = 100'000,
     .fallback = "16"},
    {.name = "repartition",
     .type = kFlag,
     .doc = "whether records go by their key through a repartition topic before they are counted",
     .fallback = "false"},
};

const std::array<Case, 5>& app_table() {
  static const std::array<Case, 5> kTable{{
      {"consume-transform-produce",
       {"guarantee", "input", "output"},
       {"offset_metadata", "transform", "mistakes"}},
      {"streams", {"guarantee", "input", "output"}, {"topology", "transform"}},
      {"transactional-producer", {"output"}, {"rate", "record_size", "transaction", "mistakes"}},
      {"idempotent-producer", {"output"}, {"rate", "record_size"}},
      {"consumer-group", {"input"}, {"transform"}},
  }};
  return kTable;
}

}  // namespace

std::span<const Key> app_keys() { return kAppKeys; }
std::span<const Key> transform_keys() { return kTransformKeys; }
std::span<const Key> transaction_keys() { return kTransactionKeys; }
std::span<const Key> topology_keys() { return kTopologyKeys; }
std::span<const Case> app_kinds() { return app_table(); }

}  // namespace eosim::scenario
