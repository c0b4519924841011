// Slow processors and disks: steps that take time, and flushes.
#include "catch.h"
#include "scripted_process.h"

namespace eosim::sim {
namespace {

using Texts = std::vector<std::string>;

FaultSpec slow(FaultKind kind, std::string target, int64_t at_ms, int64_t length_ms,
               int64_t factor) {
  FaultSpec fault = make_fault(kind, std::move(target), at_ms, milliseconds(length_ms));
  fault.factor_thousandths = factor * 1'000;
  return fault;
}

// Five requests at once, and a timer that falls due among them.
World busy_server() {
  std::vector<Action> actions = requests(5, 10, 0);
  actions[0].b = 1;
  return make_world(calm_config(),
                    {{"client", {actions}}, {"server", {{{milliseconds(0), Act::kTimer, 7, 12}}}}});
}

}  // namespace

TEST_CASE("on a slow processor a step takes its cost times the factor, and the rest waits") {
  World world = busy_server();
  world.add_fault(slow(FaultKind::kSlowCpu, "server", 5, 900, 40));  // 2 ms a step
  run(world);
  CHECK(lines(world, "server: ") == Texts{"starts", "request 1", "request 2", "request 3",
                                          "request 4", "request 5", "timer 7"});
  CHECK(time_of(world, "server: request 1") == ms(11));
  CHECK(time_of(world, "server: request 2") == ms(13));
  CHECK(time_of(world, "server: request 5") == ms(19));
  CHECK(time_of(world, "server: timer 7") == ms(21));
  CHECK(journal(world).bodies == 0);
}

TEST_CASE("when a slow processor recovers, what waits goes on at once, in its order") {
  World world = busy_server();
  world.add_fault(slow(FaultKind::kSlowCpu, "server", 5, 10, 1'000));  // 50 ms a step, until 15 ms
  run(world);
  CHECK(time_of(world, "server: request 1") == ms(11));
  CHECK(time_of(world, "server: request 2") == ms(15));
  CHECK(time_of(world, "server: request 5") == ms(15));
  CHECK(lines(world, "server: ").size() == 7);
}

TEST_CASE("the slowest of the faults that hold decides, and a restart does not mend a processor") {
  Script script{{{milliseconds(10), Act::kTimer, 1, 10}, {milliseconds(10), Act::kTimer, 2, 10}}};
  script.repeats_itself = true;
  World world = make_world(calm_config(), {{"a", script}});
  world.add_fault(slow(FaultKind::kSlowCpu, "a", 1, 900, 20));
  world.add_fault(slow(FaultKind::kSlowCpu, "a", 2, 900, 80));
  world.add_fault(slow(FaultKind::kSlowCpu, "a", 3, 900, 10));
  world.add_fault(make_fault(FaultKind::kCrash, "a", 4, milliseconds(1)));
  run_until(world, ms(500));
  CHECK(count_of(world, "a: starts") == 2);
  // Starts at 5, acts at 15 and 19: the second timer is set then, and falls due 10 ms later.
  CHECK(time_of(world, "a: timer 1") == ms(25));
  CHECK(time_of(world, "a: timer 2") == ms(29));
}

TEST_CASE("pauses and stalls keep the order of what waits for a slow processor") {
  const FaultKind kind = GENERATE(FaultKind::kPause, FaultKind::kStall);
  const int64_t at = GENERATE(9, 11, 12, 13, 16);
  World world = busy_server();
  world.add_fault(slow(FaultKind::kSlowCpu, "server", 5, 900, 40));
  world.add_fault(
      make_fault(kind, kind == FaultKind::kStall ? "server/0" : "server", at, milliseconds(20)));
  run(world);
  Texts seen = lines(world, "server: request ");
  CHECK(seen == Texts{"1", "2", "3", "4", "5"});
  CHECK(count_of(world, "server: timer 7") == 1);
  CHECK(journal(world).bodies == 0);
}

TEST_CASE("a crash drops what waits for a slow processor") {
  World world = busy_server();
  world.add_fault(slow(FaultKind::kSlowCpu, "server", 5, 900, 40));
  world.add_fault(make_fault(FaultKind::kCrash, "server", 14, milliseconds(100)));
  run(world);
  CHECK(lines(world, "server: ") == Texts{"starts", "request 1", "request 2", "starts"});
  CHECK(journal(world).bodies == 0);
  CHECK(world.pending() == 0);
}

TEST_CASE("a world copied while something waits for a slow processor ends like its original") {
  World world = busy_server();
  world.add_fault(slow(FaultKind::kSlowCpu, "server", 5, 900, 40));
  run_until(world, ms(14));
  World copy(world);
  run(world);
  run(copy);
  CHECK(copy.digest() == world.digest());
  CHECK(lines(copy) == lines(world));
}

TEST_CASE("on a slow disk flushes take their time, one after another, and writes occupy") {
  const Script script{{{milliseconds(10), Act::kAppend, 4},
                       {milliseconds(10), Act::kFlush},
                       {milliseconds(10), Act::kFlush},
                       {milliseconds(10), Act::kTimer, 1, 0}}};
  World world = make_world(calm_config(), {{"a", script}});
  world.add_fault(slow(FaultKind::kSlowDisk, "a", 5, 900, 10));  // 0.5 ms a write, 10 ms a flush
  run_until(world, ms(500));
  CHECK(lines(world, "a: ") == Texts{"starts", "timer 1", "flushed", "flushed"});
  CHECK(time_of(world, "a: timer 1") == ms(12));
  CHECK(time_of(world, "a: flushed") == ms(22));
  CHECK(journal(world).lines.back().at == ms(32));
}

TEST_CASE("a loss of power during a slow flush cuts what the flush would have kept") {
  const Script script{{{milliseconds(10), Act::kAppend, 4}, {milliseconds(11), Act::kFlush}}};
  World world = make_world(calm_config(), {{"a", script}});
  world.choices().override_draw("power loss a file 0", 0, 1);
  world.add_fault(slow(FaultKind::kSlowDisk, "a", 5, 900, 100));
  world.add_fault(make_fault(FaultKind::kPowerLoss, "a", 50, milliseconds(5)));
  run(world);
  CHECK(world.disk({0}).written({0}) == 1);
}

TEST_CASE(
    "after a disk loss the disk is empty, and the peers learn of the end like after a crash") {
  std::vector<Action> actions = requests(1, 10, 0);
  actions[0].b = 1;
  World world = make_world(
      calm_config(),
      {{"client", {actions}},
       {"server",
        {{{milliseconds(1), Act::kAppend, 4}, {milliseconds(2), Act::kFlush}}, seconds(10)}}});
  world.add_fault(make_fault(FaultKind::kDiskLoss, "server", 20, milliseconds(20)));
  run(world);
  CHECK(time_of(world, "client: closed 0") == ms(21));
  CHECK(world.disk({1}).written({0}) == 0);
  CHECK(world.disk({1}).flushed({0}) == 0);
  CHECK(world.incarnation({1}) == 2);
}

TEST_CASE("a fault that spares last copies asks the model when it strikes") {
  struct Careful : Journal {
    std::unique_ptr<Shared> clone() const override { return std::make_unique<Careful>(*this); }
    bool may_strike(const World& world, const FaultSpec&, ProcessId victim) const override {
      return victim != kNoProcess && world.now() > Time{} + milliseconds(15);
    }
  };
  World world(calm_config(), std::make_unique<Careful>());
  world.add_process("a", std::make_unique<Scripted>(Script{}));
  for (const int64_t at : {10, 20}) {
    FaultSpec fault = make_fault(FaultKind::kPowerLoss, "a", at, milliseconds(2));
    fault.spares_last_copy = true;
    world.add_fault(fault);
  }
  FaultSpec own = make_fault(FaultKind::kModel, "a", 30);
  own.spares_last_copy = true;
  world.add_fault(own);
  run(world);
  CHECK_FALSE(world.fault_records()[0].struck);
  CHECK(world.fault_records()[1].struck);
  CHECK_FALSE(world.fault_records()[2].struck);
}

}  // namespace eosim::sim
