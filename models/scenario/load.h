// From the text of a scenario file, and what the command line changes in it, to a Scenario. The
// way: parse, apply a variant, apply overrides, check the structure, bind, check the semantics.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/scenario/document.h"
#include "models/scenario/scenario.h"

namespace eosim::scenario {

// Applied in this order; empty ones change nothing.
struct Overrides {
  std::string variant = {};
  std::string preset = {};
  std::string guarantee = {};
  std::vector<std::string> sets = {};  // "POINTER=VALUE"; VALUE is JSON or a bare string
};

// The scenario, and the tree it came from as a bundle stores it: with all overrides, without
// `variants` and `$schema`.
struct Loaded {
  Scenario scenario;
  Document document;
};

Result<Loaded> load_scenario(std::string_view text, const std::string& file_name,
                             const Overrides& overrides = {});
// The same from a parsed document, which a caller may use again and again.
Result<Loaded> load_scenario(Document document, const Overrides& overrides = {});

// A document with other values at some pointers (what a seed chose of `vary`), checked again. The
// pointers must have been taken from the scenario.
Result<Loaded> load_changed(Document document,
                            const std::vector<std::pair<std::string, Value>>& changes);

// Names in the order of the file; what is no variant is left out.
std::vector<std::string> variant_names(const Document& document);

}  // namespace eosim::scenario
