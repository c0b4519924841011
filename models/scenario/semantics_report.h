// What the checks of meaning share: the scenario, its document, and the problems found so far.
#pragma once

#include <string>
#include <vector>

#include "models/scenario/document.h"
#include "models/scenario/problem.h"
#include "models/scenario/scenario.h"
#include "models/scenario/targets.h"

namespace eosim::scenario {

class SemanticsReport {
 public:
  SemanticsReport(const Document& document, const Scenario& scenario);

  // At the value that the pointer names, else at the nearest that holds it.
  Problem& report(std::string pointer, std::string message, std::string allowed = {});
  void unknown(std::string message, const std::string& name, const std::vector<std::string>& known,
               const std::string& pointer);
  void no_twins(const std::vector<std::string>& list, const std::string& pointer);
  // Looking for near words takes time: a file that is wrong everywhere needs no more.
  bool full() const;
  const Value* find(const std::string& pointer) const;

  const Document& document;
  const Scenario& scenario;
  const Targets targets;
  std::vector<Problem> problems;
};

std::string at_index(const char* list, size_t index);

// Faults and chaos (semantics_faults.cc).
void check_faults(SemanticsReport& report);

}  // namespace eosim::scenario
