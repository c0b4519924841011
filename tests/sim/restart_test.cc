// A process that is asked to end in order, takes its time for it, and starts again.
#include "catch.h"
#include "scripted_process.h"

namespace eosim::sim {
namespace {

using Texts = std::vector<std::string>;

FaultSpec restart(int64_t at_ms, Duration length = {-1}) {
  return make_fault(FaultKind::kRestart, "server", at_ms, length);
}

// One server that takes `stopping_ms` to end.
World server(int64_t stopping_ms) {
  Script script;
  script.stopping = milliseconds(stopping_ms);
  return make_world(calm_config(), {{"server", script}});
}

}  // namespace

TEST_CASE("a restart asks the process to stop, and starts it again in its time") {
  World world = server(3);
  world.add_fault(restart(10, milliseconds(20)));
  run(world);
  CHECK(lines(world, "server: ") == Texts{"starts", "stops", "exits", "starts"});
  CHECK(time_of(world, "server: exits") == ms(13));
  CHECK(journal(world).lines.back().at == ms(30));
  CHECK(world.incarnation({0}) == 2);
}

TEST_CASE("a process that is longer in stopping than its restart lasts starts when it has ended") {
  World world = server(50);
  world.add_fault(restart(10, milliseconds(20)));
  run(world);
  CHECK(lines(world, "server: ") == Texts{"starts", "stops", "exits", "starts"});
  CHECK(journal(world).lines.back().at == ms(60));
}

TEST_CASE("a crash in the middle of a stop is that of the crash, and its return the crash's") {
  World world = server(50);
  world.add_fault(restart(10, milliseconds(20)));
  world.add_fault(make_fault(FaultKind::kCrash, "server", 15, milliseconds(100)));
  run(world);
  CHECK(lines(world, "server: ") == Texts{"starts", "stops", "starts"});
  CHECK(journal(world).lines.back().at == ms(115));
}

TEST_CASE("a restart without a length ends when the world heals, before or after the exit") {
  for (const int64_t stopping_ms : {1, 100}) {
    World world = server(stopping_ms);
    world.add_fault(restart(10));
    while (world.next_time() <= ms(50)) world.step();
    world.advance_to(ms(50));
    world.heal();
    run(world);
    CHECK(lines(world, "server: ") == Texts{"starts", "stops", "exits", "starts"});
    CHECK(journal(world).lines.back().at == ms(stopping_ms == 1 ? 50 : 110));
  }
}

TEST_CASE("a process that stands still stops when it goes on") {
  World world = server(5);
  world.add_fault(make_fault(FaultKind::kPause, "server", 5, milliseconds(20)));
  world.add_fault(restart(10, milliseconds(1)));
  run(world);
  CHECK(time_of(world, "server: stops") == ms(25));
  CHECK(journal(world).lines.back().at == ms(30));
}

TEST_CASE("a process that is removed while it stops does not come back") {
  World world = server(50);
  world.add_fault(restart(10, milliseconds(20)));
  while (world.next_time() <= ms(40)) world.step();
  world.remove({0});
  run(world);
  CHECK(world.state({0}) == ProcessState::kRemoved);
  CHECK(lines(world, "server: ") == Texts{"starts", "stops"});
}

TEST_CASE("who asks for a stop himself starts the process again himself") {
  World world = server(5);
  run(world);
  world.stop({0});
  run(world);
  CHECK(world.state({0}) == ProcessState::kDown);
  world.start({0});
  run(world);
  CHECK(lines(world, "server: ") == Texts{"starts", "stops", "exits", "starts"});
}

TEST_CASE("the clients of a process that exits learn that their connections are gone") {
  Script client{requests(1, 1, 0)};
  client.actions[0].b = 1;
  Script serving;
  serving.service = milliseconds(20);
  World world = make_world(calm_config(), {{"client", client}, {"server", serving}});
  world.add_fault(restart(10, milliseconds(20)));
  run(world);
  CHECK(lines(world, "client: ") == Texts{"starts", "closed 0"});
}

TEST_CASE("what an exiting process had written survives a later loss of power if it was flushed") {
  Script script;
  script.actions = {{milliseconds(1), Act::kAppend, 3}, {milliseconds(2), Act::kFlush}};
  script.stopping = milliseconds(5);
  World world = make_world(calm_config(), {{"server", script}});
  world.add_fault(restart(10, milliseconds(20)));
  world.add_fault(make_fault(FaultKind::kPowerLoss, "server", 40, milliseconds(5)));
  run(world);
  CHECK(world.disk({0}).written({0}) == 3);
}

}  // namespace eosim::sim
