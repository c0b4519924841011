// What makes two failures the same one (design.md section 3): kind, checker, rule, era, guarantee
// of the application concerned, and the coordinator's state of the transaction concerned. No names,
// offsets, counts or times, so that it survives shrinking.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/check/violation.h"

namespace eosim::check {

struct Signature {
  std::string text;         // "duplicate_output K3 E2 exactly_once_unfenced CompleteCommit: rule"
  uint64_t hash = 0;        // of the text
  std::string hex() const;  // 16 digits: what a scenario's "allow" may name
};

Signature signature(const Violation& violation);
// Of the first in time; of several at one time, the first that was reported.
std::optional<Signature> signature(const std::vector<Violation>& violations);

}  // namespace eosim::check
