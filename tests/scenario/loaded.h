// Scenarios for tests: loaded from a text or from those that are shipped, and what their runs come
// to.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"
#include "models/scenario/load.h"
#include "models/scenario/simulation.h"
#include "sim/world.h"

namespace eosim::scenario::testing {

inline Loaded load_text(const std::string& text, const Overrides& overrides = {}) {
  auto result = load_scenario(text, "test.json", overrides);
  if (!result) FAIL(result.problem().text());
  return std::move(*result);
}

inline Scenario scenario_from(const std::string& text, const std::vector<std::string>& sets) {
  return load_text(text, {.sets = sets}).scenario;
}

// "": it loads.
inline std::string problem_in(const std::string& text, const Overrides& overrides = {}) {
  const auto result = load_scenario(text, "test.json", overrides);
  return result ? "" : result.problem().text();
}

// Named from scenarios/ on.
inline Scenario shipped_scenario(const std::string& path, const Overrides& overrides = {}) {
  const std::string file = std::string(EOSIM_SOURCE_DIR) + "/scenarios/" + path;
  const auto text = read_file(file);
  REQUIRE(text);
  return load_text(*text, overrides).scenario;
}

// In whole units.
inline std::map<std::string, int64_t> metrics_of(const RunResult& result) {
  std::map<std::string, int64_t> all;
  for (const check::Metric& metric : result.metrics) {
    all[metric.name] = metric.thousandths / 1'000;
  }
  return all;
}

inline int64_t metric_of(const RunResult& result, const std::string& name) {
  return metrics_of(result).at(name);
}

inline std::map<std::string, int64_t> metrics_of_a_pass(const Scenario& scenario) {
  const RunResult result = Simulation(scenario, {}).run();
  for (const auto& violation : result.violations) UNSCOPED_INFO(violation.summary);
  CHECK(result.verdict == Verdict::kPass);
  return metrics_of(result);
}

// The digest of a world after its first minute.
inline uint64_t run_to_the_end(sim::World& world) {
  const sim::Time end = sim::Time{} + sim::seconds(60);
  while (world.next_time() < end) world.step();
  return world.digest();
}

}  // namespace eosim::scenario::testing
