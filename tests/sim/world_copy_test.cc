#include <memory>
#include <thread>

#include "busy_world.h"
#include "catch.h"
#include "ping_pong.h"

namespace eosim::sim {
namespace {

constexpr Time kEnd = Time{} + seconds(1);

uint64_t finish(World& world) {
  run_until(world, kEnd);
  return world.digest();
}

}  // namespace

TEST_CASE("a copy of a busy world and its original end in the same digest") {
  const int64_t at_ms = GENERATE(range<int64_t>(25, 1'000, 75));
  World world = make_busy_world(11);
  run_until(world, Time{} + milliseconds(at_ms));
  World copy(world);
  CHECK(copy.digest() == world.digest());
  const uint64_t original = finish(world);
  CHECK(finish(copy) == original);
  CHECK(copy.steps() == world.steps());
}

TEST_CASE("a copy goes on when its original was destroyed first") {
  auto world = std::make_unique<World>(make_busy_world(12));
  run_until(*world, Time{} + milliseconds(400));
  World copy(*world);
  World other(*world);
  world.reset();
  const uint64_t first = finish(copy);
  CHECK(finish(other) == first);
}

TEST_CASE("a copy runs on another thread beside its original") {
  World world = make_busy_world(13);
  run_until(world, Time{} + milliseconds(400));
  uint64_t elsewhere = 0;
  std::thread thread([copy = world, &elsewhere]() mutable { elsewhere = finish(copy); });
  const uint64_t here = finish(world);
  thread.join();
  CHECK(elsewhere == here);
}

TEST_CASE("a copy that was assigned over another world forgets that one") {
  World world = make_busy_world(14);
  run_until(world, Time{} + milliseconds(300));
  World other = make_busy_world(15);
  run_until(other, Time{} + milliseconds(100));
  other = world;
  const uint64_t original = finish(world);
  CHECK(finish(other) == original);
}

TEST_CASE("two worlds of one seed end in the same digest and those of two seeds do not") {
  World first = make_busy_world(21);
  World second = make_busy_world(21);
  World other = make_busy_world(22);
  const uint64_t digest = finish(first);
  CHECK(finish(second) == digest);
  CHECK(finish(other) != digest);
}

TEST_CASE("a copy with another seed from now on parts from its original") {
  World world = make_busy_world(31);
  run_until(world, Time{} + milliseconds(200));
  World fork(world);
  fork.choices().fork(99);
  const uint64_t original = finish(world);
  CHECK(finish(fork) != original);
}

TEST_CASE("busy worlds keep their order, free what they sent and come to rest after healing") {
  const uint64_t seed = GENERATE(range<uint64_t>(100, 140));
  World world = make_busy_world(seed, seed % 2 == 0);
  INFO("seed " << seed);
  run_until(world, kEnd);
  world.heal();
  run_until(world, kEnd + seconds(1));
  CHECK_FALSE(world.faults_active());
  for (uint32_t i = 0; i < world.process_count(); ++i) {
    CHECK(world.state({i}) == ProcessState::kRunning);
  }
  for (uint32_t i = 0; i < world.process_count(); ++i) world.remove({i});
  run(world);
  CHECK(world.pending() == 0);
  CHECK(world.orphans() == 0);
  CHECK(journal(world).bodies == 0);
}

TEST_CASE("the ping-pong model is the same in a copy and after the original is gone") {
  auto world = std::make_unique<World>(ping_pong::make_world(3, 40));
  for (int i = 0; i < 5'000; ++i) world->step();
  World copy(*world);
  for (int i = 0; i < 5'000; ++i) world->step();
  const uint64_t digest = world->digest();
  world.reset();
  for (int i = 0; i < 5'000; ++i) copy.step();
  CHECK(copy.digest() == digest);
}

}  // namespace eosim::sim
