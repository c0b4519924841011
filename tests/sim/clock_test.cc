// A host's clocks: the wall clock jumps, both drift, and timers run by the steady one.
#include "catch.h"
#include "scripted_process.h"

namespace eosim::sim {
namespace {

using Texts = std::vector<std::string>;

FaultSpec drift(int64_t at_ms, Duration length, int64_t ppm) {
  FaultSpec fault = make_fault(FaultKind::kClockDrift, "a", at_ms, length);
  fault.ppm = ppm;
  return fault;
}

World watch_clocks() {
  return make_world(calm_config(), {{"a", {{{milliseconds(50), Act::kClock}}}}, {"b", {}}});
}

}  // namespace

TEST_CASE("the wall clock jumps, also back, and the steady clock does not") {
  const int64_t by_ms = GENERATE(5'000, -30, 0);
  World world = watch_clocks();
  FaultSpec fault = make_fault(FaultKind::kClockJump, "a", 20);
  fault.by = milliseconds(by_ms);
  world.add_fault(fault);
  run(world);
  CHECK(lines(world, "a: wall ") == Texts{std::to_string(50 + by_ms) + " steady 50"});
  CHECK(world.wall({0}).ms() - world.wall({1}).ms() == by_ms);
}

TEST_CASE("a drift moves both clocks as long as it holds and what it has gained stays") {
  World world = make_world(calm_config(), {{"a", {}}, {"b", {}}});
  world.add_fault(drift(100, milliseconds(1'000), 50'000));
  const auto gained = [&](int64_t at_ms) {
    run_until(world, ms(at_ms));
    world.advance_to(ms(at_ms));
    CHECK((world.steady({0}) - world.steady({1})).ns == (world.wall({0}) - world.wall({1})).ns);
    return (world.steady({0}) - world.steady({1})).ns;
  };
  CHECK(gained(100) == 0);
  CHECK(gained(300) == milliseconds(10).ns);
  CHECK(gained(1'100) == milliseconds(50).ns);
  CHECK(gained(5'000) == milliseconds(50).ns);
}

TEST_CASE("drifts that overlap add up, and each takes away its own") {
  World world = make_world(calm_config(), {{"a", {}}, {"b", {}}});
  world.add_fault(drift(0, milliseconds(1'000), 50'000));
  world.add_fault(drift(500, milliseconds(1'000), -20'000));
  run_until(world, ms(3'000));
  world.advance_to(ms(3'000));
  CHECK((world.steady({0}) - world.steady({1})).ns == milliseconds(50 - 20).ns);
}

TEST_CASE("a timer runs by the steady clock of its host") {
  struct Row {
    int64_t ppm;
    int64_t fires_ns;
  };
  const Row row = GENERATE(Row{0, 1'000'000'000}, Row{1'000'000, 500'000'000},
                           Row{-500'000, 2'000'000'000}, Row{250'000, 800'000'000},
                           // Rounded up, never short: 999 667 110.9 ns.
                           Row{333, 999'667'111});
  World world = make_world(calm_config(), {{"a", {{{milliseconds(0), Act::kTimer, 1, 1'000}}}}});
  world.add_fault(drift(0, seconds(100), row.ppm));
  // The fault strikes after the start at 0, and so the process sets its timer under the drift.
  run(world);
  CHECK(time_of(world, "a: timer 1").ns == row.fires_ns);
}

TEST_CASE("a steady clock never runs back and a drift cannot stop it") {
  World world = make_world(calm_config(), {{"a", {}}});
  world.add_fault(drift(0, seconds(1), -990'000));
  world.add_fault(drift(0, seconds(1), -990'000));
  SteadyTime last = world.steady({0});
  for (int64_t at = 1; at < 3'000; at += 7) {
    run_until(world, ms(at));
    world.advance_to(ms(at));
    CHECK(world.steady({0}) > last);
    last = world.steady({0});
  }
}

}  // namespace eosim::sim
