// Second half of checking: names that the file itself defines, and combinations of values that can
// only be a slip. Expects a tree whose structure is right.
#pragma once

#include <vector>

#include "models/scenario/document.h"
#include "models/scenario/scenario.h"

namespace eosim::scenario {

// What a rolling bounce leads to may be wrong on purpose: that brokers are too old for what an
// application wants is then what is to be seen.
enum class RunPhase : uint8_t { kAtStart, kAfterBounce };

std::vector<Problem> check_semantics(const Document& document, const Scenario& scenario,
                                     RunPhase phase = RunPhase::kAtStart);

}  // namespace eosim::scenario
