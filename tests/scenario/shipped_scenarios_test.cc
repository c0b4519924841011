// Every shipped scenario, in every variant: it meets its expectation, and its digest does not
// depend on who watches (design.md section 6).
#include <algorithm>
#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include "catch.h"
#include "models/scenario/load.h"
#include "models/scenario/simulation.h"

using namespace eosim;

namespace {

struct Shipped {
  std::string path;
  std::string variant;  // "": the scenario itself
};

std::vector<Shipped> shipped() {
  std::vector<Shipped> all;
  const std::filesystem::path root = std::filesystem::path(EOSIM_SOURCE_DIR) / "scenarios";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::filesystem::path& path = entry.path();
    if (path.extension() != ".json" || path.parent_path() == root) continue;
    const auto text = scenario::read_file(path.string());
    REQUIRE(text);
    const auto document = scenario::parse_document(*text, path.string());
    REQUIRE(document);
    all.push_back({path.string(), ""});
    for (const std::string& variant : scenario::variant_names(*document)) {
      all.push_back({path.string(), variant});
    }
  }
  std::sort(all.begin(), all.end(), [](const Shipped& a, const Shipped& b) {
    return std::tie(a.path, a.variant) < std::tie(b.path, b.variant);
  });
  return all;
}

scenario::Scenario load(const Shipped& one) {
  const auto text = scenario::read_file(one.path);
  REQUIRE(text);
  scenario::Overrides overrides;
  overrides.variant = one.variant;
  const auto loaded = scenario::load_scenario(*text, one.path, overrides);
  REQUIRE(loaded);
  return loaded->scenario;
}

scenario::RunResult run(const scenario::Scenario& scenario, bool checkers) {
  scenario::RunOptions options;
  options.seed = scenario.seed;
  options.checkers = checkers;
  return scenario::Simulation(scenario, options).run();
}

// Looks at everything, notes and messages included.
class Nosy final : public sim::Observer {
 public:
  void on_event(const sim::World&, const sim::TraceEvent&) override { ++seen; }
  void on_kernel(const sim::World&, const sim::KernelRecord&) override { ++seen; }
  bool wants_kernel_records() const override { return true; }
  bool wants_notes() const override { return true; }
  uint64_t seen = 0;
};

// What nobody can end any more: it hangs, or was lost with the log that knew of it.
bool waits_for_ever(const Shipped& one) {
  return one.variant == "nobody-looks" || one.variant.starts_with("all-unclean");
}

}  // namespace

TEST_CASE("every shipped scenario meets its expectation in every variant") {
  REQUIRE(shipped().size() >= 30);
  for (const Shipped& one : shipped()) {
    INFO(one.path << " " << one.variant);
    const scenario::Scenario scenario = load(one);
    const scenario::RunResult result = run(scenario, true);
    CHECK(result.verdict == scenario::Verdict::kPass);
    const auto& expected = scenario.expect.violations;
    const bool stands =
        std::find(expected.begin(), expected.end(), "no_progress") != expected.end();
    if (!scenario.expect.allow.contains("no_progress")) {
      CHECK(result.quiet_ns.has_value() == !(stands || waits_for_ever(one)));
    }
    for (const sim::FaultRecord& fault : result.faults) CHECK((fault.struck || fault.spec.drawn));
  }
}

TEST_CASE("every shipped scenario has one digest: run twice, with and without checkers and sinks") {
  for (const Shipped& one : shipped()) {
    INFO(one.path << " " << one.variant);
    const scenario::Scenario scenario = load(one);
    const scenario::RunResult first = run(scenario, true);
    CHECK(run(scenario, true).digest == first.digest);
    CHECK(run(scenario, false).digest == first.digest);
    scenario::RunOptions options;
    options.seed = scenario.seed;
    scenario::Simulation watched(scenario, options);
    Nosy nosy;
    watched.watch(&nosy);
    CHECK(watched.run().digest == first.digest);
    CHECK(nosy.seen > first.events / 4);
  }
}

// A coordinator that leads again after others did, and whose generation was in no log.
TEST_CASE("a group without a record begins again after its coordinator has moved away and back") {
  scenario::Scenario scenario =
      load({std::string(EOSIM_SOURCE_DIR) + "/scenarios/chaos/exactly-once-v2.json", ""});
  scenario.seed = 1032;
  const scenario::RunResult result = run(scenario, true);
  CHECK(result.violations.empty());
}
