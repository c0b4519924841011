// The state directory of an instance (groups-streams-replication.md 5.6).
#include "models/app/streams/state_directory.h"
#include "catch.h"

using namespace eosim::kafka;

TEST_CASE("a task's directory has one thread at a time") {
  StateDirectory directory;
  CHECK(directory.lock({1, 0}, 0));
  CHECK(directory.lock({1, 0}, 0));
  CHECK_FALSE(directory.lock({1, 0}, 1));
  CHECK(directory.lock({1, 1}, 1));
  directory.unlock({1, 0}, 0);
  CHECK(directory.lock({1, 0}, 1));
}

TEST_CASE("a crash keeps tables and checkpoints, and no locks") {
  StateDirectory directory;
  REQUIRE(directory.lock({1, 0}, 0));
  directory.put({1, 0}, 7, 3);
  directory.write_checkpoint({1, 0}, Offset{12});
  directory.drop_locks();
  CHECK(directory.lock({1, 0}, 1));
  CHECK(directory.table({1, 0}) == Table{{7, 3}});
  CHECK(directory.checkpoint({1, 0}) == Offset{12});
}

TEST_CASE("a deleted checkpoint leaves the table; wiping leaves nothing") {
  StateDirectory directory;
  REQUIRE(directory.lock({1, 0}, 0));
  directory.put({1, 0}, 7, 3);
  directory.write_checkpoint({1, 0}, Offset{12});
  CHECK(directory.delete_checkpoint({1, 0}));
  CHECK_FALSE(directory.delete_checkpoint({1, 0}));
  CHECK(directory.has_state({1, 0}));
  CHECK_FALSE(directory.checkpoint({1, 0}).has_value());
  directory.wipe({1, 0});
  CHECK_FALSE(directory.has_state({1, 0}));
  CHECK(directory.locked_by({1, 0}, 0));
}

TEST_CASE("tasks with state are listed in order, those that were only locked are not") {
  StateDirectory directory;
  REQUIRE(directory.lock({1, 1}, 0));
  REQUIRE(directory.lock({1, 0}, 0));
  REQUIRE(directory.lock({0, 5}, 0));
  directory.put({1, 1}, 1, 1);
  directory.write_checkpoint({1, 0}, Offset{0});
  CHECK(directory.tasks() == List<TaskId>{{1, 0}, {1, 1}});
  directory.clear();
  CHECK(directory.tasks().empty());
}
