// A failure bundle: one JSON file that needs nothing else (cli-and-scenarios.md 1): the scenario as
// it was run, seed, forks, overrides, and what came of it. Whoever takes a SCENARIO takes a bundle.
#pragma once

#include <string>
#include <vector>

#include "models/scenario/load.h"
#include "models/scenario/simulation.h"

namespace eosim::tools {

struct Bundle {
  scenario::Document scenario;  // with --set, --variant, vary and the rest applied
  uint64_t seed = 1;
  std::vector<scenario::Fork> forks;
  std::vector<sim::Override> overrides;
  std::string version;
  std::string digest;              // 16 hex digits
  std::vector<std::string> kinds;  // of the violations
  std::string signature;
  std::vector<std::string> story;
  std::string command;
};

bool is_bundle(const scenario::Document& document);
scenario::Result<Bundle> read_bundle(scenario::Document document);
// `result` and `story` are those of the run that the bundle describes.
std::string bundle_text(const Bundle& bundle, const scenario::RunResult& result);

}  // namespace eosim::tools
