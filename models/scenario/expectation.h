// What a scenario's "expect" says of a result (cli-and-scenarios.md 2.5).
#pragma once

#include "models/scenario/scenario.h"
#include "models/scenario/simulation.h"

namespace eosim::scenario {

// Fills in unexpected, missing, metrics_missed and the verdict. For one seed of a campaign an
// expected kind need not show: `whole` is false.
void judge(const Expect& expect, bool whole, RunResult& result);

}  // namespace eosim::scenario
