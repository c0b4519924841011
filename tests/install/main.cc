// Runs the ping-pong model, and a copy of it from the middle on: both must end in the same digest.
#include <cstdio>

#include "ping_pong.h"

int main() {
  eosim::sim::World world = eosim::sim::ping_pong::make_world(2, 10);
  for (int i = 0; i < 5'000; ++i) world.step();
  eosim::sim::World copy(world);
  for (int i = 0; i < 5'000; ++i) world.step();
  for (int i = 0; i < 5'000; ++i) copy.step();
  std::printf("%016llx\n", static_cast<unsigned long long>(world.digest()));
  return copy.digest() == world.digest() && world.counts().responses.at(0) > 4'000 ? 0 : 1;
}
