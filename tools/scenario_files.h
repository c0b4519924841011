// From what a user calls a scenario to a checked one: by path or by the name of a shipped scenario.
#pragma once

#include <string>
#include <vector>

#include "models/scenario/load.h"
#include "tools/arguments.h"
#include "tools/console.h"

namespace eosim::tools {

struct ShippedScenario {
  std::string name;  // "zombies/after-rebalance"
  std::string path;
};

// The folder `scenarios` beside the program, installed or in a build folder of the source tree;
// empty when there is none.
std::string scenario_folder(const Console& console);
// Sorted by name; files without the keys of a scenario (the schema) are left out.
std::vector<ShippedScenario> shipped_scenarios(const Console& console);

// The path of a SCENARIO argument: an existing file, else a shipped name
// ("zombies/after-rebalance", or just "after-rebalance" if only one is called so; scenarios/ and
// .json may surround it).
scenario::Result<std::string> find_scenario(const Console& console, const std::string& name);

// What --variant, --preset, --guarantee and --set ask for.
scenario::Overrides overrides_of(const Arguments& arguments);

// Finds, reads and checks. Reports name the file as the user did.
scenario::Result<scenario::Loaded> open_scenario(const Console& console, const std::string& name,
                                                 const scenario::Overrides& overrides);
// Only the first step: for those that load a scenario many times (see load_scenario).
scenario::Result<scenario::Document> open_document(const Console& console, const std::string& name);

}  // namespace eosim::tools
