// The causal story of a violation: the run again, watched by somebody who writes down what matters
// to it. The digest of that run is the same; a test says so.
#pragma once

#include <string>
#include <vector>

#include "models/check/violation.h"
#include "models/scenario/simulation.h"

namespace eosim::tools {

// Lines as "12.003s  app-0 pauses for 15s", in order of time.
std::vector<std::string> tell_story(const scenario::Scenario& scenario,
                                    const scenario::RunOptions& options,
                                    const check::Violation& violation);

}  // namespace eosim::tools
