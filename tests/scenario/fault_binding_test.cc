// Faults of a scenario as faults of the world: what any:* stands for, what chaos may strike.
#include "models/scenario/fault_binding.h"

#include <algorithm>
#include <map>
#include <set>

#include "loaded.h"
#include "models/scenario/schema.h"

using namespace eosim;
using namespace eosim::scenario;
using namespace eosim::scenario::testing;

namespace {

constexpr const char* kSmall = R"({
  "scenario_version": 1, "name": "small", "kafka": "2.5", "duration": "60s",
  "topics": [{"name": "in", "partitions": 2}, {"name": "out"}],
  "sources": [{"topic": "in", "rate": 1}],
  "apps": [{"name": "app", "kind": "consume-transform-produce", "guarantee": "exactly_once_v2",
            "instances": 2, "input": ["in"], "output": ["out"]},
           {"name": "two", "kind": "consume-transform-produce", "guarantee": "exactly_once_v2",
            "instances": 2, "input": ["in"], "output": ["out"]}]
})";

Scenario loaded(const std::string& set) { return scenario_from(kSmall, {set}); }

std::vector<sim::FaultSpec> drawn(const std::string& chaos) {
  const Scenario scenario = loaded("/chaos=" + chaos);
  std::vector<sim::FaultSpec> all;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    sim::Choices choices(seed, false);
    for (auto& fault : draw_faults(scenario, choices)) all.push_back(std::move(fault));
  }
  REQUIRE_FALSE(all.empty());
  return all;
}

}  // namespace

TEST_CASE("any:app and any:broker stand for somebody on both sides of a partition") {
  const Scenario scenario =
      loaded(R"(/faults=[{"at":"1s","kind":"partition","between":["any:app","broker-1"],)"
             R"("and":["any:broker"]}])");
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    sim::Choices choices(seed, false);
    const sim::FaultSpec fault = bind_fault(scenario, 0, choices);
    CHECK(fault.between[0].find(':') == std::string::npos);
    CHECK(fault.others[0].starts_with("broker-"));
    CHECK(fault.others[0] != "broker-1");
  }
}

TEST_CASE("any:app of remove_instance is an instance of the app that is named") {
  const Scenario scenario =
      loaded(R"(/faults=[{"at":"1s","kind":"remove_instance","app":"two","target":"any:app"}])");
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    sim::Choices choices(seed, false);
    CHECK(bind_fault(scenario, 0, choices).from.starts_with("two-"));
  }
}

TEST_CASE("what destroys data spares last copies when it strikes, unless data_loss") {
  for (const std::string kind : {"power_loss", "disk_loss", "unclean_election"}) {
    const std::string chaos = R"({"mean_interval":"4s","kinds":{")" + kind + R"(":1})";
    for (const sim::FaultSpec& fault : drawn(chaos + "}")) CHECK(fault.spares_last_copy);
    for (const sim::FaultSpec& fault : drawn(chaos + R"(,"data_loss":true})")) {
      CHECK_FALSE(fault.spares_last_copy);
    }
  }
  for (const sim::FaultSpec& fault : drawn(R"({"mean_interval":"4s","kinds":{"crash":1}})")) {
    CHECK_FALSE(fault.spares_last_copy);
  }
}

TEST_CASE("chaos without kinds draws every kind but what an operator does") {
  std::map<std::string, int> seen;
  for (const sim::FaultSpec& fault : drawn(R"({"mean_interval":"500ms"})")) ++seen[fault.word];
  for (const Case& kind : fault_kinds()) {
    INFO(kind.word);
    CHECK((seen[std::string(kind.word)] > 0) == (kind.weight > 0));
  }
  CHECK(seen["crash"] > 2 * seen["disk_loss"]);
}

TEST_CASE("chaos restarts brokers and instances where its kinds say so, and nobody else") {
  std::set<std::string> victims;
  const auto faults = drawn(
      R"({"mean_interval":"1s","kinds":{"restart":1},
          "targets":["any:broker","any:app","source-0","controller"]})");
  for (const sim::FaultSpec& fault : faults) {
    CHECK(fault.kind == sim::FaultKind::kRestart);
    CHECK(fault.length.ns > 0);
    victims.insert(fault.target.substr(0, fault.target.find('-')));
  }
  CHECK(victims == std::set<std::string>{"app", "broker", "two"});
}

TEST_CASE("chaos moves leaders of all partitions, and coordinators of what applications have") {
  std::map<std::string, int> moved;
  for (const auto& fault :
       drawn(R"({"mean_interval":"1s","kinds":{"move_leader":1,"move_coordinator":1}})")) {
    ++moved[fault.target];
    CHECK(fault.kind == sim::FaultKind::kModel);
    CHECK((fault.to.empty() || fault.to.starts_with("broker-")));
    CHECK(fault.length.ns < 0);
  }
  for (const char* target : {"leader:in-0", "leader:in-1", "leader:out-0", "coordinator:group:app",
                             "coordinator:txn:app-0-0", "coordinator:txn:two-1-0"}) {
    CHECK(moved[target] > 0);
  }
  CHECK(moved.size() == 9);
}

TEST_CASE("chaos that is told to strike applications moves no leader") {
  const Scenario scenario = loaded(R"(/chaos={"mean_interval":"1s","targets":["any:app"],)"
                                   R"("kinds":{"move_leader":1,"slow_controller":1}})");
  sim::Choices choices(1, false);
  CHECK(draw_faults(scenario, choices).empty());
}

TEST_CASE("slow metadata and a slow controller last, and say how late they are") {
  for (const auto& fault :
       drawn(R"({"mean_interval":"4s","kinds":{"slow_metadata":1,"slow_controller":1}})")) {
    CHECK(fault.length.ns > 0);
    CHECK(fault.by >= sim::milliseconds(10));
    CHECK(fault.target.starts_with(fault.word == "slow_controller" ? "controller" : "broker-"));
  }
}

TEST_CASE("a partition whose leader moves is a selector of its leader") {
  const Scenario scenario =
      loaded(R"(/faults=[{"at":"1s","kind":"move_leader","partition":"out-0","to":"broker-2"}])");
  sim::Choices choices(1, false);
  const sim::FaultSpec fault = bind_fault(scenario, 0, choices);
  CHECK(fault.target == "leader:out-0");
  CHECK(fault.to == "broker-2");
}

TEST_CASE("chaos leaves every application an instance") {
  const Scenario scenario =
      loaded(R"(/chaos={"mean_interval":"1s","kinds":{"remove_instance":3,"add_instance":1}})");
  sim::Choices choices(7, false);
  std::map<std::string, int> left{{"app", 2}, {"two", 2}};
  for (const sim::FaultSpec& fault : draw_faults(scenario, choices)) {
    left[fault.target] += fault.word == "add_instance" ? 1 : -1;
    CHECK(left[fault.target] >= 1);
  }
}

TEST_CASE("chaos with targets strikes the links of these and of nobody else") {
  for (const auto& fault :
       drawn(R"({"mean_interval":"4s","kinds":{"reset_connection":1,"delay":1},)"
             R"("targets":["app-1"]})")) {
    CHECK(fault.from == "app-1");
  }
}

TEST_CASE("a fault that strikes the very message of its trigger takes no other selection") {
  const auto problem = [](const std::string& fields, const std::string& phase) {
    const std::string set = R"(/faults=[{"on":{"rpc":"EndTxn","phase":")" + phase +
                            R"("},"kind":"delay","by":"1s")" + fields + "}]";
    return problem_in(kSmall, {.sets = {set}});
  };
  CHECK(problem("", "sent").empty());
  CHECK(problem("", "handled").empty());
  CHECK(problem(R"(,"what":"response")", "sent").find("/faults/0/what") != std::string::npos);
  CHECK(problem(R"(,"rpc":"Produce")", "sent").find("/faults/0/rpc") != std::string::npos);
  CHECK(problem(R"(,"for":"1s")", "sent").find("/faults/0/for") != std::string::npos);
  CHECK(problem("", "delivered").find("/faults/0/on/phase") != std::string::npos);
  CHECK(problem("", "responded").find("/faults/0/on/phase") != std::string::npos);
}
