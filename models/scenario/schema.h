// What a scenario file may say: one table of shapes (objects) and their keys. The reader checks
// files against it, the JSON Schema is printed from it, defaults are taken from it; so they cannot
// differ.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/protocol/settings.h"
#include "models/scenario/words.h"

namespace eosim::scenario {

// Units of the bounds in the tables.
inline constexpr int64_t kMs = 1'000'000;
inline constexpr int64_t kSecond = 1'000 * kMs;
inline constexpr int64_t kHour = 3'600 * kSecond;
inline constexpr int64_t kDay = 24 * kHour;
inline constexpr int64_t kMiB = int64_t{1} << 20;

enum class Type : uint8_t {
  kText,      // any text
  kName,      // letters, digits, '.', '_' and '-'
  kWord,      // one of `words`
  kTarget,    // a process, a thread or a selector
  kInteger,   // written with digits
  kSeed,      // unsigned 64 bit; a text may be hex
  kDecimal,   // at most three decimals; held in thousandths
  kDuration,  // text with a unit; held in nanoseconds
  kSize,      // bytes: an integer or a text with a unit
  kFlag,
  kObject,    // of `shape`
  kSettings,  // Kafka's settings of `sides`
  kChoices,   // a list of values, or {min, max}
  kScalar,    // text, number or flag
  kAny,
};

enum class Form : uint8_t { kOne, kList, kMap };

// What the names of a map are.
enum class Names : uint8_t { kAny, kWords, kPointers, kViolations };

enum class ShapeId : uint8_t {
  kScenario,
  kBrokers,
  kOwnBroker,
  kResources,
  kTopic,
  kSource,
  kApp,
  kTransform,
  kTransaction,
  kTopology,
  kNetwork,
  kLatency,
  kLate,
  kFault,
  kTrigger,
  kChaos,
  kLimits,
  kExpect,
  kMoment,
  kComparison,
  kVariant,
  kCount,
};

struct Key {
  std::string_view name;
  Type type = Type::kText;
  std::string_view doc;
  Form form = Form::kOne;
  bool is_required = false;
  int64_t min = 0;  // of numbers as they are held; of lists and maps, see items_*
  int64_t max = 0;
  std::string_view fallback = {};  // the default, as text without quotes
  Words words = Words::kNone;      // of kWord, or of the names of a map
  Names names = Names::kAny;
  ShapeId shape = ShapeId::kScenario;
  kafka::Sides sides = 0;
  int64_t items_min = 0;
  int64_t items_max = 10'000;
};

// A shape may have a key ("kind") on whose word it depends which other keys belong.
struct Case {
  std::string_view word;
  std::vector<std::string_view> required;
  std::vector<std::string_view> optional;
  int64_t weight = 1;  // of a kind of fault, where chaos names none
};

struct Shape {
  ShapeId id;
  std::string_view name;
  std::span<const Key> keys;
  std::vector<std::string_view> exactly_one = {};
  std::vector<std::string_view> at_most_one = {};
  std::string_view case_key = {};
  std::vector<std::string_view> common = {};  // keys of every case
  std::span<const Case> cases = {};

  const Key* find(std::string_view key) const;
  const Case* case_of(std::string_view word) const;
};

const Shape& shape(ShapeId id);
// Keys and cases by file: schema_faults.cc, schema_apps.cc; the rest is in schema_table.cc.
std::span<const Key> app_keys();
std::span<const Key> transform_keys();
std::span<const Key> transaction_keys();
std::span<const Key> topology_keys();
std::span<const Case> app_kinds();
std::span<const Key> fault_keys();
std::span<const Key> trigger_keys();
std::span<const Key> chaos_keys();
// Fields of each kind of fault, in the order of Words::kFaults.
std::span<const Case> fault_kinds();

// "a whole number from 1 to 100", "one of: even, poisson", ...
std::string allowed_text(const Key& key);

// The JSON Schema (draft-07) of the file, with a line feed at its end.
std::string schema_text();

}  // namespace eosim::scenario
