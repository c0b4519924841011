// A world copied in the middle of a failover ends like its original: while a broker is down and
// nobody leads its partitions yet, while brokers still have to learn who does, and while
// coordinators load.
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "loaded.h"
#include "models/broker/broker.h"
#include "models/controller/controller.h"
#include "models/scenario/world_builder.h"

using namespace eosim;
using scenario::testing::run_to_the_end;

namespace {

scenario::Scenario crash_of_a_coordinator() {
  return scenario::testing::shipped_scenario("failover/coordinator-dies-at-commit.json");
}

constexpr uint32_t kBrokers = 3;

const kafka::Broker& broker_at(const sim::World& world, uint32_t number) {
  return static_cast<const kafka::Broker&>(world.process({number}));
}

bool any_broker(const std::function<bool(uint32_t)>& test) {
  for (uint32_t i = 0; i < kBrokers; ++i) {
    if (test(i)) return true;
  }
  return false;
}

bool is_down(const sim::World& world) {
  return any_broker([&](uint32_t i) { return world.state({i}) == sim::ProcessState::kDown; });
}

const kafka::Controller& controller_of(const sim::World& world) {
  return static_cast<const kafka::Controller&>(world.process(world.find("controller")));
}

// The controller has elected new leaders, and not all brokers that live know it.
bool leaders_change(const sim::World& world) {
  const auto& shared = static_cast<const kafka::KafkaShared&>(world.shared());
  const int64_t newest = shared.metadata[controller_of(world).image()].version;
  return is_down(world) && any_broker([&](uint32_t i) {
           return broker_at(world, i).started() && broker_at(world, i).metadata_version() < newest;
         });
}

bool coordinators_load(const sim::World& world) {
  return is_down(world) && any_broker([&](uint32_t i) {
           return broker_at(world, i).started() && broker_at(world, i).loading();
         });
}

}  // namespace

TEST_CASE("a world copied in the middle of a failover ends like its original") {
  struct Moment {
    const char* what;
    bool (*reached)(const sim::World&);
  };
  const Moment moments[] = {{"a broker is down", is_down},
                            {"leaders are elected", leaders_change},
                            {"coordinators load", coordinators_load}};
  const scenario::Scenario scenario = crash_of_a_coordinator();
  for (const Moment& moment : moments) {
    for (uint64_t seed = 1; seed <= 2; ++seed) {
      INFO(moment.what << ", seed " << seed);
      std::optional<sim::World> original(scenario::build_world(scenario, {seed, {}}));
      const sim::Time limit = sim::Time{} + sim::seconds(45);
      while (!moment.reached(*original) && original->next_time() < limit) original->step();
      REQUIRE(moment.reached(*original));
      std::optional<sim::World> first(*original);
      sim::World second(*first);  // a copy of a copy
      sim::World third(*original);
      const uint64_t digest = run_to_the_end(*original);
      CHECK_FALSE(coordinators_load(*original));
      CHECK(run_to_the_end(*first) == digest);
      // Their originals are gone.
      original.reset();
      first.reset();
      uint64_t elsewhere = 0;
      std::thread other([&] { elsewhere = run_to_the_end(second); });
      other.join();
      CHECK(elsewhere == digest);
      CHECK(run_to_the_end(third) == digest);
    }
  }
}

TEST_CASE("a copy goes on where its original was destroyed before it took another step") {
  const scenario::Scenario scenario = crash_of_a_coordinator();
  sim::World whole = scenario::build_world(scenario, {1, {}});
  const uint64_t digest = run_to_the_end(whole);
  std::optional<sim::World> original(scenario::build_world(scenario, {1, {}}));
  while (!coordinators_load(*original)) original->step();
  sim::World copy(*original);
  original.reset();
  uint64_t elsewhere = 0;
  std::thread other([&] { elsewhere = run_to_the_end(copy); });
  other.join();
  CHECK(elsewhere == digest);
}
