// Settings of brokers at the edges of their ranges: what they mean there, and that time goes on.
#include "loaded.h"
#include "models/controller/controller.h"
#include "models/protocol/shared.h"
#include "models/scenario/world_builder.h"

using namespace eosim;
using namespace eosim::scenario;
using namespace eosim::scenario::testing;

namespace {

constexpr const char* kLoop = R"({
  "scenario_version": 1, "name": "loop", "kafka": "3.5", "duration": "20s", "settle": "120s",
  "topics": [{"name": "in"}, {"name": "out"}],
  "sources": [{"topic": "in", "rate": 20, "record_size": 100}],
  "apps": [{"name": "app", "kind": "consume-transform-produce", "guarantee": "exactly_once_v2",
            "input": ["in"], "output": ["out"]}]
})";

RunResult run_with(const std::vector<std::string>& sets) {
  return Simulation(scenario_from(kLoop, sets), {}).run();
}

}  // namespace

TEST_CASE("a loop passes whatever the shortest pause of a broker is") {
  for (const char* config :
       {R"({"replica.lag.time.max.ms":1})", R"({"log.cleaner.backoff.ms":0})",
        R"({"replica.fetch.wait.max.ms":0,"replica.fetch.backoff.ms":0})",
        R"({"add.partitions.to.txn.retry.backoff.max.ms":0})",
        R"({"group.initial.rebalance.delay.ms":0})", R"({"log.flush.interval.messages":1})"}) {
    CAPTURE(config);
    const RunResult result = run_with({std::string("/brokers/config=") + config});
    CHECK(result.verdict == Verdict::kPass);
  }
}

// K3 is right: a group whose offsets are gone begins again.
TEST_CASE("a group whose offsets expired begins anew, and only its results are found twice") {
  const RunResult result = run_with(
      {"/duration=150s", R"(/faults=[{"at":"10s","kind":"crash","target":"app-0","for":"130s"}])",
       R"(/brokers/config={"offsets.retention.minutes":1,)"
       R"("offsets.retention.check.interval.ms":5000})"});
  REQUIRE_FALSE(result.violations.empty());
  for (const auto& violation : result.violations) CHECK(violation.kind == "duplicate_output");
}

TEST_CASE("transactional ids that expire at every turn cost a loop nothing but time") {
  const RunResult result =
      run_with({"/kafka=2.5", "/duration=60s",
                R"(/faults=[{"at":"20s","kind":"pause","target":"app-0","for":"8s"},)"
                R"({"at":"40s","kind":"crash","target":"broker-1","for":"5s"}])",
                R"(/brokers/config={"transactional.id.expiration.ms":1000,)"
                R"("transaction.remove.expired.transaction.cleanup.interval.ms":1000})"});
  for (const auto& violation : result.violations) UNSCOPED_INFO(violation.summary);
  CHECK(result.verdict == Verdict::kPass);
}

TEST_CASE("unclean elections are never the transaction log's, whatever the brokers say") {
  const Scenario scenario =
      scenario_from(kLoop, {R"(/brokers/config={"unclean.leader.election.enable":true})",
                            R"(/topics/1/config={"unclean.leader.election.enable":false})"});
  const sim::World world = build_world(scenario, {});
  const auto& controller =
      dynamic_cast<const kafka::Controller&>(world.process(world.find("controller")));
  const auto& names = static_cast<const kafka::KafkaShared&>(world.shared()).topic_names;
  const auto& topics = controller.state().config().topics;
  REQUIRE(topics.size() == names.size());
  for (size_t i = 0; i < topics.size(); ++i) {
    CAPTURE(names[i]);
    const bool unclean = names[i] == "in" || names[i] == "__consumer_offsets";
    CHECK(topics[i].unclean_leader_election_enable == unclean);
  }
}
