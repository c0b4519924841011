// The words that a scenario may use, each with one line for `eosim list`. What contract and models
// do not both have is not here: an unknown word is an error, never an option without effect.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eosim::scenario {

enum class Words : uint8_t {
  kNone,
  kPresets,
  kSwitches,
  kGuarantees,
  kOffsetMetadata,
  kAppKinds,
  kMistakes,
  kTransforms,
  kTopologies,
  kArrivals,
  kIsolation,
  kFaults,
  kRpcs,
  kPhases,
  kDirections,
  kMessageParts,
  kIntensities,
  kCheckers,
  kViolations,
  kVerdicts,
  kMetrics,  // a name, or a family: "requests.*"
  kEvents,   // of the trace
};

struct Word {
  std::string_view name;
  std::string_view doc;
};

std::span<const Word> words(Words list);
std::vector<std::string> names(Words list);
bool is_word(Words list, std::string_view name);

// Other spellings of a guarantee ("exactly_once_beta"); any other name is returned as it is.
std::string_view canonical_guarantee(std::string_view name);
// A kind of violation, or a signature that begins with one.
bool is_violation_or_signature(std::string_view text);

}  // namespace eosim::scenario
