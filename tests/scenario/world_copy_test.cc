// A world of brokers and applications is a value: copied in the middle of a run, both go on alike.
#include <optional>
#include <string>
#include <thread>

#include "catch.h"
#include "models/scenario/load.h"
#include "models/scenario/world_builder.h"

using namespace eosim;

namespace {

scenario::Scenario chaos() {
  const std::string path = std::string(EOSIM_SOURCE_DIR) + "/scenarios/chaos/exactly-once-v2.json";
  const auto text = scenario::read_file(path);
  REQUIRE(text);
  const auto loaded = scenario::load_scenario(*text, path);
  REQUIRE(loaded);
  return loaded->scenario;
}

uint64_t to_the_end(sim::World& world) {
  const sim::Time end = sim::Time{} + sim::seconds(60);
  while (world.next_time() < end) world.step();
  return world.digest();
}

}  // namespace

TEST_CASE("a cluster copied in the middle of chaos ends in the digest of its original") {
  const scenario::Scenario scenario = chaos();
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    INFO("seed " << seed);
    std::optional<sim::World> original(scenario::build_world(scenario, {seed, {}}));
    while (original->next_time() < sim::Time{} + sim::seconds(25)) original->step();
    sim::World first(*original);
    sim::World second(*original);
    const uint64_t digest = to_the_end(*original);
    CHECK(to_the_end(first) == digest);
    original.reset();
    uint64_t elsewhere = 0;
    std::thread other([&] { elsewhere = to_the_end(second); });
    other.join();
    CHECK(elsewhere == digest);
  }
}
