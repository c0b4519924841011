// Pauses stop a process, stalls one actor; both keep the order of what had to wait.
#include "catch.h"
#include "scripted_process.h"

namespace eosim::sim {
namespace {

using Texts = std::vector<std::string>;

FaultSpec pause(std::string target, int64_t at_ms, int64_t length_ms) {
  return make_fault(FaultKind::kPause, std::move(target), at_ms, milliseconds(length_ms));
}
FaultSpec stall(std::string target, int64_t at_ms, int64_t length_ms) {
  return make_fault(FaultKind::kStall, std::move(target), at_ms, milliseconds(length_ms));
}

}  // namespace

TEST_CASE("a pause defers requests, answers, timers and resets, in their order") {
  // b serves a client and is one; all of that falls into its pause.
  World world = make_world(calm_config(), {{"a",
                                            {{{{}, Act::kConnect, 0, 1},
                                              {milliseconds(10), Act::kSend, 0, 1},
                                              {milliseconds(13), Act::kSend, 0, 2}}}},
                                           {"b",
                                            {{{{}, Act::kConnect, 0, 0},
                                              {{}, Act::kConnect, 1, 2},
                                              {milliseconds(9), Act::kSend, 0, 7},
                                              {milliseconds(9), Act::kSend, 1, 8},
                                              {milliseconds(9), Act::kTimer, 3, 3}}}},
                                           {"c", {{}, seconds(9)}}});
  FaultSpec late_pause = pause("b", 9, 90);
  late_pause.at = late_pause.at + microseconds(1);
  world.add_fault(late_pause);
  world.add_fault(make_fault(FaultKind::kCrash, "c", 11));
  run_until(world, ms(98));
  CHECK(lines(world, "b: ") == Texts{"starts"});
  run_until(world, ms(200));
  CHECK(lines(world, "b: ") ==
        Texts{"starts", "request 1", "answer 7", "timer 3", "closed 1", "request 2"});
  CHECK(time_of(world, "b: request 1") == ms(99) + microseconds(1));
}

TEST_CASE("what falls due when a pause ends comes after what had waited") {
  // The second request arrives, and the second timer falls due, at the end of the pause.
  World world = make_world(
      calm_config(),
      {{"a",
        {{{{}, Act::kConnect, 0, 1},
          {milliseconds(10), Act::kSend, 0, 1},
          {milliseconds(19), Act::kSend, 0, 2}}}},
       {"b", {{{milliseconds(0), Act::kTimer, 1, 12}, {milliseconds(0), Act::kTimer, 2, 20}}}}});
  world.add_fault(pause("b", 5, 15));
  run(world);
  CHECK(lines(world, "b: ") == Texts{"starts", "request 1", "timer 1", "timer 2", "request 2"});
  CHECK(time_of(world, "b: request 2") == ms(20));
}

TEST_CASE("pauses that overlap end with the last of them") {
  World world = make_world(calm_config(), {{"a", {{{milliseconds(0), Act::kTimer, 0, 12}}}}});
  world.add_fault(pause("a", 10, 20));
  world.add_fault(pause("a", 15, 50));
  run(world);
  CHECK(time_of(world, "a: timer 0") == ms(65));
}

TEST_CASE("a pause that begins when another ends keeps the order") {
  World world = make_world(calm_config(), {{"a",
                                            {{{milliseconds(0), Act::kTimer, 0, 12},
                                              {milliseconds(0), Act::kTimer, 1, 13},
                                              {milliseconds(0), Act::kTimer, 2, 30},
                                              {milliseconds(0), Act::kTimer, 3, 31}}}}});
  world.add_fault(pause("a", 10, 20));
  world.add_fault(pause("a", 30, 20));
  run(world);
  CHECK(lines(world, "a: timer ") == Texts{"0", "1", "2", "3"});
  CHECK(time_of(world, "a: timer 3") == ms(50));
}

TEST_CASE("a stall stops one actor and the others go on") {
  struct Row {
    const char* target;
    Time first, second;
  };
  const Row row = GENERATE(Row{"a/1", ms(60), ms(20)}, Row{"a/2", ms(20), ms(60)},
                           Row{"a", ms(60), ms(20)});  // as a whole: the journal says actor 1
  World world =
      make_world(calm_config(), {{"a",
                                  {{{milliseconds(0), Act::kTimer, 1, 20, ActorId{1}},
                                    {milliseconds(0), Act::kTimer, 2, 20, ActorId{2}}}}}});
  world.add_fault(stall(row.target, 10, 50));
  run(world);
  CHECK(time_of(world, "a: timer 1") == row.first);
  CHECK(time_of(world, "a: timer 2") == row.second);
}

TEST_CASE("a server is stalled by its own actor, not by that of a client") {
  struct Row {
    const char* target;
    Time handled;
  };
  const Row row = GENERATE(Row{"server/0", ms(60)}, Row{"server/1", ms(11)});
  World world = make_world(calm_config(), {{"client",
                                            {{{{}, Act::kConnect, 0, 1, ActorId{1}},
                                              {milliseconds(10), Act::kSend, 0, 1, ActorId{1}}}}},
                                           {"server", {}}});
  world.add_fault(stall(row.target, 5, 55));
  run(world);
  CHECK(time_of(world, "server: request 1") == row.handled);
}

TEST_CASE("a stall that ends within a pause puts what waited before what came later") {
  World world =
      make_world(calm_config(), {{"a",
                                  {{{milliseconds(0), Act::kTimer, 1, 12, ActorId{1}},
                                    {milliseconds(0), Act::kTimer, 2, 22, ActorId{1}},
                                    {milliseconds(0), Act::kTimer, 3, 23, ActorId{2}}}}}});
  world.add_fault(stall("a/1", 10, 20));
  world.add_fault(pause("a", 20, 20));
  run(world);
  CHECK(lines(world, "a: timer ") == Texts{"1", "2", "3"});
}

TEST_CASE("a timer that was deferred can be cancelled") {
  // A stalled actor's timers wait; another actor of the process cancels one.
  World world = make_world(calm_config(), {{"a",
                                            {{{milliseconds(0), Act::kTimer, 1, 12, ActorId{1}},
                                              {milliseconds(0), Act::kTimer, 2, 13, ActorId{1}},
                                              {milliseconds(20), Act::kCancel, 1, 0},
                                              {milliseconds(20), Act::kCancel, 1, 0},
                                              {milliseconds(50), Act::kCancel, 2, 0}}}}});
  world.add_fault(stall("a/1", 10, 20));
  run(world);
  CHECK(lines(world, "a: timer ") == Texts{"2"});
  CHECK(world.pending() == 0);
}

TEST_CASE("a timer that was cancelled does not fire and its id names nothing afterwards") {
  World world = make_world(calm_config(), {{"a",
                                            {{{milliseconds(0), Act::kTimer, 1, 12},
                                              {milliseconds(5), Act::kCancel, 1, 0},
                                              {milliseconds(5), Act::kTimer, 2, 12},
                                              {milliseconds(6), Act::kCancel, 1, 0}}}}});
  run(world);
  CHECK(lines(world, "a: timer ") == Texts{"2"});
}

}  // namespace eosim::sim
