// One run of a scenario: the world, who watches it, and when it ends (cli-and-scenarios.md 1, 2).
// Sources and faults run for `duration`; then everything heals and the run goes on until nothing is
// owed any more, at most for `settle`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/check/check_suite.h"
#include "models/check/metrics.h"
#include "models/protocol/coverage.h"
#include "models/scenario/scenario.h"
#include "sim/choices.h"
#include "sim/world.h"

namespace eosim::scenario {

// From the step of this number on, the choices are those of another seed.
struct Fork {
  uint64_t step = 0;
  uint64_t seed = 0;
};

struct RunOptions {
  uint64_t seed = 1;
  std::vector<Fork> forks;  // ascending
  std::vector<sim::Override> overrides;
  std::optional<sim::Duration> until;  // cuts the run
  bool checkers = true;                // off: the ledger alone, which knows when the run is quiet
  bool campaign = false;               // one seed of many: an expected kind need not show in it
};

enum class Verdict : uint8_t { kPass, kFail, kCut };
const char* name_of(Verdict verdict);

struct RunResult {
  uint64_t seed = 0;
  uint64_t digest = 0;
  Verdict verdict = Verdict::kPass;
  std::string cut_reason;                    // of kCut
  std::vector<check::Violation> violations;  // in order of time
  uint64_t violations_not_kept = 0;
  std::vector<std::string> unexpected;      // kinds that neither expect nor allow names
  std::vector<std::string> allowed;         // signatures that `allow` let pass, each once
  std::vector<std::string> missing;         // expected kinds that did not show
  std::vector<std::string> metrics_missed;  // "producers.total is 3, expected eq 4"
  std::optional<int64_t> quiet_ns;          // when nothing was left to do
  std::vector<std::string> waiting;         // else: "X waits for Y"
  int64_t simulated_ns = 0;
  uint64_t events = 0;
  std::vector<check::Metric> metrics;
  std::vector<std::vector<check::Metric>> moments;  // at those that the scenario expects
  std::vector<sim::FaultRecord> faults;
  kafka::Coverage coverage;

  std::string digest_text() const;  // 16 hex digits
};

class Simulation {
 public:
  // The scenario must outlive the simulation.
  Simulation(const Scenario& scenario, RunOptions options);
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // More observers (sinks, stories); not owned. Before run().
  void watch(sim::Observer* observer);
  RunResult run();
  sim::World& world() { return world_; }
  const check::CheckSuite& checks() const { return checks_; }

 private:
  bool advance(sim::Time end);  // false: the run is cut
  bool over_limits();
  void take_moments(sim::Time next);
  void settle();

  const Scenario& scenario_;
  RunOptions options_;
  sim::World world_;
  check::CheckSuite checks_;
  check::Metrics metrics_;
  std::vector<sim::Observer*> observers_;
  size_t next_fork_ = 0;
  std::vector<std::vector<check::Metric>> taken_;
  uint64_t next_look_ = 0;  // at the limits: from this step on
  std::string cut_reason_;  // limits
  bool stopped_ = false;    // by `until`
  std::optional<int64_t> quiet_ns_;
};

// What a seed makes of the scenario's `vary`; the same scenario where there is none.
std::vector<std::pair<std::string, Value>> varied(const Scenario& scenario, uint64_t seed);

}  // namespace eosim::scenario
