// Committed offsets: stable fetches, plain commits (groups-streams-replication.md 2.8, 2.9, 3.4).
#include "consumer_world.h"

namespace eosim::kafka::consumer_test {
namespace {

using Command = StubApplication::Command;

TEST_CASE("one unstable partition makes the consumer ask for all of them again") {
  TestWorld test = member();
  test.broker().partitions[kP0].committed = {1};
  test.broker().partitions[kP1].committed = {0};
  test.broker().errors[Rpc::kOffsetFetch] = {Error::kUnstableOffsetCommit, Error::kNone,
                                             Error::kNone, Error::kUnstableOffsetCommit};
  test.run(sim::seconds(2));
  REQUIRE(test.broker().offset_fetches.size() == 3);
  for (const auto& request : test.broker().offset_fetches) {
    CHECK(request.require_stable);
    CHECK(request.partitions == List<TopicPartition>{kP0, kP1});
  }
  CHECK(test.app().seen == Strings{"assigned 0 1", "records 0:1 0:2"});
}

TEST_CASE("a poll whose offsets stay unstable takes its whole time and returns nothing") {
  TestWorld test = member();
  test.broker().errors[Rpc::kOffsetFetch].assign(1'000, Error::kUnstableOffsetCommit);
  test.run(sim::seconds(2));
  CHECK(test.app().seen == Strings{"assigned 0 1"});
  CHECK(test.app().polls >= 9);
  CHECK(test.app().polls <= 11);
  CHECK(test.broker().offset_fetches.size() >= 15);
}

TEST_CASE("a client of 2.4 does not ask for stable offsets") {
  TestWorld test = member("2.4");
  test.run(sim::seconds(1));
  REQUIRE(test.broker().offset_fetches.size() == 1);
  CHECK_FALSE(test.broker().offset_fetches[0].require_stable);
}

TEST_CASE("committed() waits until the offset is stable") {
  TestWorld test = member();
  test.broker().partitions[kP0].committed = {1};
  test.run(sim::seconds(1));
  test.broker().errors[Rpc::kOffsetFetch] = {Error::kUnstableOffsetCommit,
                                             Error::kUnstableOffsetCommit};
  test.app().next = Command::kCommitted;
  test.run(sim::seconds(1));
  CHECK(test.app().seen.back() == "committed 0@1");
}

TEST_CASE("committed() gives up after default.api.timeout.ms") {
  TestWorld test = member();
  test.run(sim::seconds(1));
  test.broker().errors[Rpc::kOffsetFetch].assign(10'000, Error::kUnstableOffsetCommit);
  test.app().next = Command::kCommitted;
  test.run(sim::seconds(59));
  CHECK(test.app().seen.back() == "records 0:0 0:1 0:2");
  test.run(sim::seconds(3));
  CHECK(test.app().seen.back() == call_ended(Thrown::kTimeout));
}

TEST_CASE("a plain commit carries the generation and is repeated while it may be") {
  TestWorld test = member();
  test.run(sim::seconds(1));
  test.broker().errors[Rpc::kOffsetCommit] = {Error::kCoordinatorLoadInProgress,
                                              Error::kNotCoordinator};
  test.app().next = Command::kCommit;
  test.run(sim::seconds(2));
  CHECK(test.app().seen.back() == "call ended: well");
  REQUIRE(test.broker().commits.size() == 3);
  CHECK(test.broker().commits.back().generation == Generation{1});
  CHECK(test.broker().partitions[kP0].committed == Offset{3});
}

TEST_CASE("a commit from outside the group fails, and the next poll loses the partitions") {
  TestWorld test = member();
  test.run(sim::seconds(1));
  test.broker().errors[Rpc::kOffsetCommit] = {Error::kUnknownMemberId};
  test.app().next = Command::kCommit;
  test.run(sim::seconds(1));
  const Strings seen = test.app().seen;
  REQUIRE(seen.size() >= 5);
  CHECK(seen[2] == call_ended(Thrown::kCommitFailed));
  CHECK(seen[3] == "lost 0 1");
  CHECK(seen[4] == "assigned 0 1");
}

TEST_CASE("a commit during a rebalance says so and asks for a join") {
  TestWorld test = member();
  test.run(sim::seconds(1));
  test.broker().errors[Rpc::kOffsetCommit] = {Error::kRebalanceInProgress};
  test.app().next = Command::kCommit;
  test.run(sim::seconds(1));
  const Strings seen = test.app().seen;
  REQUIRE(seen.size() >= 5);
  CHECK(seen[2] == call_ended(Thrown::kRebalanceInProgress));
  CHECK(seen[3] == "revoked 0 1");
  CHECK(seen[4] == "assigned 0 1");
}

}  // namespace
}  // namespace eosim::kafka::consumer_test
