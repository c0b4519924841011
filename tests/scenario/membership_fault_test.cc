// Runs of small scenarios in which instances are removed, and one with switches over its preset.
#include "loaded.h"

using namespace eosim;
using namespace eosim::scenario;
using namespace eosim::scenario::testing;

namespace {

constexpr const char* kTwoInstances = R"({
  "scenario_version": 1, "name": "small", "kafka": "2.5", "duration": "20s",
  "topics": [{"name": "in", "partitions": 4}, {"name": "out"}],
  "sources": [{"topic": "in", "rate": 10}],
  "apps": [{"name": "app", "kind": "consume-transform-produce", "guarantee": "exactly_once_v2",
            "instances": 2, "input": ["in"], "output": ["out"],
            "config": {"session.timeout.ms": 6000, "heartbeat.interval.ms": 2000}}]
})";

RunResult run_two(const std::vector<std::string>& sets) {
  const Scenario scenario = scenario_from(kTwoInstances, sets);
  return Simulation(scenario, {}).run();
}

}  // namespace

TEST_CASE("an instance that was removed does not come back with a crash and a restart") {
  const RunResult result = run_two({R"(/faults=[
      {"at":"10s","kind":"remove_instance","app":"app","target":"app-0"},
      {"at":"13s","kind":"crash","target":"app-0","for":"1s"}])"});
  CHECK(result.verdict == Verdict::kPass);
  CHECK(metric_of(result, "requests.LeaveGroup") == 1);
  CHECK(metric_of(result, "rebalances") == 2);  // at the start, and when it left
}

TEST_CASE("an instance that is down is removed, and does not start again") {
  const RunResult result = run_two({R"(/faults=[
      {"at":"10s","kind":"crash","target":"app-0","for":"8s"},
      {"at":"11s","kind":"remove_instance","app":"app","target":"app-0"}])"});
  CHECK(result.verdict == Verdict::kPass);
  CHECK(metric_of(result, "rebalances") == 2);
}

TEST_CASE("an instance that stands still leaves when it goes on") {
  const RunResult result = run_two({R"(/faults=[
      {"at":"10s","kind":"pause","target":"app-0","for":"2s"},
      {"at":"11s","kind":"remove_instance","app":"app","target":"app-0"}])"});
  CHECK(result.verdict == Verdict::kPass);
  CHECK(metric_of(result, "requests.LeaveGroup") == 1);
}

TEST_CASE("a selector names the instance to be removed") {
  const RunResult result = run_two(
      {R"(/faults=[{"at":"12s","kind":"remove_instance","app":"app","target":"owner:in-0"}])"});
  CHECK(result.verdict == Verdict::kPass);
  CHECK(metric_of(result, "requests.LeaveGroup") == 1);
}

TEST_CASE("KIP-447 switched on over 2.4 works at both ends") {
  const RunResult result = run_two({"/kafka=2.4", R"(/protocol={"kip_447": true})"});
  CHECK(result.verdict == Verdict::kPass);
  CHECK(metric_of(result, "records.out") == metric_of(result, "records.in"));
}

TEST_CASE("an instance may have several threads, whatever the guarantee") {
  for (const char* guarantee : {"at_least_once", "exactly_once", "exactly_once_v2"}) {
    const std::string set = std::string("/apps/0/guarantee=") + guarantee;
    const RunResult result = run_two({set, "/apps/0/threads=3", "/topics/0/partitions=6"});
    INFO(guarantee);
    CHECK(result.verdict == Verdict::kPass);
    CHECK(metric_of(result, "records.out") == metric_of(result, "records.in"));
  }
}

TEST_CASE("max.block.ms 0 does not wait, and so nothing is ever initialised") {
  const RunResult result = run_two({"/apps/0/config/max.block.ms=0", "/settle=1s"});
  CHECK(metric_of(result, "records.out") == 0);
}
