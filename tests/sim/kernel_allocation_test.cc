#include "allocations.h"
#include "catch.h"
#include "ping_pong.h"

namespace eosim::sim {

TEST_CASE("100 000 steps of the ping-pong model in its steady state allocate nothing") {
  const uint32_t in_flight = GENERATE(100u, 1'000u);
  World world = ping_pong::make_world(2, in_flight / 2);
  for (uint32_t i = 0; i < 200'000; ++i) world.step();
  const uint64_t before = allocation_count();
  for (uint32_t i = 0; i < 100'000; ++i) world.step();
  CHECK(allocation_count() == before);
}

}  // namespace eosim::sim
