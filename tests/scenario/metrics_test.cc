// Metrics of whole runs: names that the contract gives, and counts that the arithmetic of
// workloads-and-figures.md 3 gives.
#include "loaded.h"
#include "models/scenario/words.h"

using namespace eosim;
using namespace eosim::scenario;
using namespace eosim::scenario::testing;

namespace {

// A = 1 application of n = 2 instances with t = 2 threads, K = 4 input partitions, B = 3 brokers.
// One way takes 10 ms and nothing else takes time. Three output partitions, so that every producer
// uses all brokers.
constexpr const char* kMeasured = R"({
  "scenario_version": 1, "name": "small", "kafka": "2.5", "duration": "20s", "calm": true,
  "network": {"latency": {"median": "10ms", "p99": "10ms"}},
  "topics": [{"name": "in", "partitions": 4}, {"name": "out", "partitions": 3}],
  "sources": [{"topic": "in", "rate": 20}], "auditors": ["read_committed"],
  "apps": [{"name": "app", "kind": "consume-transform-produce", "guarantee": "exactly_once_v2",
            "instances": 2, "threads": 2, "input": ["in"], "output": ["out"],
            "config": {"commit.interval.ms": 1000}}]
})";

constexpr int64_t kRoundTrip = 20'000'000;

std::map<std::string, int64_t> metrics(const std::vector<std::string>& sets) {
  return metrics_of_a_pass(scenario_from(kMeasured, sets));
}

std::map<std::string, int64_t> metrics_with(const std::string& guarantee) {
  return metrics({"/apps/0/guarantee=" + guarantee});
}

}  // namespace

TEST_CASE("a scenario may expect every metric that a run shows, and no other of its family") {
  for (const auto& [name, value] : metrics({})) {
    INFO(name);
    CHECK(is_word(Words::kMetrics, name));
  }
  CHECK_FALSE(is_word(Words::kMetrics, "blocked_ns.nobody"));
  CHECK_FALSE(is_word(Words::kMetrics, "connections.nobody"));
}

TEST_CASE("connections are counted by who opened them, each once") {
  for (const char* guarantee : {"at_least_once", "exactly_once", "exactly_once_v2"}) {
    INFO(guarantee);
    auto all = metrics_with(guarantee);
    int64_t sum = 0;
    for (const char* kind : {"producer", "consumer", "source", "auditor", "broker"}) {
      const int64_t opened = all.at(std::string("connections.") + kind);
      CHECK(opened > 0);
      sum += opened;
    }
    CHECK(sum == all.at("connections.opened"));
  }
}

TEST_CASE("a producer has one connection to a broker: A n t B, and A K B before KIP-447") {
  CHECK(metrics_with("at_least_once").at("connections.producer") == 2 * 2 * 3);
  CHECK(metrics_with("exactly_once_v2").at("connections.producer") == 2 * 2 * 3);
  const auto v1 = metrics({"/apps/0/guarantee=exactly_once", "/topics/0/partitions=8"});
  CHECK(v1.at("producers.total") == 8);
  CHECK(v1.at("connections.producer") == 8 * 3);
}

TEST_CASE("a polling thread is blocked by every commit for as many round trips as it has") {
  // A flush waits for at most the batch of this moment; the commit of offsets is one round trip,
  // and one more until the followers have it.
  const auto plain = metrics_with("at_least_once");
  const int64_t commits = plain.at("requests.OffsetCommit");
  CHECK(plain.at("blocked_ns.application") >= commits * kRoundTrip);
  CHECK(plain.at("blocked_ns.application") <= (commits + 10) * 6 * kRoundTrip);

  // AddOffsetsToTxn, TxnOffsetCommit and EndTxn, one after the other; not more than two besides;
  // each is written by a coordinator, and waits for its followers.
  const auto v2 = metrics_with("exactly_once_v2");
  const int64_t transactions = v2.at("transactions.committed");
  CHECK(v2.at("blocked_ns.application") >= transactions * 3 * kRoundTrip);
  CHECK(v2.at("blocked_ns.application") <= (transactions + 10) * 10 * kRoundTrip);
}

TEST_CASE("a thread that waits for records is not blocked") {
  // Nothing to read for 20 s: what is left is the start of four producers.
  const auto idle = metrics({"/sources/0/count=0"});
  CHECK(idle.at("blocked_ns.application") > 0);
  CHECK(idle.at("blocked_ns.application") < 4 * 20 * kRoundTrip);
}

TEST_CASE("metrics of connections and of blocked threads can be expected") {
  // metrics() checks the verdict.
  constexpr const char* kExpect =
      R"(/expect={"verdict":"pass","metrics":{"connections.producer":{"eq":12},
                  "connections.broker":{"ge":1},"blocked_ns.application":{"gt":0},
                  "blocked_ns.sender":{"gt":0}}})";
  metrics({kExpect});
}
