// Applications that only consume and commit (cli-and-scenarios.md 2.3), as whole runs.
#include "loaded.h"

using namespace eosim;
using namespace eosim::scenario;
using namespace eosim::scenario::testing;

namespace {

constexpr const char* kReaders = R"({
  "scenario_version": 1, "name": "readers", "kafka": "3.6", "duration": "20s",
  "topics": [{"name": "in", "partitions": 6}],
  "sources": [{"topic": "in", "rate": 20}],
  "apps": [{"name": "app", "kind": "consumer-group", "instances": 3, "input": ["in"],
            "config": {"commit.interval.ms": 500, "session.timeout.ms": 6000}}]
})";

std::map<std::string, int64_t> read_by_group(const std::vector<std::string>& sets) {
  return metrics_of_a_pass(scenario_from(kReaders, sets));
}

std::string problem_of_group(const std::vector<std::string>& sets) {
  return problem_in(kReaders, {.sets = sets});
}

}  // namespace

TEST_CASE("a consumer group reads everything once, commits it and makes no producer") {
  auto all = read_by_group({});
  CHECK(all["records.in"] > 350);
  CHECK(all["records.delivered"] == all["records.in"]);
  CHECK(all["producers.total"] == 0);
  CHECK(all["transactions.committed"] == 0);
}

TEST_CASE("a member that leaves in order has committed what it read, under either protocol") {
  const std::string leaves = R"(/faults=[{"at":"8s","kind":"remove_instance","app":"app"},)"
                             R"({"at":"12s","kind":"add_instance","app":"app"}])";
  const std::string cooperative =
      R"(/apps/0/config/partition.assignment.strategy="cooperative-sticky")";
  for (const auto& sets : {std::vector<std::string>{leaves}, {leaves, cooperative}}) {
    auto all = read_by_group(sets);
    CHECK(all["rebalances"] > 1);
    CHECK(all["records.delivered"] == all["records.in"]);
  }
}

TEST_CASE("the successor of a member that crashed reads again what was not committed") {
  auto all = read_by_group({R"(/faults=[{"at":"8s","kind":"crash","target":"app-0"}])"});
  CHECK(all["records.delivered"] > all["records.in"]);
}

TEST_CASE("a consumer group takes no keys of applications that write") {
  CHECK(problem_of_group({R"(/apps/0/output=["in"])"}).find("output") != std::string::npos);
  CHECK(problem_of_group({R"(/apps/0/guarantee="exactly_once_v2")"}).find("guarantee") !=
        std::string::npos);
  CHECK(problem_of_group({R"(/apps/0/transform={"fan_out":2})"}).find("fan_out") !=
        std::string::npos);
  CHECK(problem_of_group({R"(/apps/0/transform={"cost":"2ms"})"}).empty());
}
