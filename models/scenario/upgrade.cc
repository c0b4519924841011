#include "models/scenario/upgrade.h"

#include <algorithm>
#include <string>
#include <vector>

#include "models/scenario/bind.h"
#include "models/scenario/pointer.h"
#include "models/scenario/semantics.h"
#include "models/scenario/semantics_report.h"
#include "models/scenario/structure.h"
#include "sim/assert.h"

namespace eosim::scenario {
namespace {

// Each is checked as a whole scenario.
constexpr size_t kBouncesMax = 100;

const App& app_named(const Scenario& scenario, const std::string& name) {
  const auto at = std::find_if(scenario.apps.begin(), scenario.apps.end(),
                               [&](const App& app) { return app.name == name; });
  EOSIM_ASSERT(at != scenario.apps.end());
  return *at;
}

class Bounces {
 public:
  Bounces(const Document& document, Scenario& scenario)
      : document_(document), scenario_(scenario) {}

  std::optional<Problem> run() {
    for (size_t i = 0; i < scenario_.faults.size(); ++i) {
      if (scenario_.faults[i].kind != "rolling_bounce") continue;
      if (scenario_.bounces.size() == kBouncesMax) {
        Problem problem = at_fault(i, "", "more rolling bounces than can be checked");
        problem.allowed = std::to_string(kBouncesMax);
        return problem;
      }
      if (auto problem = bounce(i)) return problem;
    }
    return std::nullopt;
  }

 private:
  // Where a process's own values stand in the document.
  std::vector<std::string> subjects(const Fault& fault) const {
    if (!fault.brokers) {
      return {at_index("apps", static_cast<size_t>(app_named(scenario_, fault.app).listed))};
    }
    if (!fault.target.empty()) return {"/brokers/own/" + fault.target};
    std::vector<std::string> all;
    for (int i = 0; i < scenario_.brokers.count; ++i) {
      all.push_back("/brokers/own/broker-" + std::to_string(i));
    }
    return all;
  }

  std::optional<Problem> bounce(size_t index) {
    const Fault& fault = scenario_.faults[index];
    Document trial = document_;
    for (const char* other : {"faults", "chaos", "variants"}) remove_member(trial.root, other);
    for (size_t i = 0; i <= index; ++i) {
      const Fault& earlier = scenario_.faults[i];
      // What one instance has been given, the others have not.
      const bool counts =
          i == index || fault.brokers || earlier.target.empty() || earlier.target == fault.target;
      const bool same = earlier.kind == fault.kind && earlier.app == fault.app;
      if (!same || !counts) continue;
      for (const std::string& subject : subjects(earlier)) {
        for (const auto& [pointer, value] : earlier.set) {
          const std::string wrong = set_at(trial.root, subject + pointer, value);
          if (!wrong.empty()) return at_fault(i, pointer, wrong);
        }
      }
    }
    std::vector<Problem> problems = check_structure(trial);
    if (!problems.empty()) return translated(index, problems.front());
    const Scenario after = bind_scenario(trial.root);
    problems = check_semantics(trial, after, RunPhase::kAfterBounce);
    if (!problems.empty()) return translated(index, problems.front());
    Bounce made;
    made.fault = index;
    if (fault.brokers) made.brokers = after.brokers;
    if (!fault.brokers) made.app = app_named(after, fault.app);
    scenario_.bounces.push_back(std::move(made));
    return std::nullopt;
  }

  Problem at_fault(size_t index, const std::string& pointer, const std::string& message) const {
    std::string at = at_index("faults", index);
    if (find_at(document_.root, at + "/set") != nullptr) at += "/set";
    if (!pointer.empty()) at += '/' + pointer_step(pointer);
    const Value* value = find_at(document_.root, at);
    EOSIM_ASSERT(value != nullptr);
    return document_.problem_at(value->place, at, message);
  }

  // The trial's problem lies in what the fault has set: there the user finds it.
  Problem translated(size_t index, const Problem& problem) const {
    const Fault& fault = scenario_.faults[index];
    std::string blamed;
    for (const std::string& subject : subjects(fault)) {
      for (const auto& [pointer, value] : fault.set) {
        if (problem.pointer.starts_with(subject + pointer)) blamed = pointer;
      }
    }
    Problem made = at_fault(index, blamed, "after this bounce: " + problem.message);
    made.allowed = problem.allowed;
    made.nearest = problem.nearest;
    return made;
  }

  const Document& document_;
  Scenario& scenario_;
};

}  // namespace

std::optional<Problem> bind_bounces(const Document& document, Scenario& scenario) {
  return Bounces(document, scenario).run();
}

}  // namespace eosim::scenario
