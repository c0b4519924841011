// What `eosim compare` sets side by side: guarantees x presets x swept values, each a column, and
// the seeds that every column runs. The same seeds are the same weather, because draws are keyed by
// what they are for and not by when they happen (design.md section 2, Choices).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/scenario/problem.h"
#include "tools/arguments.h"
#include "tools/console.h"
#include "tools/run_input.h"

namespace eosim::tools {

struct SweptValue {
  std::string pointer;
  std::string text;  // as the user wrote it
};

struct CompareColumn {
  std::string guarantee;  // of its apps; "a, b" where they differ
  std::string kafka;
  std::vector<SweptValue> swept;
  std::string label;          // what sets it apart from the other columns
  Arguments overrides;        // that make the scenario this column
  RunInput input;             // meaningless in a column that is refused
  std::string refusal;        // why the scenario cannot be so; empty: it runs
  std::string refusal_brief;  // "needs 2.5"

  bool runs() const { return refusal.empty(); }
};

struct ComparePlan {
  std::vector<CompareColumn> columns;  // at least one runs
  uint64_t first_seed = 1;
  uint64_t last_seed = 1;

  uint64_t seeds() const { return last_seed - first_seed + 1; }
};

// `options` are those of compare_plan_options() and override_options(). What no column can be, and
// a swept value that is wrong by itself, is the user's slip and a problem; a combination that does
// not exist is a column that says so.
scenario::Result<ComparePlan> plan_comparison(const Console& console, const std::string& argument,
                                              const Arguments& arguments);
// --guarantees, --presets, --sweep, --seeds, --seed.
std::vector<Option> compare_plan_options();

}  // namespace eosim::tools
