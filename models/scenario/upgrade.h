// What rolling bounces lead to: each one's `set` over all that was set before in the same
// application, or in the brokers, checked as a scenario is (cli-and-scenarios.md 2.4).
#pragma once

#include <optional>

#include "models/scenario/document.h"
#include "models/scenario/problem.h"
#include "models/scenario/scenario.h"

namespace eosim::scenario {

// Fills in Scenario::bounces. The scenario is the document's, and right so far.
std::optional<Problem> bind_bounces(const Document& document, Scenario& scenario);

}  // namespace eosim::scenario
