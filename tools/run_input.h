// What a SCENARIO or BUNDLE argument and the options after it mean: the scenario as it is run, with
// seed, forks and overrides. Every command that runs something starts here.
#pragma once

#include <string>
#include <vector>

#include "models/scenario/load.h"
#include "models/scenario/simulation.h"
#include "tools/arguments.h"
#include "tools/bundle.h"
#include "tools/console.h"

namespace eosim::tools {

struct RunInput {
  std::string argument;          // as the user wrote it
  scenario::Loaded loaded;       // without what a seed chooses of `vary`
  scenario::RunOptions options;  // seed, forks, overrides
  std::optional<Bundle> bundle;  // where the argument was one
};

scenario::Result<RunInput> open_run(const Console& console, const std::string& argument,
                                    const Arguments& arguments);
// The scenario that a seed makes of it: `vary` chosen. Bundles hold theirs already.
scenario::Result<scenario::Loaded> for_seed(const RunInput& input, uint64_t seed);
// A word as a shell takes it.
std::string shell_word(const std::string& word);
// The exact command that runs this again: with every --set, --variant and the seed.
std::string repro_command(const std::string& command, const std::string& argument,
                          const Arguments& arguments, uint64_t seed);

}  // namespace eosim::tools
