// Results for people: short, aligned, with the next command to run. The first lines of a failure
// tell what was violated, how it came about, and how to run it again.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "models/scenario/scenario.h"
#include "models/scenario/simulation.h"

namespace eosim::tools {

struct ResultText {
  const scenario::Scenario& scenario;
  const scenario::RunResult& result;
  std::vector<std::string> story;  // of the violation that is shown
  std::string command;             // that runs this again
  bool color = false;
  int64_t wall_ns = 0;  // 0: not shown
};

// The violation that a failure shows, of those that were not expected, else of all: the first of
// what readers of the output can see, else the first. Null: there is none.
const check::Violation* shown_violation(const scenario::RunResult& result);
void print_result(const ResultText& text, std::ostream& out);

}  // namespace eosim::tools
