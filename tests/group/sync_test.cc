// The leader's assignment on its way through the log: groups-streams-replication.md 1.7.
#include "harness.h"

namespace eosim::kafka {
namespace {

using enum Error;
using enum GroupState;

struct Syncing {
  Harness h;
  Name m1;
  Name m2;
  RequestToken leader;
  RequestToken follower;

  // Generation 3 awaits the acknowledgement of its record.
  Syncing() {
    const auto pair = h.stable_pair();
    m1 = pair.m1;
    m2 = pair.m2;
    h.send(h.join_request(m1));
    h.send(h.join_request(m2));
    h.hold_appends = true;
    follower = h.send(h.sync_request(m2, 3));
    SyncGroupRequest request = h.sync_request(m1, 3);
    request.assignments = {{m1, {h.p0}}, {h.name("stranger"), {h.p1}}};
    leader = h.send(request);
  }
  Error error(RequestToken token) const { return h.response<SyncGroupResponse>(token)->error; }
};

TEST_CASE("assignments are handed out when their record is acknowledged, and not before") {
  Syncing s;
  CHECK_FALSE(s.h.answered(s.leader));
  CHECK_FALSE(s.h.answered(s.follower));
  s.h.complete(0, kNone);
  CHECK(s.h.the_group().is(kStable));
  CHECK(s.h.response<SyncGroupResponse>(s.leader)->assignment == List<TopicPartition>{s.h.p0});
  CHECK(s.h.response<SyncGroupResponse>(s.follower)->assignment.empty());
  CHECK(s.error(s.follower) == kNone);
  const auto& record = std::get<List<GroupRecord>>(s.h.batches[s.h.log.back().batch].payload)[0];
  REQUIRE(record.members.size() == 2);
  CHECK(record.generation.value == 3);
  CHECK(record.members[0].assignment == List<TopicPartition>{s.h.p0});
  CHECK(record.members[1].assignment.empty());
}

TEST_CASE("a record that cannot be written sends everybody back to join") {
  struct Row {
    Error append;
    Error told;
  };
  const Row rows[] = {
      {kUnknownTopicOrPartition, kCoordinatorNotAvailable},
      {kNotEnoughReplicas, kCoordinatorNotAvailable},
      {kNotEnoughReplicasAfterAppend, kCoordinatorNotAvailable},
      {kNotLeaderOrFollower, kNotCoordinator},
      {kKafkaStorageError, kNotCoordinator},
      {kRequestTimedOut, kRebalanceInProgress},
      {kMessageTooLarge, kUnknownServerError},
  };
  for (const Row& row : rows) {
    Syncing s;
    s.h.complete(0, row.append);
    CHECK(s.error(s.leader) == row.told);
    CHECK(s.error(s.follower) == row.told);
    CHECK(s.h.the_group().is(kPreparingRebalance));
    CHECK(s.h.the_group().generation().value == 3);
    for (const Member& member : s.h.the_group().members()) CHECK(member.assignment.empty());
  }
}

TEST_CASE("a record that is acknowledged after the group moved on decides nothing") {
  for (const Error error : {kNone, kRequestTimedOut}) {
    for (const bool next_generation : {false, true}) {
      Syncing s;
      s.h.send(s.h.join_request());
      CHECK(s.error(s.leader) == kRebalanceInProgress);
      CHECK(s.error(s.follower) == kRebalanceInProgress);
      if (next_generation) {
        s.h.send(s.h.join_request(s.m1));
        s.h.send(s.h.join_request(s.m2));
      }
      const GroupState before = s.h.the_group().state();
      CHECK(before == (next_generation ? kCompletingRebalance : kPreparingRebalance));
      const RequestToken waiting =
          s.h.send(s.h.sync_request(s.m2, s.h.the_group().generation().value));
      s.h.complete(0, error);
      CHECK(s.h.the_group().is(before));
      CHECK(s.h.answered(waiting) == !next_generation);
      for (const Member& member : s.h.the_group().members()) CHECK(member.assignment.empty());
    }
  }
}

TEST_CASE("a leader that syncs twice writes twice, and the first result is the answer") {
  Syncing s;
  SyncGroupRequest request = s.h.sync_request(s.m1, 3);
  request.assignments = {{s.m2, {s.h.p0}}};
  const RequestToken retry = s.h.send(request);
  CHECK(s.h.in_flight.size() == 2);
  s.h.complete(0, kNone);
  CHECK_FALSE(s.h.answered(s.leader));
  CHECK(s.h.response<SyncGroupResponse>(retry)->assignment == List<TopicPartition>{s.h.p0});
  s.h.complete(0, kNone);
  CHECK(s.h.the_group().find_member(s.m1)->assignment == List<TopicPartition>{s.h.p0});
}

}  // namespace
}  // namespace eosim::kafka
