// heal(), faults that never strike, and a world in which time stands still.
#include "catch.h"
#include "scripted_process.h"

namespace eosim::sim {
namespace {

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE(
    "healing ends every fault that holds and keeps those that have not struck from striking") {
  std::vector<Action> actions = requests(1, 50, 0);
  actions[0].b = 1;
  World world = make_world(calm_config(), {{"client", {actions}}, {"server", {}}, {"third", {}}});
  FaultSpec cut = make_fault(FaultKind::kPartition, "", 10, seconds(900));
  cut.between = {"server"};
  FaultSpec delay = make_fault(FaultKind::kDelay, "", 10, seconds(900));
  delay.by = milliseconds(5);
  FaultSpec slow = make_fault(FaultKind::kSlowLink, "client", 10, seconds(900));
  slow.factor_thousandths = 9'000;
  FaultSpec drift = make_fault(FaultKind::kClockDrift, "third", 10, seconds(900));
  drift.ppm = 1'000;
  FaultSpec model = make_fault(FaultKind::kModel, "", 10, seconds(900));
  model.word = "slow_disk";
  FaultSpec triggered = make_fault(FaultKind::kCrash, "server", 0);
  triggered.on = Trigger{};
  triggered.on->rpc = {0};
  triggered.on->phase = Phase::kDelivered;
  for (FaultSpec& fault :
       std::vector<FaultSpec>{cut, delay, slow, drift, model, triggered,
                              make_fault(FaultKind::kPause, "client", 60, seconds(900)),
                              make_fault(FaultKind::kStall, "third", 60, seconds(900)),
                              make_fault(FaultKind::kCrash, "third", 70),
                              make_fault(FaultKind::kCrash, "third", 500, milliseconds(5))}) {
    world.add_fault(fault);
  }
  run_until(world, ms(100));
  world.advance_to(ms(100));
  CHECK(world.faults_active());
  CHECK(world.state({0}) == ProcessState::kPaused);
  CHECK(world.state({2}) == ProcessState::kDown);
  world.heal();
  CHECK_FALSE(world.faults_active());
  run(world);
  CHECK(time_of(world, "server: request 1") == ms(101));
  CHECK(time_of(world, "client: answer 1") == ms(102));
  CHECK(count_of(world, "third: starts") == 2);
  CHECK(count_of(world, "slow_disk ends") == 1);
  CHECK(world.fault_records().back().struck == false);
  CHECK(world.fault_records()[5].struck == false);
  CHECK(world.pending() == 0);
  CHECK(world.now() == ms(102));  // nothing of the faults is left to wait for
}

TEST_CASE("a fault on somebody who is not there does not strike") {
  const char* target = GENERATE("nobody", "a/", "down");
  World world = make_world(calm_config(), {{"a", {}}, {"down", {}}});
  if (std::string(target) == "a/") target = "b/3";
  world.add_fault(make_fault(FaultKind::kCrash, "down", 1));
  world.add_fault(make_fault(FaultKind::kPause, target, 10, milliseconds(5)));
  run(world);
  CHECK_FALSE(world.fault_records()[1].struck);
}

TEST_CASE("faults can be added before any process") {
  World world(calm_config(), std::make_unique<Journal>());
  world.add_fault(make_fault(FaultKind::kPause, "a", 10, milliseconds(5)));
  world.add_process("a", std::make_unique<Scripted>(Script{{{{}, Act::kTimer, 1, 12}}}));
  run(world);
  CHECK(time_of(world, "a: timer 1") == ms(15));
}

TEST_CASE("a model's fault begins, ends and can control a process") {
  World world = make_world(calm_config(), {{"a", {}}});
  FaultSpec fault = make_fault(FaultKind::kModel, "", 10, milliseconds(5));
  fault.word = "slow_disk";
  world.add_fault(fault);
  run(world);
  world.control({0}, {2}, {0, 7, 0});
  run(world);
  CHECK(time_of(world, "slow_disk begins") == ms(10));
  CHECK(time_of(world, "slow_disk ends") == ms(15));
  CHECK(lines(world, "a: ") == Texts{"starts", "control 7"});
}

TEST_CASE("too many steps at one instant are an error that names the processes that go round") {
  WorldConfig config = calm_config();
  config.steps_per_instant_max = 1'000;
  World world = make_world(config, {{"first", {{{milliseconds(3), Act::kSpin}}}},
                                    {"second", {{{milliseconds(3), Act::kSpin}}}},
                                    {"innocent", {}}});
  std::string what;
  try {
    run(world);
  } catch (const InvariantBroken& broken) {
    what = broken.what();
  }
  CHECK_THAT(what, contains_text("1000 steps at 3000000 ns"));
  CHECK_THAT(what, contains_text("first timer") && contains_text("second timer"));
  CHECK_THAT(what, !contains_text("innocent"));
}

TEST_CASE("as many steps as are allowed at one instant are no error") {
  WorldConfig config = calm_config();
  config.steps_per_instant_max = 1'000;
  std::vector<Action> actions(998, Action{milliseconds(3), Act::kDraw, 1, 0});
  World world = make_world(config, {{"a", {actions}}});
  run(world);
  CHECK(world.steps() == 999);
}

TEST_CASE("a model is woken when it asked to be, also after the cluster has healed") {
  World world = make_world(calm_config(), {{"one", {}}});
  world.wake_model(milliseconds(20), 2);
  world.wake_model(milliseconds(10), 1);
  world.wake_model(milliseconds(40), 4);
  run_until(world, ms(30));
  World copy(world);
  world.advance_to(ms(30));
  world.heal();
  run(world);
  CHECK(time_of(world, "wake 1") == ms(10));
  CHECK(time_of(world, "wake 2") == ms(20));
  CHECK(time_of(world, "heals") == ms(30));
  CHECK(time_of(world, "wake 4") == ms(40));
  run(copy);
  CHECK(time_of(copy, "wake 4") == ms(40));
  CHECK(count_of(copy, "heals") == 0);
}

}  // namespace eosim::sim
