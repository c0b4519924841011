// What a poll returns and where it leaves the position (groups-streams-replication.md 3.6, 11.5).
#include "consumer_world.h"

namespace eosim::kafka::consumer_test {
namespace {

// [0-1 of 7] [2 of 8] [3 ABORT 7] [4-5 of 7] [6 COMMIT 8] [7 COMMIT 7].
void append_vector(TestWorld& test) {
  test.append(kP0, 2, 7);
  test.append(kP0, 1, 8);
  test.append(kP0, 1, 7, ControlType::kAbort);
  test.append(kP0, 2, 7);
  test.append(kP0, 1, 8, ControlType::kCommit);
  test.append(kP0, 1, 7, ControlType::kCommit);
  test.broker().partitions[kP0].aborted = {{{7}, {0}}};
}

TestWorld auditor() {
  TestWorld test(false);
  test.build();
  test.app().by_hand = {kP0};
  append_vector(test);
  return test;
}

TEST_CASE("one poll delivers the committed records and walks over the markers behind them") {
  TestWorld test = auditor();
  test.run(sim::seconds(1));
  CHECK(test.app().seen == Strings{"records 0:2 0:4 0:5"});
  CHECK(test.app().positions == std::vector<std::optional<Offset>>{Offset{8}});
}

TEST_CASE(
    "a poll that stops at max.poll.records stays before the markers, the next one skips them") {
  TestWorld test(false);
  test.config.max_poll_records = 3;
  test.build();
  test.app().by_hand = {kP0};
  append_vector(test);
  test.run(sim::seconds(1));
  CHECK(test.app().seen == Strings{"records 0:2 0:4 0:5"});
  CHECK(test.app().positions == std::vector<std::optional<Offset>>{Offset{6}});
  CHECK(test.app().consumer.position(kP0) == Offset{8});
}

TEST_CASE("a batch is handed out over several polls when it holds more than max.poll.records") {
  TestWorld test(false);
  test.config.max_poll_records = 2;
  test.build();
  test.app().by_hand = {kP0};
  test.append(kP0, 5, 9);
  test.run(sim::seconds(1));
  CHECK(test.app().seen == Strings{"records 0:0 0:1", "records 0:2 0:3", "records 0:4"});
}

TEST_CASE("nothing at or above the last stable offset is read, and the position stays there") {
  TestWorld test = auditor();
  auto& partition = test.broker().partitions[kP0];
  partition.end = {2};
  test.run(sim::seconds(1));
  CHECK(test.app().seen.empty());
  CHECK(test.app().consumer.position(kP0) == Offset{2});
}

TEST_CASE("read_uncommitted returns the aborted records too") {
  TestWorld test(false);
  test.config.isolation = IsolationLevel::kReadUncommitted;
  test.build();
  test.app().by_hand = {kP0};
  append_vector(test);
  test.run(sim::seconds(1));
  CHECK(test.app().delivered == List<int64_t>{0, 1, 2, 4, 5});
}

TEST_CASE("a leader that is not one any more is tried again with fresh metadata") {
  TestWorld test = auditor();
  test.broker().errors[Rpc::kFetch] = {Error::kNotLeaderOrFollower, Error::kFencedLeaderEpoch};
  test.run(sim::seconds(2));
  CHECK(test.app().delivered == List<int64_t>{2, 4, 5});
}

TEST_CASE("an offset out of range goes to the reset policy") {
  TestWorld test = auditor();
  test.broker().errors[Rpc::kFetch] = {Error::kOffsetOutOfRange};
  test.run(sim::seconds(2));
  CHECK(test.app().delivered == List<int64_t>{2, 4, 5});
  CHECK(test.broker().seen == Strings{"ListOffsets", "ListOffsets"});
}

TEST_CASE("a paused partition keeps its position and what is buffered, and the others go on") {
  TestWorld test(true);
  test.config.max_poll_records = 2;
  test.build();
  test.append(kP0, 3, 9);
  while (test.app().seen.empty()) REQUIRE(test.world->step());
  test.app().next = StubApplication::Command::kPause;  // after the first records
  test.append(kP1, 1, 9);
  test.run(sim::seconds(2));
  CHECK(test.app().seen.back() == "records 1:0");
  CHECK(test.app().consumer.paused(kP0));
  CHECK(test.app().consumer.position(kP0) == Offset{2});
  test.append(kP0, 1, 9);
  test.app().next = StubApplication::Command::kResume;
  test.run(sim::seconds(2));
  CHECK(test.app().seen ==
        Strings{"assigned 0 1", "records 0:0 0:1", "records 1:0", "records 0:2", "records 0:3"});
}

TEST_CASE("a pause ends with the assignment") {
  TestWorld test = member();
  test.run(sim::seconds(1));
  test.app().next = StubApplication::Command::kPause;
  test.run(sim::seconds(1));
  REQUIRE(test.app().consumer.paused(kP0));
  test.app().next = StubApplication::Command::kEnforceRebalance;
  test.run(sim::seconds(2));
  CHECK_FALSE(test.app().consumer.paused(kP0));
  CHECK(test.app().seen.back() == "records 0:0 0:1 0:2");
}

TEST_CASE("a buffered batch is kept in the store until the application polls again") {
  TestWorld test = auditor();
  const FetchedBatches batches = test.broker().partitions[kP0].batches;
  test.run(sim::seconds(1));
  test.broker().partitions[kP0].batches.clear();
  for (const FetchedBatch& fetched : batches) test.shared().batches.release(fetched.batch);
  // Every count is at zero now: one more release would break the store's own assertion.
  CHECK_THROWS_AS(test.shared().batches.release(batches[0].batch), sim::InvariantBroken);
}

TEST_CASE("a copied world's consumer goes on as the original does") {
  TestWorld test = auditor();
  test.run(sim::milliseconds(5));
  sim::World copy = *test.world;
  test.run(sim::seconds(1));
  const sim::Time end = test.world->now();
  while (copy.next_time() <= end && copy.step()) {
  }
  CHECK(copy.digest() == test.world->digest());
  CHECK(test.app().delivered == List<int64_t>{2, 4, 5});
}

}  // namespace
}  // namespace eosim::kafka::consumer_test
