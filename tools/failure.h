// A run that failed, made ready to be told, written down and run again.
#pragma once

#include <string>
#include <vector>

#include "tools/bundle.h"
#include "tools/run_input.h"

namespace eosim::tools {

// What makes two failures the same one: the signature of the first violation in time that was not
// expected, or "cut limits.events" for a run that was cut. Empty: the run did not fail.
std::string failure_signature(const scenario::RunResult& result);

// The bundle of a run: `loaded` is the scenario as it was run, with what the seed chose.
Bundle make_bundle(const scenario::Loaded& loaded, const scenario::RunOptions& options,
                   const scenario::RunResult& result, std::vector<std::string> story,
                   std::string command);

}  // namespace eosim::tools
