// A comparison for programs: one row a combination, with every metric, as JSON and as CSV.
#pragma once

#include <ostream>
#include <string>

#include "models/scenario/document.h"
#include "tools/compare_table.h"

namespace eosim::tools {

// `guarantee`, `kafka`, the swept values by their pointers, `runs`, `cut`, then every metric as its
// median over the seeds, and violations.<kind>: how many seeds show that kind. A latency that no
// seed could measure is null. A combination that the scenario refuses has `refused` instead. Beside
// `rows`: `scenario`, `seeds`, `partings` (of two rows; null where the one had ended), `verdict`,
// `next`.
scenario::Value comparison_value(const CompareReport& report);
// The same columns for all; RFC 4180.
void print_csv(const CompareReport& report, std::ostream& out);

}  // namespace eosim::tools
