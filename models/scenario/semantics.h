// Second half of checking: names that the file itself defines, and combinations of values that can
// only be a slip. Expects a tree whose structure is right.
#pragma once

#include <vector>

#include "models/scenario/document.h"
#include "models/scenario/scenario.h"

namespace eosim::scenario {

std::vector<Problem> check_semantics(const Document& document, const Scenario& scenario);

}  // namespace eosim::scenario
