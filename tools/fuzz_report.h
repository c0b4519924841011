// What `eosim fuzz` tells of a campaign, to people and to programs. Nothing of it depends on the
// number of threads but the times, which only the JSON has.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "tools/campaign.h"

namespace eosim::tools {

// A failure as the report lists it.
struct FoundFailure {
  size_t input = 0;
  uint64_t seed = 0;
  scenario::Verdict verdict = scenario::Verdict::kFail;
  std::vector<std::string> kinds;
  std::string signature;
  std::string bundle;  // path
};

struct FuzzReport {
  const std::vector<RunInput>& inputs;
  Seeds seeds;
  const CampaignResult& result;
  std::vector<FoundFailure> failures;    // in the order of their runs
  std::shared_ptr<const Failure> first;  // of the first of them
  std::string stopped_by;
  int64_t wall_ns = 0;
  bool color = false;
  bool verbose = false;  // a line for each failure
};

void print_fuzz_report(const FuzzReport& report, std::ostream& out);
scenario::Value fuzz_report_value(const FuzzReport& report);

// "62.1": runs per second.
std::string rate_text(uint64_t runs, int64_t wall_ns);

}  // namespace eosim::tools
