// Rolling bounces (cli-and-scenarios.md 2.4): who restarts when, with what, and what an operator
// waits for.
#include <algorithm>
#include <map>

#include "loaded.h"
#include "models/app/app_process.h"
#include "models/broker/broker.h"
#include "models/scenario/cluster_shared.h"
#include "models/scenario/world_builder.h"

using namespace eosim;
using namespace eosim::scenario;
using namespace eosim::scenario::testing;

namespace {

constexpr const char* kThreeInstances = R"({
  "scenario_version": 1, "name": "small", "kafka": "2.6", "duration": "40s", "calm": true,
  "topics": [{"name": "in", "partitions": 6}, {"name": "out", "partitions": 3}],
  "sources": [{"topic": "in", "rate": 12}],
  "apps": [{"name": "app", "kind": "consume-transform-produce", "guarantee": "exactly_once",
            "instances": 3, "input": ["in"], "output": ["out"],
            "config": {"session.timeout.ms": 6000, "heartbeat.interval.ms": 2000,
                       "commit.interval.ms": 500, "transaction.timeout.ms": 10000}}]
})";

Scenario bounced_scenario(const std::vector<std::string>& sets) {
  return scenario_from(kThreeInstances, sets);
}

// Ends and starts in their order, and what was so at an end.
class Restarts final : public sim::Observer {
 public:
  struct One {
    std::string process;
    sim::Time down;
    sim::Time up;
    bool others_in_sync = false;  // every other broker's copies, when this one was gone
  };
  std::vector<One> all;

  bool wants_kernel_records() const override { return true; }
  void on_kernel(const sim::World& world, const sim::KernelRecord& record) override {
    if (record.event == sim::KernelEvent::kExited) {
      const std::string name(world.name(record.to));
      if (!all.empty()) CHECK(all.back().up > all.back().down);  // one at a time
      all.push_back({name, record.at, {}, lacks_only(world, record.to)});
    } else if (record.event == sim::KernelEvent::kStarted && !all.empty()) {
      if (all.back().process == world.name(record.to)) all.back().up = record.at;
    }
  }

 private:
  static bool lacks_only(const sim::World& world, sim::ProcessId gone) {
    const auto& shared = static_cast<const ClusterShared&>(world.shared());
    if (gone.index >= shared.brokers) return true;
    for (const auto& topic : shared.cluster(world).image().topics) {
      for (const auto& partition : topic.partitions) {
        for (const kafka::BrokerId replica : partition.replicas) {
          const bool in = partition.isr.contains(replica);
          if (!in && replica.value != static_cast<int32_t>(gone.index)) return false;
        }
      }
    }
    return true;
  }
};

struct Bounced {
  RunResult result;
  std::vector<Restarts::One> restarts;
  int64_t metric(const std::string& name) const { return metric_of(result, name); }
};

Bounced run_bounces(const std::string& faults, std::vector<std::string> sets = {}) {
  sets.push_back("/faults=[" + faults + "]");
  const Scenario scenario = bounced_scenario(sets);
  Simulation simulation(scenario, {});
  Restarts restarts;
  simulation.watch(&restarts);
  Bounced outcome;
  outcome.result = simulation.run();
  outcome.restarts = restarts.all;
  return outcome;
}

std::vector<std::string> names_of(const std::vector<Restarts::One>& restarts) {
  std::vector<std::string> all;
  for (const Restarts::One& one : restarts) all.push_back(one.process);
  return all;
}

}  // namespace

TEST_CASE("instances restart one after another, in order, and stay down and apart as told") {
  const Bounced outcome =
      run_bounces(R"({"at":"10s","kind":"rolling_bounce","app":"app","for":"2s","gap":"3s"})");
  CHECK(outcome.result.verdict == Verdict::kPass);
  REQUIRE(names_of(outcome.restarts) == std::vector<std::string>{"app-0", "app-1", "app-2"});
  for (size_t i = 0; i < outcome.restarts.size(); ++i) {
    const Restarts::One& one = outcome.restarts[i];
    CHECK(one.up - one.down >= sim::seconds(2));
    CHECK(one.up - one.down < sim::seconds(2) + sim::milliseconds(200));
    if (i > 0) CHECK(one.down - outcome.restarts[i - 1].up >= sim::seconds(3));
  }
  CHECK(outcome.metric("bounces") == 3);
  CHECK(outcome.metric("faults.rolling_bounce") == 1);
}

TEST_CASE("an instance that restarts commits, leaves its group and closes its producers") {
  const Bounced outcome = run_bounces(R"({"at":"10.25s","kind":"rolling_bounce","app":"app"})");
  CHECK(outcome.result.verdict == Verdict::kPass);
  CHECK(outcome.metric("requests.LeaveGroup") == 3);
  CHECK(outcome.metric("transactions.aborted") == 0);
  CHECK(outcome.metric("transactions.timed_out") == 0);
  CHECK(outcome.metric("fencings") == 0);
}

TEST_CASE("a static member leaves no group when it restarts, and comes back to its partitions") {
  const Bounced outcome = run_bounces(R"({"at":"10s","kind":"rolling_bounce","app":"app"})",
                                      {"/apps/0/config/group.instance.id=me"});
  CHECK(outcome.result.verdict == Verdict::kPass);
  CHECK(outcome.metric("requests.LeaveGroup") == 0);
  CHECK(outcome.metric("bounces") == 3);
}

TEST_CASE("the next instance stops when the group is stable with everybody in it, or at once") {
  const std::string bounce = R"({"at":"10s","kind":"rolling_bounce","app":"app","wait_stable":)";
  const Bounced patient = run_bounces(bounce + "true}");
  const Bounced hasty = run_bounces(bounce + "false}");
  REQUIRE(patient.restarts.size() == 3);
  REQUIRE(hasty.restarts.size() == 3);
  // A member that comes back is there when the others have joined again, at their next heartbeat.
  for (size_t i = 1; i < 3; ++i) {
    CHECK(patient.restarts[i].down - patient.restarts[i - 1].up > sim::milliseconds(500));
  }
  CHECK(hasty.restarts[1].down - hasty.restarts[0].up < sim::milliseconds(500));
}

TEST_CASE("the next broker stops when every replica is in sync") {
  const Bounced outcome =
      run_bounces(R"({"at":"5s","kind":"rolling_bounce","brokers":true,"for":"3s"})");
  CHECK(outcome.result.verdict == Verdict::kPass);
  REQUIRE(names_of(outcome.restarts) ==
          std::vector<std::string>{"broker-0", "broker-1", "broker-2"});
  for (const Restarts::One& one : outcome.restarts) CHECK(one.others_in_sync);
  CHECK(outcome.metric("elections") > 0);
  CHECK(outcome.metric("elections.unclean") == 0);
}

TEST_CASE("one process restarts if it is named, and the others stay what they are") {
  const Bounced outcome = run_bounces(
      R"({"at":"10s","kind":"rolling_bounce","app":"app","target":"app-1",
          "set":{"/guarantee":"exactly_once_v2"}})",
      {R"(/expect={"moments":[{"at":"9s","metrics":{"producers.live":{"eq":6}}},
                              {"at":"39s","metrics":{"producers.live":{"eq":5}}}]})"});
  CHECK(outcome.result.verdict == Verdict::kPass);
  CHECK(names_of(outcome.restarts) == std::vector<std::string>{"app-1"});
}

TEST_CASE("there is one operator: a bounce waits for the one before it") {
  const Bounced outcome =
      run_bounces(R"({"at":"10s","kind":"rolling_bounce","app":"app","for":"3s"},
                                 {"at":"11s","kind":"rolling_bounce","brokers":true})");
  CHECK(outcome.result.verdict == Verdict::kPass);
  CHECK(names_of(outcome.restarts) ==
        std::vector<std::string>{"app-0", "app-1", "app-2", "broker-0", "broker-1", "broker-2"});
}

TEST_CASE("settings, guarantee and release are those of the bounce, and stay after a crash") {
  const Scenario scenario = bounced_scenario({R"(/faults=[
      {"at":"5s","kind":"rolling_bounce","brokers":true,
       "set":{"/kafka":"3.5","/config/replica.lag.time.max.ms":20000}},
      {"at":"15s","kind":"rolling_bounce","app":"app",
       "set":{"/kafka":"3.5","/guarantee":"exactly_once_v2","/config/linger.ms":7}},
      {"at":"30s","kind":"crash","target":"app-0","for":"1s"},
      {"at":"32s","kind":"crash","target":"broker-1","for":"1s"}])"});
  Simulation simulation(scenario, {});
  CHECK(simulation.run().verdict == Verdict::kPass);
  const sim::World& world = simulation.world();
  const auto& app = static_cast<const kafka::AppProcess&>(world.process(world.find("app-0")));
  CHECK(app.config().scope == kafka::ProducerScope::kThread);
  CHECK(app.config().commit == kafka::OffsetCommitWay::kTransactionFenced);
  CHECK(app.config().settings.get(kafka::SettingId::kLingerMs) == 7);
  CHECK(app.config().settings.get(kafka::SettingId::kSessionTimeoutMs) == 6'000);
  CHECK(app.config().switches == app_switches(scenario, *scenario.bounces.at(1).app));
  const auto& broker = static_cast<const kafka::Broker&>(world.process(world.find("broker-1")));
  CHECK(broker.config().replica_lag_time_max_ms == 20'000);
  CHECK(broker.config().switches == broker_switches(scenario, *scenario.bounces.at(0).brokers, 1));
}

TEST_CASE("a process that crashes when it should stop comes back with the new settings") {
  const Bounced outcome = run_bounces(R"({"at":"10s","kind":"crash","target":"app-0","for":"4s"},
      {"at":"11s","kind":"rolling_bounce","app":"app","set":{"/guarantee":"exactly_once_v2"}},
      {"at":"11s","kind":"pause","target":"app-1","for":"3s"})",
                                      {R"(/expect={"moments":[
          {"at":"39s","metrics":{"producers.live":{"eq":3},"bounces":{"eq":3}}}]})"});
  CHECK(outcome.result.verdict == Verdict::kPass);
}

TEST_CASE("an instance that is added after a bounce has begun comes with its settings") {
  const Bounced outcome = run_bounces(R"(
      {"at":"5s","kind":"rolling_bounce","app":"app","set":{"/guarantee":"exactly_once_v2"}},
      {"at":"25s","kind":"add_instance","app":"app"})",
                                      {R"(/expect={"moments":[
          {"at":"39s","metrics":{"producers.live":{"eq":4}}}]})"});
  CHECK(outcome.result.verdict == Verdict::kPass);
}

TEST_CASE("a bounce that the end of the duration meets brings back whose turn it is, and stops") {
  const Bounced outcome =
      run_bounces(R"({"at":"39s","kind":"rolling_bounce","app":"app","for":"30s"})");
  CHECK(outcome.result.verdict == Verdict::kPass);
  CHECK(names_of(outcome.restarts) == std::vector<std::string>{"app-0"});
  REQUIRE(outcome.restarts.size() == 1);
  CHECK(outcome.restarts[0].up == sim::Time{sim::seconds(40).ns});
}

TEST_CASE("a metric at a moment is that of the moment, and a wrong one fails the run") {
  const Bounced outcome = run_bounces("", {R"(/expect={"moments":[
      {"at":"1s","metrics":{"producers.live":{"eq":0},"records.in":{"le":12}}},
      {"at":"20s","metrics":{"producers.live":{"eq":5},"transactions.committed":{"gt":0}}}]})"});
  CHECK(outcome.result.verdict == Verdict::kFail);
  REQUIRE(outcome.result.metrics_missed.size() == 1);
  CHECK(outcome.result.metrics_missed[0] == "at 20s producers.live is 6, expected eq 5");
}

TEST_CASE("newer brokers turn no feature of the cluster on; that is a step of its own") {
  const std::string bounce =
      R"({"at":"5s","kind":"rolling_bounce","brokers":true,"set":{"/kafka":"4.2"}})";
  const std::vector<std::string> old = {"/kafka=3.9", "/apps/0/kafka=4.2"};
  const auto levels = [&](const std::string& faults) {
    std::vector<std::string> sets = old;
    sets.push_back("/faults=[" + faults + "]");
    const Scenario scenario = bounced_scenario(sets);
    Simulation simulation(scenario, {});
    const RunResult result = simulation.run();
    CHECK(result.verdict == Verdict::kPass);
    const auto& shared = static_cast<const ClusterShared&>(simulation.world().shared());
    return shared.cluster(simulation.world()).image().features;
  };
  CHECK(levels(bounce).transaction_version == 0);
  CHECK_FALSE(levels(bounce).eligible_leader_replicas);
  // Not before every broker can.
  CHECK(levels(R"({"at":"1s","kind":"upgrade_features"},)" + bounce).transaction_version == 0);
  const auto raised = levels(bounce + R"(,{"at":"30s","kind":"upgrade_features"})");
  CHECK(raised.transaction_version == 2);
  CHECK(raised.eligible_leader_replicas);
  const auto lowered = levels(bounce + R"(,{"at":"30s","kind":"upgrade_features"},
      {"at":"35s","kind":"upgrade_features","kafka":"3.9"})");
  CHECK(lowered.transaction_version == 0);
  CHECK_FALSE(lowered.eligible_leader_replicas);
}

// The level comes with ApiVersions, at a client's next connection (KAFKA-18227 of the change).
TEST_CASE("a producer speaks the new protocol of transactions once it has been told of it") {
  const std::string upgrade = R"(
      {"at":"5s","kind":"rolling_bounce","brokers":true,"set":{"/kafka":"4.2"}},
      {"at":"20s","kind":"upgrade_features"},)";
  const std::vector<std::string> old = {"/kafka=3.9", "/apps/0/kafka=4.2",
                                        "/apps/0/guarantee=exactly_once_v2"};
  const Bounced told =
      run_bounces(upgrade + R"({"at":"22s","kind":"rolling_bounce","app":"app"})", old);
  const Bounced untold =
      run_bounces(upgrade + R"({"at":"39s","kind":"crash","target":"app-0"})", old);
  CHECK(told.result.verdict == Verdict::kPass);
  CHECK(untold.result.verdict == Verdict::kPass);
  CHECK(told.metric("requests.AddPartitionsToTxn") < untold.metric("requests.AddPartitionsToTxn"));
}
