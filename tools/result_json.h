// Results as JSON values, with the names of the contract (cli-and-scenarios.md 1).
#pragma once

#include <string>

#include "models/scenario/document.h"
#include "models/scenario/scenario.h"
#include "models/scenario/simulation.h"

namespace eosim::tools {

// A number in thousandths: 12, or 12.345.
scenario::Value thousandths_value(int64_t thousandths);
scenario::Value violations_value(const scenario::RunResult& result);
scenario::Value faults_value(const scenario::RunResult& result);
scenario::Value metrics_value(const std::vector<check::Metric>& metrics);
// What `run --json` prints.
scenario::Value result_value(const scenario::Scenario& scenario, const scenario::RunResult& result,
                             int64_t wall_ns);

}  // namespace eosim::tools
