// A world of brokers and applications is a value: copied in the middle of a run, both go on alike.
#include <optional>
#include <string>
#include <thread>

#include "loaded.h"
#include "models/scenario/world_builder.h"

using namespace eosim;
using scenario::testing::run_to_the_end;

TEST_CASE("a cluster copied in the middle of chaos ends in the digest of its original") {
  const scenario::Scenario scenario =
      scenario::testing::shipped_scenario("chaos/exactly-once-v2.json");
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    INFO("seed " << seed);
    std::optional<sim::World> original(scenario::build_world(scenario, {seed, {}}));
    while (original->next_time() < sim::Time{} + sim::seconds(25)) original->step();
    sim::World first(*original);
    sim::World second(*original);
    const uint64_t digest = run_to_the_end(*original);
    CHECK(run_to_the_end(first) == digest);
    original.reset();
    uint64_t elsewhere = 0;
    std::thread other([&] { elsewhere = run_to_the_end(second); });
    other.join();
    CHECK(elsewhere == digest);
  }
}
