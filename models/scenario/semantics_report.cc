#include "models/scenario/semantics_report.h"

#include <set>

#include "models/scenario/nearest.h"
#include "models/scenario/pointer.h"

namespace eosim::scenario {

namespace {}  // namespace

std::string at_index(const char* list, size_t index) {
  return std::string("/") + list + '/' + std::to_string(index);
}

SemanticsReport::SemanticsReport(const Document& of, const Scenario& bound)
    : document(of), scenario(bound), targets(bound) {}

bool SemanticsReport::full() const { return problems.size() >= kProblemsMax; }

const Value* SemanticsReport::find(const std::string& pointer) const {
  return find_at(document.root, pointer);
}

Problem& SemanticsReport::report(std::string pointer, std::string message, std::string allowed) {
  std::string there = pointer;
  const Value* value = find_at(document.root, there);
  while (value == nullptr) {
    there.resize(there.rfind('/'));
    value = find_at(document.root, there);
  }
  problems.push_back(document.problem_at(value->place, std::move(pointer), std::move(message)));
  problems.back().allowed = std::move(allowed);
  return problems.back();
}

void SemanticsReport::unknown(std::string message, const std::string& name,
                              const std::vector<std::string>& known, const std::string& pointer) {
  report(pointer, std::move(message), known.empty() ? "none is defined" : joined(known)).nearest =
      nearest(name, known);
}

void SemanticsReport::no_twins(const std::vector<std::string>& list, const std::string& pointer) {
  std::set<std::string> seen;
  for (size_t i = 0; i < list.size(); ++i) {
    if (seen.insert(list[i]).second) continue;
    report(pointer + '/' + std::to_string(i), shown(list[i]) + " stands here twice", "each once");
  }
}

}  // namespace eosim::scenario
