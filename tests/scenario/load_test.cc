// From text and overrides to a Scenario.

#include <fstream>
#include <sstream>

#include "loaded.h"
#include "models/scenario/schema.h"

using namespace eosim;
using namespace eosim::scenario;
using namespace eosim::scenario::testing;

namespace {

constexpr const char* kOneVariant = R"({
  "scenario_version": 1, "name": "small", "kafka": "2.5", "duration": "10s",
  "topics": [{"name": "in", "partitions": 2}, {"name": "out"}],
  "sources": [{"topic": "in", "rate": 0.5}],
  "apps": [{"name": "app", "kind": "consume-transform-produce", "guarantee": "exactly_once_v2",
            "input": ["in"], "output": ["out"]}],
  "variants": [{"name": "old", "set": {"/kafka": "2.4", "/apps/0/guarantee": "exactly_once"},
                "expect": {"violations": ["duplicate_output"]}}]
})";

Loaded variant_of(const Overrides& overrides = {}) { return load_text(kOneVariant, overrides); }

std::string problem_of(const Overrides& overrides) { return problem_in(kOneVariant, overrides); }

}  // namespace

TEST_CASE("what a scenario does not say has its default") {
  const Scenario s = variant_of().scenario;
  CHECK(s.brokers.count == 3);
  CHECK(s.topics[0].replication_factor == 3);
  CHECK(s.topics[1].partitions == 1);
  CHECK(s.topics[0].min_insync_replicas == 1);
  CHECK(s.sources[0].records_per_1000s == 500);
  CHECK_FALSE(s.sources[0].count);
  CHECK(s.apps[0].instances == 1);
  CHECK(s.apps[0].kafka == "2.5");
  CHECK(s.apps[0].transform.kind == "map");
  CHECK(s.apps[0].config.get(kafka::SettingId::kSessionTimeoutMs) == 10'000);
  CHECK_FALSE(s.apps[0].config.is_set(kafka::SettingId::kSessionTimeoutMs));
  CHECK(s.brokers.config.get(kafka::SettingId::kTransactionStateLogNumPartitions) == 50);
  CHECK(s.auditors == std::vector<std::string>{"read_committed"});
  CHECK(s.settle == sim::seconds(120));
  CHECK(s.network.latency_median == sim::microseconds(300));
  CHECK(s.network.late_share_thousandths == 300);
  CHECK(s.limits.memory_bytes == int64_t{2} << 30);
  CHECK(s.seed == 1);
  CHECK(s.expect.violations.empty());
  CHECK_FALSE(s.chaos);
}

TEST_CASE("overrides apply in order: variant, preset, guarantee, set") {
  CHECK(variant_of({.variant = "old"}).scenario.kafka == "2.4");
  CHECK(variant_of({.variant = "old"}).scenario.expect.violations.size() == 1);
  CHECK(variant_of({.guarantee = "exactly_once_unfenced"}).scenario.apps[0].guarantee ==
        Guarantee::kExactlyOnceUnfenced);
  CHECK(variant_of({.guarantee = "exactly_once_beta"}).scenario.apps[0].guarantee ==
        Guarantee::kExactlyOnceV2);
  CHECK(variant_of({.variant = "old", .preset = "2.5"}).scenario.kafka == "2.5");
  const Loaded set = variant_of(
      {.guarantee = "exactly_once",
       .sets = {"/kafka=2.4", "/apps/0/config/session.timeout.ms=7000", "/apps/0/instances=3",
                "/name=\"other\"", "/duration=1min", "/sources/0/rate=2.5", "/seed=0xff"}});
  CHECK(set.scenario.kafka == "2.4");
  CHECK(set.scenario.apps[0].config.get(kafka::SettingId::kSessionTimeoutMs) == 7'000);
  CHECK(set.scenario.apps[0].instances == 3);
  CHECK(set.scenario.name == "other");
  CHECK(set.scenario.duration == sim::seconds(60));
  CHECK(set.scenario.sources[0].records_per_1000s == 2'500);
  CHECK(set.scenario.seed == 255);
}

TEST_CASE("the tree of a bundle holds what was run and loads again") {
  const Loaded first = variant_of({.variant = "old", .sets = {"/apps/0/instances=3"}});
  CHECK(first.document.root.find("variants") == nullptr);
  const auto again = load_scenario(to_json(first.document.root), "bundle");
  REQUIRE(again);
  CHECK(again->scenario.kafka == "2.4");
  CHECK(again->scenario.apps[0].instances == 3);
  CHECK(again->document.root.same_as(first.document.root));
}

TEST_CASE("a wrong override names its option") {
  CHECK_THAT(problem_of({.sets = {"/kafka=2.3"}}), contains_text("--set /kafka: /kafka: "));
  CHECK_THAT(problem_of({.sets = {"kafka=2.4"}}), contains_text("POINTER=VALUE"));
  CHECK_THAT(problem_of({.sets = {"/apps/7/instances=2"}}), contains_text("no item"));
  CHECK_THAT(problem_of({.sets = {"/apps=[1,"}}), contains_text("not JSON"));
  CHECK_THAT(problem_of({.variant = "odl"}), contains_text("did you mean \"old\"?"));
  CHECK_THAT(problem_of({.preset = "2.7"}), contains_text("--preset 2.7: /kafka: "));
  CHECK_THAT(problem_of({.sets = {"/apps/0/instance=2"}}), contains_text("\"instances\""));
}

TEST_CASE("changes that a seed chose are checked like everything else") {
  const Document document = variant_of().document;
  const auto more = load_changed(document, {{"/apps/0/instances", Value::of_number(4)}});
  REQUIRE(more);
  CHECK(more->scenario.apps[0].instances == 4);
  CHECK_FALSE(load_changed(document, {{"/apps/0/instances", Value::of_number(0)}}));
}

TEST_CASE("chaos says what a seed chooses from") {
  const auto result = variant_of({.sets = {R"(/chaos={"mean_interval": "4s", "kinds": {"pause": 3},
      "swarm": true, "vary": {"/apps/0/instances": [2, 3],
      "/apps/0/config/session.timeout.ms": {"min": 6000, "max": 30000}}})"}});
  REQUIRE(result.scenario.chaos);
  const Chaos& chaos = *result.scenario.chaos;
  CHECK(chaos.kinds == std::vector<std::pair<std::string, int64_t>>{{"pause", 3}});
  CHECK(chaos.targets == std::vector<std::string>{"any:app", "any:broker"});
  REQUIRE(chaos.vary.size() == 2);
  CHECK(chaos.vary[0].values.size() == 2);
  CHECK(chaos.vary[1].max == 30'000);
}

TEST_CASE("a fault on a trigger has all its fields") {
  const auto result = variant_of({.sets = {R"(/faults=[{"on": {"rpc": "EndTxn", "from": "app-0",
      "nth": 3, "phase": "handled", "after": "2s"}, "kind": "crash", "target": "leader:out-0",
      "for": "2s"}, {"at": "1s", "kind": "clock_jump", "target": "broker-0", "by": "-3s"},
      {"on": {"event": "log.appended", "where": {"transactional": true}}, "kind": "pause",
       "target": "coordinator:txn:app-0-0"}])"}});
  const auto& faults = result.scenario.faults;
  REQUIRE(faults.size() == 3);
  CHECK(faults[0].on->nth == 3);
  CHECK(faults[0].on->phase == "handled");
  CHECK(faults[0].on->after == sim::seconds(2));
  CHECK(faults[0].length == sim::seconds(2));
  CHECK_FALSE(faults[1].on);
  CHECK(faults[1].by == sim::seconds(-3));
  CHECK(faults[2].on->where[0].second == "true");
}

TEST_CASE("the shipped schema is the one that the program prints") {
  std::ifstream file(EOSIM_SOURCE_DIR "/scenarios/schema.json");
  std::stringstream text;
  text << file.rdbuf();
  CHECK(text.str() == schema_text());
}

TEST_CASE("every fault kind has its fields in the table") {
  const auto kinds = names(Words::kFaults);
  REQUIRE(fault_kinds().size() == kinds.size());
  for (size_t i = 0; i < kinds.size(); ++i) {
    CHECK(fault_kinds()[i].word == kinds[i]);
    for (const auto& key : fault_kinds()[i].required) CHECK(shape(ShapeId::kFault).find(key));
    for (const auto& key : fault_kinds()[i].optional) CHECK(shape(ShapeId::kFault).find(key));
  }
}
