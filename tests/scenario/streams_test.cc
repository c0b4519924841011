// Streams applications in scenarios: what a file may say, and the counts that the arithmetic of
// workloads-and-figures.md 3.1 gives.
#include "loaded.h"
#include "models/scenario/streams_topics.h"

using namespace eosim;
using namespace eosim::scenario;
using namespace eosim::scenario::testing;

namespace {

// A = 1 application of n = 2 instances with t = 3 threads; 4 input partitions.
constexpr const char* kSmallStreams = R"({
  "scenario_version": 1, "name": "small", "kafka": "3.5", "duration": "20s", "calm": true,
  "topics": [{"name": "in", "partitions": 4}, {"name": "out", "partitions": 3}],
  "sources": [{"topic": "in", "rate": 20}],
  "apps": [{"name": "app", "kind": "streams", "guarantee": "exactly_once_v2",
            "instances": 2, "threads": 3, "input": ["in"], "output": ["out"],
            "topology": {"kind": "map"}, "config": {"commit.interval.ms": 1000}}]
})";

Scenario streams_with(const std::vector<std::string>& sets) {
  return scenario_from(kSmallStreams, sets);
}

std::string problem_of_streams(const std::vector<std::string>& sets) {
  return problem_in(kSmallStreams, {.sets = sets});
}

std::map<std::string, int64_t> streams_metrics(const std::vector<std::string>& sets) {
  return metrics_of_a_pass(streams_with(sets));
}

constexpr const char* kCount = "/apps/0/topology={\"kind\": \"count\", \"repartition\": true}";

}  // namespace

TEST_CASE("producers of Streams: one a thread, or one a task, to the unit") {
  const struct {
    const char* guarantee;
    bool two_subs;
    int64_t producers;      // A n t, A K, A n t
    int64_t transactional;  // 0, A K, A n t
    // Initialised: a thread's producer with its first task, so that idle threads never ask.
    int64_t initialised;
  } rows[] = {{"at_least_once", false, 6, 0, 0},   {"exactly_once", false, 4, 4, 4},
              {"exactly_once_v2", false, 6, 6, 4}, {"at_least_once", true, 6, 0, 0},
              {"exactly_once", true, 8, 8, 8},     {"exactly_once_v2", true, 6, 6, 6}};
  for (const auto& row : rows) {
    CAPTURE(row.guarantee, row.two_subs);
    std::vector<std::string> sets{std::string("/apps/0/guarantee=") + row.guarantee};
    if (row.two_subs) sets.emplace_back(kCount);
    auto all = streams_metrics(sets);
    CHECK(all["producers.total"] == row.producers);
    CHECK(all["producers.transactional"] == row.transactional);
    if (row.transactional > 0) CHECK(all["init_producer_id.completed"] == row.initialised);
    CHECK(all["records.delivered"] == all["records.in"]);
  }
}

TEST_CASE("a transaction of Streams has one AddOffsetsToTxn, TxnOffsetCommit and EndTxn") {
  for (const char* guarantee : {"exactly_once", "exactly_once_v2"}) {
    CAPTURE(guarantee);
    auto all = streams_metrics({std::string("/apps/0/guarantee=") + guarantee});
    const int64_t transactions = all["transactions.committed"];
    CHECK(transactions > 0);
    CHECK(all["requests.AddOffsetsToTxn"] == transactions);
    CHECK(all["requests.TxnOffsetCommit"] == transactions);
    CHECK(all["requests.EndTxn"] == transactions);
    CHECK(all["transactions.aborted"] == 0);
  }
}

TEST_CASE("committing units: a task each in exactly_once, a thread with tasks else") {
  // 4 tasks on 6 threads: min(n t, K) = K = 4 units in every mode, an interval of 1 s, at least 15
  // s of work; the loop adds its pass to the interval.
  for (const char* guarantee : {"exactly_once", "exactly_once_v2"}) {
    CAPTURE(guarantee);
    auto all = streams_metrics({std::string("/apps/0/guarantee=") + guarantee});
    CHECK(all["transactions.committed"] <= 4 * 18);
    CHECK(all["transactions.committed"] >= 4 * 12);
  }
  // 2 threads for 4 tasks: v1 still has 4 units, v2 only 2.
  const std::vector<std::string> two{"/apps/0/instances=1", "/apps/0/threads=2"};
  auto sets = two;
  sets.emplace_back("/apps/0/guarantee=exactly_once");
  const int64_t v1 = streams_metrics(sets)["transactions.committed"];
  const int64_t v2 = streams_metrics(two)["transactions.committed"];
  CHECK(v1 > v2 * 3 / 2);
  CHECK(v1 < v2 * 5 / 2);
}

TEST_CASE("a count has a changelog, and a repartition topic if it is asked for") {
  const Scenario plain = streams_with({"/apps/0/topology={\"kind\": \"count\"}"});
  REQUIRE(plain.topics.size() == 3);
  CHECK(plain.topics[2].name == "app-counts-changelog");
  CHECK(plain.topics[2].partitions == 4);
  CHECK(stages(plain.apps[0]).size() == 1);
  const Scenario both = streams_with({kCount});
  REQUIRE(both.topics.size() == 4);
  CHECK(both.topics[2].name == "app-counts-repartition");
  CHECK(stages(both.apps[0]).at(0).effects_per_record == 1);
  CHECK(stages(both.apps[0]).at(1).effects_per_record == 2);
}

TEST_CASE("a guarantee that Streams does not have in this version is an error with its place") {
  const auto says = [](const std::vector<std::string>& sets, const std::string& text) {
    const std::string problem = problem_of_streams(sets);
    CAPTURE(problem);
    CHECK(problem.find(text) != std::string::npos);
  };
  says({"/apps/0/guarantee=exactly_once_unfenced"}, "Streams has no exactly_once_unfenced");
  says({"/kafka=4.0", "/apps/0/guarantee=exactly_once"}, "Streams has no exactly_once since 4.0");
  says({"/kafka=2.5"}, "Streams has exactly_once_v2 since 2.6");
  says({"/apps/0/topology/kind=sum"}, "sum");
  says({"/apps/0/topology/keys=0"}, "keys");
  says({kCount, "/topics/1/name=app-counts-changelog", "/apps/0/output=[\"in2\"]"}, "in2");
  CHECK(problem_of_streams({"/kafka=2.6", "/apps/0/guarantee=exactly_once_beta"}).empty());
}

TEST_CASE("an internal topic that the file defines must fit") {
  const std::string problem =
      problem_of_streams({kCount,
                          "/topics=[{\"name\": \"in\", \"partitions\": 4}, {\"name\": \"out\"}, "
                          "{\"name\": \"app-counts-changelog\", \"partitions\": 3}]"});
  CHECK(problem.find("as many as the widest of its inputs") != std::string::npos);
}

// groups-streams-replication.md 5.4. Four times more arrives than the thread can process.
TEST_CASE("a thread with more to do than there is time for polls in time, and stays in its group") {
  auto all = streams_metrics({"/sources/0/rate=200", "/apps/0/instances=1", "/apps/0/threads=1",
                              R"(/apps/0/transform={"cost": "20ms"})", "/settle=200s",
                              "/apps/0/config/max.poll.interval.ms=6000"});
  CHECK(all["rebalances"] == 1);
  CHECK(all["fencings"] == 0);
  CHECK(all["records.delivered"] == all["records.in"]);
}

// groups-streams-replication.md 5.3, 5.8: exactly_once tells its membership from 2.6 to 2.8, and
// does without where brokers cannot read it; exactly_once_v2 refuses to run there.
TEST_CASE("newer Streams with exactly_once works with brokers before KIP-447, the other does not") {
  const std::string old = R"(/brokers={"kafka": "2.4"})";
  for (const char* kafka : {"2.6", "2.8", "3.5"}) {
    CAPTURE(kafka);
    auto all =
        streams_metrics({std::string("/kafka=") + kafka, old, "/apps/0/guarantee=exactly_once"});
    CHECK(all["transactions.committed"] > 0);
    CHECK(all["transactions.aborted"] == 0);
    CHECK(all["records.delivered"] == all["records.in"]);
  }
  const Scenario second = streams_with(
      {"/kafka=2.6", old, "/apps/0/guarantee=exactly_once",
       R"(/faults=[{"at": "8s", "kind": "rolling_bounce", "app": "app", "wait_stable": false,)"
       R"( "set": {"/guarantee": "exactly_once_v2"}}])",
       "/duration=30s"});
  const RunResult result = Simulation(second, {}).run();
  REQUIRE(result.verdict == Verdict::kFail);
  for (const auto& violation : result.violations) {
    CHECK(violation.kind == "no_progress");
  }
}

// A thread under chaos on 3.5: a task is fenced while its commit waits, its store is wiped, and it
// comes back to the same thread before that has looked at its changelogs again. The restore
// consumer went on where the old store ended, so that the new one lacked all before.
TEST_CASE("a store that was wiped is restored from the beginning, however soon its task is back") {
  const Scenario changed = shipped_scenario(
      "streams/chaos-3.5-v2.json",
      {.variant = "cured",
       .sets = {"/seed=281", "/apps/0/guarantee=exactly_once", "/protocol/v1_metadata=full",
                R"(/faults=[{"at": "15s", "kind": "rolling_bounce", "app": "app", "for": "1s",)"
                R"( "set": {}}])"}});
  const RunResult result = Simulation(changed, {}).run();
  for (const auto& violation : result.violations) UNSCOPED_INFO(violation.summary);
  CHECK(result.verdict == Verdict::kPass);
  CHECK(result.quiet_ns.has_value());
}
