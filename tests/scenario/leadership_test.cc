// Worlds with a controller: leaders that move, what selectors then mean, faults that must leave a
// copy, and applications that only write.
#include "loaded.h"
#include "models/broker/broker.h"
#include "models/scenario/world_builder.h"

using namespace eosim;
using namespace eosim::scenario;
using namespace eosim::scenario::testing;

namespace {

constexpr const char* kProducers = R"({
  "scenario_version": 1, "name": "producers", "kafka": "2.5", "duration": "20s",
  "topics": [{"name": "out", "partitions": 3, "config": {"min.insync.replicas": 2}},
             {"name": "single", "replication_factor": 1}],
  "apps": [{"name": "txp", "kind": "transactional-producer", "instances": 2, "output": ["out"],
            "rate": 20, "transaction": {"records": 5, "partitions": 2, "abort": 0.3}},
           {"name": "idp", "kind": "idempotent-producer", "output": ["out"], "rate": 10}]
})";

Scenario producers_with(const std::vector<std::string>& sets) {
  return scenario_from(kProducers, sets);
}

RunResult run(const std::vector<std::string>& sets) {
  const Scenario scenario = producers_with(sets);
  return Simulation(scenario, {}).run();
}

void run_to(sim::World& world, int64_t ms) {
  while (world.next_time() <= sim::Time{} + sim::milliseconds(ms)) world.step();
}

std::string leader(const sim::World& world, const std::string& partition) {
  const auto meant = world.resolve("leader:" + partition);
  return meant.empty() ? "nobody" : std::string(world.name(meant.front().process));
}

}  // namespace

TEST_CASE("producers commit and abort as they are told, and end with the duration") {
  const RunResult result = run({});
  CHECK(result.verdict == Verdict::kPass);
  // 4 transactions a second and instance.
  CHECK(metric_of(result, "transactions.committed") + metric_of(result, "transactions.aborted") >
        150);
  CHECK(metric_of(result, "transactions.aborted") > 30);
  CHECK(metric_of(result, "transactions.aborted") < 80);
  CHECK(metric_of(result, "producers.transactional") == 2);
  CHECK(metric_of(result, "producers.total") == 3);
  // What was committed, and 200 records of the producer without transactions.
  CHECK(metric_of(result, "records.delivered") >=
        5 * metric_of(result, "transactions.committed") + 195);
  CHECK(result.quiet_ns.value() < sim::seconds(22).ns);
}

TEST_CASE("a producer that crashes goes on with new work under its transactional id") {
  const RunResult result =
      run({R"(/faults=[{"at":"5s","kind":"crash","target":"txp-0","for":"1s"}])"});
  CHECK(result.verdict == Verdict::kPass);
  CHECK(metric_of(result, "producers.transactional") == 2);
  CHECK(metric_of(result, "init_producer_id.completed") == 3);
}

TEST_CASE("a leader that is moved is what its selector means from then on") {
  const Scenario scenario = producers_with(
      {R"(/faults=[{"at":"5s","kind":"move_leader","partition":"out-0","to":"broker-2"},)"
       R"({"at":"9s","kind":"move_leader","target":"leader:out-0","to":"broker-1"}])"});
  sim::World world = build_world(scenario, {});
  const auto leads = [&](uint32_t broker) {
    const auto& process = static_cast<const kafka::Broker&>(world.process({broker}));
    return process.leads({kafka::TopicId{2}, 0});  // behind the two internal topics
  };
  run_to(world, 4'000);
  const std::string before = leader(world, "out-0");
  CHECK(before != "nobody");
  run_to(world, 8'000);
  CHECK(leader(world, "out-0") == "broker-2");
  CHECK(leads(2));
  run_to(world, 12'000);
  CHECK(leader(world, "out-0") == "broker-1");
  CHECK(leads(1));
  CHECK_FALSE(leads(2));
  CHECK(leader(world, "nothing-0") == "nobody");
  CHECK(world.name(world.resolve("controller").front().process) == "controller");
}

TEST_CASE("what destroys data strikes only where another replica in sync is there") {
  const auto struck = [](const Scenario& scenario, const std::string& crash) {
    sim::World world = build_world(scenario, {});
    if (!crash.empty()) {
      sim::FaultSpec down;
      down.kind = sim::FaultKind::kCrash;
      down.word = "crash";
      down.target = crash;
      down.at = sim::Time{} + sim::seconds(4);
      world.add_fault(down);
    }
    sim::FaultSpec fault;
    fault.kind = sim::FaultKind::kPowerLoss;
    fault.word = "power_loss";
    fault.target = "broker-0";
    fault.at = sim::Time{} + sim::seconds(5);
    fault.length = sim::seconds(1);
    fault.spares_last_copy = true;
    world.add_fault(fault);
    run_to(world, 6'000);
    return world.fault_records().back().struck;
  };
  const std::string only_three = R"(/topics=[{"name":"out","partitions":3}])";
  const std::string two_copies =
      R"(/topics=[{"name":"out","partitions":3,"replication_factor":2}])";
  const std::string alone = R"(/topics=[{"name":"out","partitions":3,"replication_factor":1}])";
  CHECK(struck(producers_with({only_three}), ""));
  CHECK(struck(producers_with({only_three}), "broker-1"));  // the third one is there
  CHECK(struck(producers_with({two_copies}), ""));
  CHECK_FALSE(
      struck(producers_with({two_copies}), "broker-1"));  // still in sync by the book, and down
  CHECK_FALSE(struck(producers_with({alone}), ""));
}

TEST_CASE("slow hosts, metadata and controllers cost time and nothing else") {
  for (const char* fault : {R"("kind":"slow_cpu","target":"broker-1","factor":30)",
                            R"("kind":"slow_disk","target":"broker-1","factor":30)",
                            R"("kind":"slow_metadata","target":"any:broker","by":"700ms")",
                            R"("kind":"slow_controller","by":"700ms")"}) {
    INFO(fault);
    const RunResult result = run({std::string(R"(/faults=[{"at":"5s","for":"5s",)") + fault +
                                  R"(},{"at":"6s","kind":"move_leader","partition":"out-1"}])"});
    CHECK(result.verdict == Verdict::kPass);
    CHECK(result.faults[0].struck);
    CHECK(metric_of(result, "transactions.committed") > 80);
  }
}
