// Seeds that fuzzing found and that were bugs of the simulator: each passes since.
#include "loaded.h"

using namespace eosim;
using namespace eosim::scenario;
using namespace eosim::scenario::testing;

TEST_CASE("seeds that found bugs of the simulator pass") {
  const struct {
    const char* path;
    const char* preset;
    uint64_t seed;
    const char* bug;
  } rows[] = {
      {"chaos/brokers.json", "2.5", 13823, "K12: what an elected coordinator loaded is not lost"},
      {"chaos/transactional-producer.json", "3.5", 2354, "loads end in the order of their terms"},
      {"streams/chaos-3.5-v2.json", "3.5", 4312, "loads end in the order of their terms"},
      {"chaos/brokers.json", "4.0", 4103, "T7: an answer about two transactions waits for one"},
      {"chaos/brokers.json", "4.0", 12104, "T7: a failed append stays in the log"},
      {"chaos/brokers.json", "4.2", 404, "a verification guard was lost with the leader's role"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.path, row.preset, row.seed, row.bug);
    const Scenario scenario = shipped_scenario(row.path, {.preset = row.preset});
    RunOptions options;
    options.seed = row.seed;
    const RunResult result = Simulation(scenario, options).run();
    for (const auto& violation : result.violations) UNSCOPED_INFO(violation.summary);
    CHECK(result.verdict == Verdict::kPass);
    CHECK(result.violations.empty());
  }
}
