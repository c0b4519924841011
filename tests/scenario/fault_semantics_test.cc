// What a scenario may not say of leaders, brokers and applications that only write.
#include "loaded.h"
#include "models/scenario/world_builder.h"

using namespace eosim;
using namespace eosim::scenario;
using namespace eosim::scenario::testing;

namespace {

constexpr const char* kProducersToo = R"({
  "scenario_version": 1, "name": "small", "kafka": "3.6", "duration": "60s",
  "topics": [{"name": "in", "partitions": 2}, {"name": "out", "partitions": 3}],
  "sources": [{"topic": "in", "rate": 1}],
  "apps": [{"name": "app", "kind": "consume-transform-produce", "guarantee": "exactly_once_v2",
            "input": ["in"], "output": ["out"]},
           {"name": "txp", "kind": "transactional-producer", "output": ["out"], "rate": 5,
            "transaction": {"records": 4, "partitions": 3, "abort": 0.5, "gap": "1s"}},
           {"name": "idp", "kind": "idempotent-producer", "output": ["out"]}]
})";

std::string problem(const std::string& set) { return problem_in(kProducersToo, {.sets = {set}}); }

std::string fault(const std::string& fields) {
  return problem(R"(/faults=[{"at":"1s",)" + fields + "}]");
}

Scenario with(const std::vector<std::string>& sets) { return scenario_from(kProducersToo, sets); }

}  // namespace

TEST_CASE("faults of leadership name one partition and a broker") {
  CHECK(fault(R"("kind":"move_leader","partition":"out-2","to":"broker-1")").empty());
  CHECK(fault(R"("kind":"move_leader","target":"leader:out-2")").empty());
  CHECK(fault(R"("kind":"move_coordinator","target":"coordinator:txn:txp-0-0")").empty());
  CHECK(fault(R"("kind":"move_coordinator","partition":"__consumer_offsets-3")").empty());
  CHECK(fault(R"("kind":"unclean_election","target":"coordinator:group:app")").empty());
  CHECK_THAT(fault(R"("kind":"move_leader")"), contains_text("which partition?"));
  CHECK_THAT(fault(R"("kind":"move_leader","partition":"out-0","target":"leader:out-0")"),
             contains_text("which partition?"));
  CHECK_THAT(fault(R"("kind":"move_leader","partition":"out-3")"),
             contains_text("/faults/0/partition"));
  CHECK_THAT(fault(R"("kind":"move_coordinator","partition":"out-0")"),
             contains_text("/faults/0/partition"));
  CHECK_THAT(fault(R"("kind":"move_coordinator","target":"leader:out-0")"),
             contains_text("stands for no partition"));
  CHECK_THAT(fault(R"("kind":"move_leader","target":"broker-0")"),
             contains_text("stands for no partition"));
  CHECK_THAT(fault(R"("kind":"move_leader","partition":"out-0","to":"app-0")"),
             contains_text("/faults/0/to"));
}

TEST_CASE("brokers lose their disks, and they and applications restart; others do not") {
  for (const std::string who :
       {"broker-1", "any:broker", "leader:out-2", "coordinator:group:app"}) {
    CHECK(fault(R"("kind":"disk_loss","target":")" + who + '"').empty());
    CHECK(fault(R"("kind":"restart","target":")" + who + '"').empty());
  }
  for (const std::string who : {"txp-0", "app-0", "any:app", "owner:in-1"}) {
    CHECK(fault(R"("kind":"restart","for":"1s","target":")" + who + '"').empty());
    CHECK_THAT(fault(R"("kind":"disk_loss","target":")" + who + '"'),
               contains_text("keeps nothing on a disk"));
  }
  for (const std::string who : {"controller", "source-0", "auditor-0"}) {
    CHECK_THAT(fault(R"("kind":"restart","target":")" + who + '"'),
               contains_text("cannot be stopped in order"));
  }
}

TEST_CASE("an operator looks at a partition, with brokers that can be asked") {
  CHECK(fault(R"("kind":"abort_transaction","partition":"out-2")").empty());
  CHECK_THAT(fault(R"("kind":"abort_transaction")"), contains_text("\"partition\" is missing"));
  CHECK_THAT(fault(R"("kind":"abort_transaction","partition":"out-3")"),
             contains_text("is no such partition"));
  const std::vector<std::string> older = {
      "/kafka=2.8", R"(/faults=[{"at":"1s","kind":"abort_transaction","partition":"out-0"}])"};
  CHECK_THAT(problem_in(kProducersToo, {.sets = older}), contains_text("KIP-664"));
}

TEST_CASE("slow hosts need a factor, and slow answers a time") {
  CHECK(fault(R"("kind":"slow_cpu","target":"broker-0","factor":20,"for":"5s")").empty());
  CHECK(fault(R"("kind":"slow_disk","target":"leader:out-0","factor":20)").empty());
  CHECK(fault(R"("kind":"slow_controller","by":"2s","for":"5s")").empty());
  CHECK(fault(R"("kind":"slow_metadata","target":"broker-2","by":"2s")").empty());
  CHECK_THAT(fault(R"("kind":"slow_cpu","target":"broker-0")"), contains_text("factor"));
  CHECK_THAT(fault(R"("kind":"slow_metadata","target":"app-0","by":"2s")"),
             contains_text("applies no metadata"));
  CHECK_THAT(fault(R"("kind":"slow_controller","by":"-2s")"), contains_text("not slow"));
}

TEST_CASE("the controller is a process like any other") {
  CHECK(fault(R"("kind":"pause","target":"controller","for":"5s")").empty());
  CHECK(fault(R"("kind":"partition","between":["broker-0"],"and":["controller"])").empty());
  CHECK_THAT(fault(R"("kind":"pause","target":"controler")"),
             contains_text("did you mean \"controller\"?"));
}

TEST_CASE("applications that only write have no group, no input and no guarantee") {
  CHECK_THAT(problem("/apps/1/input=[\"in\"]"), contains_text("/apps/1/input"));
  CHECK_THAT(problem("/apps/1/guarantee=exactly_once"), contains_text("/apps/1/guarantee"));
  CHECK_THAT(problem("/apps/2/transaction={}"), contains_text("/apps/2/transaction"));
  CHECK_THAT(problem("/apps/0/rate=5"), contains_text("/apps/0/rate"));
  CHECK_THAT(problem("/apps/1/transaction/partitions=4"), contains_text("no more than 3"));
  CHECK_THAT(fault(R"("kind":"rebalance","app":"txp")"), contains_text("no group"));
  CHECK_THAT(fault(R"("kind":"crash","target":"coordinator:group:txp")"),
             contains_text("names nothing"));
  const Scenario scenario = with({});
  const App& app = scenario.apps[1];
  CHECK(app.records_per_1000s == 5'000);
  CHECK(app.transaction.records == 4);
  CHECK(app.transaction.abort_thousandths == 500);
  CHECK(app.transaction.gap == sim::seconds(1));
}

TEST_CASE("an instance replaces another only under a group.instance.id") {
  const std::string replace = R"("kind":"add_instance","app":"app","target":"app-0")";
  CHECK_THAT(fault(replace), contains_text("group.instance.id"));
  with({"/apps/0/config={\"group.instance.id\":\"node\"}",
        R"(/faults=[{"at":"1s",)" + replace + "}]"});
}

TEST_CASE("a broker may have its own preset and settings, and a feature is on where all have it") {
  const Scenario scenario = with({R"(/brokers={"kafka":"4.0","config":{"min.insync.replicas":2},)"
                                  R"("own":{"broker-1":{"kafka":"3.8"},)"
                                  R"("broker-2":{"config":{"broker.session.timeout.ms":5000}}}})"});
  using enum kafka::SettingId;
  CHECK(scenario.brokers.kafka_of(0) == "4.0");
  CHECK(scenario.brokers.kafka_of(1) == "3.8");
  CHECK(scenario.brokers.kafka_of(2) == "4.0");
  CHECK(scenario.brokers.config_of(1).get(kMinInsyncReplicas) == 2);
  CHECK(scenario.brokers.config_of(2).get(kBrokerSessionTimeoutMs) == 5'000);
  CHECK(scenario.brokers.config_of(2).get(kMinInsyncReplicas) == 2);
  CHECK_FALSE(broker_switches(scenario, 0).on(kafka::Switch::kTv2Endtxn));
  CHECK_FALSE(broker_switches(scenario, 1).on(kafka::Switch::kTv2Endtxn));
  const Scenario alike = with({R"(/brokers={"kafka":"4.0"})"});
  CHECK(broker_switches(alike, 0).on(kafka::Switch::kTv2Endtxn));
  CHECK_THAT(problem(R"(/brokers={"own":{"broker-3":{"kafka":"3.8"}}})"),
             contains_text("/brokers/own/broker-3"));
  CHECK_THAT(problem(R"(/brokers={"own":{"broker-1":{"kafka":"3.4"}}})"),
             contains_text("/brokers/own/broker-1/kafka"));
}
