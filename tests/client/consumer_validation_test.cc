// Positions, leader epochs, and leaders that are older or newer than what was read (KIP-320,
// groups-streams-replication.md 3.6, 3.7).
#include "consumer_world.h"

namespace eosim::kafka::consumer_test {
namespace {

using Command = StubApplication::Command;

// A member that finds an offset committed: of `committed`, read in that epoch.
TestWorld member_with(int64_t committed, int32_t epoch) {
  TestWorld test = member();
  test.broker().partitions[kP0].committed = {committed};
  test.broker().partitions[kP0].committed_epoch = LeaderEpoch{epoch};
  test.broker().partitions[kP1].committed = {0};
  return test;
}

size_t questions(TestWorld& test) { return times_seen(test.broker().seen, "OffsetForLeaderEpoch"); }

TEST_CASE("a committed offset is fetched from where its leader has all that was read") {
  struct Case {
    const char* what;
    int32_t committed_epoch;
    int32_t told_epoch;  // by the leader; -1: it knows of none
    int64_t epoch_end;
    OffsetReset policy;
    size_t asked;
    Strings seen;
  };
  const std::string error = "error " + std::to_string(static_cast<int>(Error::kOffsetOutOfRange));
  const Case kCases[] = {
      {"no epoch", -1, 0, 3, OffsetReset::kEarliest, 0, {"assigned 0 1", "records 0:2"}},
      {"all is there", 0, 0, 3, OffsetReset::kEarliest, 1, {"assigned 0 1", "records 0:2"}},
      {"just so", 0, 0, 2, OffsetReset::kEarliest, 1, {"assigned 0 1", "records 0:2"}},
      {"one is gone", 0, 0, 1, OffsetReset::kEarliest, 1, {"assigned 0 1", "records 0:1 0:2"}},
      {"gone, latest", 0, 0, 1, OffsetReset::kLatest, 1, {"assigned 0 1", "records 0:1 0:2"}},
      {"gone, no policy", 0, 0, 1, OffsetReset::kNone, 1, {"assigned 0 1", error}},
      {"unknown", 0, -1, 0, OffsetReset::kEarliest, 1, {"assigned 0 1", "records 0:0 0:1 0:2"}},
      {"unknown, latest", 0, -1, 0, OffsetReset::kLatest, 1, {"assigned 0 1"}},
      {"unknown, no policy", 0, -1, 0, OffsetReset::kNone, 1, {"assigned 0 1", error}},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.what);
    TestWorld test(true, "2.5");
    test.config.auto_offset_reset = c.policy;
    test.build();
    test.append(kP0, 3, 9);
    CannedPartition& canned = test.broker().partitions[kP0];
    canned.committed = {2};
    canned.committed_epoch = LeaderEpoch{c.committed_epoch};
    canned.read_epoch = LeaderEpoch{c.told_epoch};
    canned.epoch_end = {c.epoch_end};
    test.broker().partitions[kP1].committed = {0};
    test.run(sim::seconds(2));
    CHECK(questions(test) == c.asked);
    CHECK(test.app().seen == c.seen);
  }
}

TEST_CASE("the question names the epoch of the position and that of the leader as it is known") {
  TestWorld test = member_with(2, 3);
  test.lead(5);
  test.run(sim::seconds(2));
  REQUIRE(test.broker().epoch_questions.size() == 1);
  const auto& asked = test.broker().epoch_questions.at(0).partitions;
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].partition == kP0);
  CHECK(asked[0].current_leader_epoch == LeaderEpoch{5});
  CHECK(asked[0].leader_epoch == LeaderEpoch{3});
  CHECK(test.broker().fetch_epochs.at(0) == LeaderEpoch{5});
}

TEST_CASE("a leader that is older than a committed offset is not asked: metadata is, until it is") {
  TestWorld test = member_with(2, 1);
  test.run(sim::seconds(2));
  CHECK(test.app().seen == Strings{"assigned 0 1"});
  CHECK(questions(test) == 0);
  CHECK(test.broker().fetch_epochs.empty());
  CHECK(test.broker().metadata_requests >= 4);  // behind a Fetch of the other partition each
  test.lead(1);
  test.run(sim::seconds(3));
  CHECK(questions(test) == 1);
  CHECK(test.app().seen == Strings{"assigned 0 1", "records 0:2"});
}

TEST_CASE("an older leader is fetched from where the offset was committed without an epoch") {
  TestWorld test = member_with(2, -1);
  test.broker().errors[Rpc::kFetch] = {Error::kOffsetOutOfRange};
  test.run(sim::seconds(2));
  CHECK(test.app().seen == Strings{"assigned 0 1", "records 0:0 0:1 0:2"});
}

TEST_CASE("each error of an OffsetForLeaderEpoch asks for metadata, and the leader again") {
  for (const Error error :
       {Error::kNotLeaderOrFollower, Error::kFencedLeaderEpoch, Error::kUnknownLeaderEpoch,
        Error::kOffsetNotAvailable, Error::kUnknownTopicOrPartition, Error::kKafkaStorageError}) {
    TestWorld test = member_with(2, 0);
    test.broker().errors[Rpc::kOffsetForLeaderEpoch] = {error, error};
    test.run(sim::seconds(4));
    CAPTURE(error_name(error));
    CHECK(questions(test) == 3);
    CHECK(test.broker().metadata_requests > 1);
    CHECK(test.app().seen == Strings{"assigned 0 1", "records 0:2"});
  }
  TestWorld test = member_with(2, 0);
  test.broker().closes[Rpc::kOffsetForLeaderEpoch] = 1;
  test.run(sim::seconds(2));
  CHECK(questions(test) == 2);
  CHECK(test.app().seen == Strings{"assigned 0 1", "records 0:2"});
}

TEST_CASE("a position that has been read up to is held against each new leader") {
  TestWorld test = member_with(0, -1);
  test.run(sim::seconds(1));
  CHECK(questions(test) == 0);
  CHECK(test.app().consumer.consumed(kP0)->leader_epoch == LeaderEpoch{0});
  test.lead(2);
  test.broker().errors[Rpc::kFetch] = {Error::kFencedLeaderEpoch};
  test.append(kP0, 2, 9);
  test.run(sim::seconds(2));
  CHECK(questions(test) == 1);
  CHECK(test.broker().fetch_epochs.back() == LeaderEpoch{2});
  CHECK(test.app().delivered == List<int64_t>{0, 1, 2, 3, 4});
}

TEST_CASE("what a new leader has lost is read anew, and nothing else") {
  TestWorld test = member_with(0, -1);
  test.run(sim::seconds(1));
  test.lead(2);
  test.broker().partitions[kP0].epoch_end = {1};
  test.broker().errors[Rpc::kFetch] = {Error::kFencedLeaderEpoch};
  test.append(kP0, 2, 9);
  test.run(sim::seconds(2));
  CHECK(questions(test) == 1);
  CHECK(test.app().delivered == List<int64_t>{0, 1, 2, 1, 2, 3, 4});
}

TEST_CASE("an answer about a leader that is deposed meanwhile is of the past") {
  TestWorld test = member_with(2, 0);
  test.lead(3);
  test.broker().errors[Rpc::kOffsetForLeaderEpoch] = {Error::kFencedLeaderEpoch};
  test.broker().partitions[kP0].epoch_end = {3};
  test.run(sim::milliseconds(100));
  test.lead(4);
  test.run(sim::seconds(2));
  REQUIRE(questions(test) >= 2);
  CHECK(test.broker().epoch_questions.back().partitions.at(0).current_leader_epoch ==
        LeaderEpoch{4});
  CHECK(test.app().seen == Strings{"assigned 0 1", "records 0:2"});
}

TEST_CASE("committed() tells the epoch, and metadata that is older is refused from then on") {
  TestWorld test = member_with(0, -1);
  test.run(sim::seconds(1));
  test.broker().partitions[kP0].committed_epoch = LeaderEpoch{1};
  const int metadata = test.broker().metadata_requests;
  test.app().next = Command::kCommitted;
  test.run(sim::seconds(1));
  CHECK(test.app().consumer.committed_offsets().at(0).leader_epoch == LeaderEpoch{1});
  CHECK(test.broker().metadata_requests > metadata);
  // What has been read is there all the same: a position goes on with the leader that it has.
  test.append(kP0, 1, 9);
  test.run(sim::seconds(1));
  CHECK(test.app().delivered == List<int64_t>{0, 1, 2, 3});
}

}  // namespace
}  // namespace eosim::kafka::consumer_test
