// What a crash drops and what it leaves, restarts, and loss of power.
#include "catch.h"
#include "scripted_process.h"

namespace eosim::sim {
namespace {

using Texts = std::vector<std::string>;

FaultSpec crash(std::string target, int64_t at_ms, int64_t length_ms) {
  return make_fault(FaultKind::kCrash, std::move(target), at_ms, milliseconds(length_ms));
}

std::vector<Action> to_server(std::vector<Action> actions) {
  actions[0].b = 1;
  return actions;
}

// Holds one thing of the shared half for as long as it lives.
class Holder final : public Process {
 public:
  void step(Context& context, const Step&) override {
    ++static_cast<Journal&>(context.shared()).bodies;
  }
  void on_death(Shared& shared) override { --static_cast<Journal&>(shared).bodies; }
  std::unique_ptr<Process> clone() const override { return std::make_unique<Holder>(*this); }
  std::unique_ptr<Process> restarted() const override { return clone(); }
  std::string describe() const override { return "holds"; }
};

}  // namespace

TEST_CASE("a process gives back what it holds of the shared half when it dies, once each life") {
  World world = make_world(calm_config(), {});
  const ProcessId holder = world.add_process("holder", std::make_unique<Holder>());
  world.add_fault(crash("holder", 10, 5));
  run(world);
  CHECK(journal(world).bodies == 1);  // of its second life
  world.remove(holder);
  CHECK(journal(world).bodies == 0);
  world.remove(holder);
  CHECK(journal(world).bodies == 0);
}

TEST_CASE("a server's crash drops requests on the way, its backlog, and what it was handling") {
  std::vector<Action> actions = to_server(requests(3, 10, 0));
  actions.push_back({milliseconds(14), Act::kSend, 0, 4});  // on the way when the server dies
  World world =
      make_world(calm_config(), {{"client", {actions}}, {"server", {{}, milliseconds(7)}}});
  FaultSpec fault = crash("server", 14, 100);
  fault.at = fault.at + microseconds(500);
  world.add_fault(fault);
  run(world);
  CHECK(lines(world, "server: ") == Texts{"starts", "request 1", "starts"});
  CHECK(lines(world, "client: ") == Texts{"starts", "closed 0"});
  CHECK(time_of(world, "client: closed 0") == ms(15) + microseconds(500));
  CHECK(world.counts().lost_messages == 3);
  CHECK(journal(world).bodies == 0);
  CHECK(world.incarnation({1}) == 2);
}

TEST_CASE("answers that were on the way when the server died arrive before the reset") {
  World world =
      make_world(calm_config(), {{"client", {to_server(requests(2, 10, 0))}}, {"server", {}}});
  FaultSpec fault = crash("server", 11, 100);
  fault.at = fault.at + microseconds(200);
  world.add_fault(fault);
  run(world);
  CHECK(lines(world, "client: ") == Texts{"starts", "answer 1", "answer 2", "closed 0"});
}

TEST_CASE("a crash drops timers and what was deferred, and a timer of the new life fires") {
  Script script{{{milliseconds(5), Act::kTimer, 0, 100},
                 {milliseconds(5), Act::kTimer, 1, 7},
                 {milliseconds(6), Act::kTimer, 2, 1}}};
  script.repeats_itself = true;
  World world = make_world(calm_config(), {{"a", script}});
  world.add_fault(make_fault(FaultKind::kPause, "a", 10, milliseconds(500)));
  world.add_fault(crash("a", 20, 30));
  run(world);
  CHECK(lines(world, "a: ") ==
        Texts{"starts", "timer 2", "starts", "timer 2", "timer 1", "timer 0"});
  CHECK(world.state({0}) == ProcessState::kRunning);
}

TEST_CASE("what a client had sent before it died is lost, in time, or late") {
  const int64_t late = GENERATE(0, 1);
  const int64_t lost = GENERATE(0, 1);
  World world =
      make_world(calm_config(), {{"client", {to_server(requests(1, 10, 0))}}, {"server", {}}});
  FaultSpec fault = crash("client", 10, 5);
  fault.at = fault.at + microseconds(500);
  world.add_fault(fault);
  const char* stream = "end of connection client->server";
  world.choices().override_draw(stream, 0, late);
  world.choices().override_draw(stream, 1, lost);
  world.choices().override_draw(stream, 2, milliseconds(100).ns);
  run(world);
  const Time in_time = lost == 1 ? kNever : ms(11);
  CHECK(time_of(world, "server: request 1") == (late == 1 ? ms(110) + microseconds(500) : in_time));
  CHECK(lines(world, "client: ") == Texts{"starts", "starts"});
  CHECK(journal(world).bodies == 0);
}

TEST_CASE("a crash without a length is final until the world heals") {
  World world = make_world(calm_config(), {{"a", {}}, {"b", {}}});
  world.add_fault(make_fault(FaultKind::kCrash, "a", 10));
  run_until(world, ms(1'000));
  CHECK(world.state({0}) == ProcessState::kDown);
  CHECK(world.faults_active());
  world.heal();
  run(world);
  CHECK(world.state({0}) == ProcessState::kRunning);
  CHECK(lines(world, "a: ") == Texts{"starts", "starts"});
}

TEST_CASE("a selector that names a process twice kills it once") {
  struct Twice : Journal {
    std::unique_ptr<Shared> clone() const override { return std::make_unique<Twice>(*this); }
    std::vector<Target> resolve(const World&, std::string_view) const override {
      return {{{0}, true, {1}}, {{0}, true, {2}}};
    }
  };
  World world(calm_config(), std::make_unique<Twice>());
  world.add_process("a", std::make_unique<Scripted>(Script{}));
  world.add_fault(crash("threads", 10, 5));
  run(world);
  CHECK(world.incarnation({0}) == 2);
  CHECK(world.fault_records()[0].victim == "a");
}

TEST_CASE("a crash keeps the disk and a power loss cuts between flushed and written") {
  struct Row {
    FaultKind kind;
    int64_t drawn;  // how much of the unflushed survives
    uint64_t written;
  };
  const Row row = GENERATE(Row{FaultKind::kCrash, 0, 9}, Row{FaultKind::kPowerLoss, 0, 4},
                           Row{FaultKind::kPowerLoss, 3, 7}, Row{FaultKind::kPowerLoss, 5, 9});
  const Script script{{{milliseconds(1), Act::kAppend, 4},
                       {milliseconds(2), Act::kFlush},
                       {milliseconds(3), Act::kAppend, 5}}};
  World world = make_world(calm_config(), {{"a", script}});
  world.choices().override_draw("power loss a file 0", 0, row.drawn);
  world.add_fault(make_fault(row.kind, "a", 10, milliseconds(5)));
  run(world);
  CHECK(world.disk({0}).written({0}) == row.written);
  CHECK(world.disk({0}).flushed({0}) == 4);
}

TEST_CASE("power losses of many seeds cut everywhere within what was not flushed") {
  std::vector<bool> seen(6);
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    WorldConfig config = calm_config();
    config.calm = false;
    config.seed = seed;
    World world = make_world(config, {{"a", {{{{}, Act::kAppend, 5}}}}});
    world.add_fault(make_fault(FaultKind::kPowerLoss, "a", 10, milliseconds(5)));
    run(world);
    seen.at(world.disk({0}).written({0})) = true;
  }
  CHECK(seen == std::vector<bool>(6, true));
}

TEST_CASE("a flush covers what was written when it began, less what was cut before it ended") {
  // While the process is paused, the end of the flush waits.
  World world = make_world(calm_config(), {{"a",
                                            {{{milliseconds(1), Act::kAppend, 6},
                                              {milliseconds(2), Act::kFlush},
                                              {milliseconds(2), Act::kTruncate, 3},
                                              {milliseconds(2), Act::kAppend, 9}}}}});
  run(world);
  CHECK(world.disk({0}).written({0}) == 12);
  CHECK(world.disk({0}).flushed({0}) == 3);
  CHECK(lines(world, "a: ") == Texts{"starts", "flushed"});
}

TEST_CASE("a flush that a crash has overtaken makes nothing durable") {
  World world =
      make_world(calm_config(),
                 {{"a", {{{milliseconds(1), Act::kAppend, 6}, {milliseconds(2), Act::kFlush}}}}});
  world.add_fault(make_fault(FaultKind::kPause, "a", 1, milliseconds(50)));
  run_until(world, ms(1));
  World undisturbed(world);
  run(undisturbed);
  CHECK(undisturbed.disk({0}).flushed({0}) == 6);
  FaultSpec fault = crash("a", 51, 5);
  world.add_fault(fault);
  run(world);
  CHECK(world.incarnation({0}) == 2);
}

TEST_CASE("nobody answers for a host without power until it is back") {
  const FaultKind kind = GENERATE(FaultKind::kCrash, FaultKind::kPowerLoss);
  std::vector<Action> actions = to_server(requests(2, 10, 50));  // at 10 and 60
  World world = make_world(calm_config(), {{"client", {actions}}, {"server", {{}, seconds(10)}}});
  world.add_fault(make_fault(kind, "server", 20, milliseconds(20)));
  run(world);
  const bool silent = kind == FaultKind::kPowerLoss;
  CHECK(time_of(world, "client: closed 0") == (silent ? ms(62) : ms(21)));
}

TEST_CASE("a process that was removed takes no step and its peers learn of it") {
  World world =
      make_world(calm_config(), {{"client", {to_server(requests(2, 10, 20))}}, {"server", {}}});
  run_until(world, ms(20));
  world.remove({1});
  world.heal();
  run(world);
  CHECK(lines(world, "server: ") == Texts{"starts", "request 1"});
  CHECK(lines(world, "client: ") == Texts{"starts", "answer 1", "closed 0", "cannot send"});
  CHECK(world.state({1}) == ProcessState::kRemoved);
}

}  // namespace eosim::sim
