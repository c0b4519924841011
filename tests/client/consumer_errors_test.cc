// The tables of groups-streams-replication.md 2.9, 3.4 and 3.7 with the real consumer: one error of
// one request of a stable member, and the flow that follows, at the broker and at the application.
#include "consumer_world.h"

namespace eosim::kafka::consumer_test {
namespace {

using Command = StubApplication::Command;

// Instead of a code: the connection ends.
constexpr auto kCloses = static_cast<Error>(-100);

// Calls end by the number of what they threw: 4 CommitFailed, 5 RebalanceInProgress,
// 6 FencedInstanceId, 9 another fatal error.
struct Flow {
  Error error;
  const char* asked;  // requests that the broker got: by one letter each, see letter()
  const char* told;   // what the application saw
  const char* preset = "2.5";
};

// Two partitions of which everything is read and committed; heartbeats every three seconds.
TestWorld stable_member(const char* preset) {
  TestWorld test(true, preset);
  test.build();
  test.append(kP0, 3, 9);
  test.broker().partitions[kP0].committed = {3};
  test.broker().partitions[kP1].committed = {0};
  test.run(sim::seconds(1));
  REQUIRE(test.app().seen == Strings{"assigned 0 1"});
  test.app().seen.clear();
  test.broker().seen.clear();
  return test;
}

char letter(const std::string& rpc) {
  static const std::map<std::string, char> kLetters = {
      {"FindCoordinator", 'F'}, {"JoinGroup", 'J'},   {"SyncGroup", 'S'},    {"Heartbeat", 'H'},
      {"LeaveGroup", 'L'},      {"OffsetFetch", 'o'}, {"OffsetCommit", 'c'}, {"ListOffsets", 'l'},
  };
  return kLetters.at(rpc);
}

void check_flow(TestWorld& test, Rpc rpc, const Flow& flow, sim::Duration length,
                Command command = Command::kNone) {
  INFO(rpc_name(rpc) << " with error " << static_cast<int>(flow.error) << ", " << flow.preset);
  if (flow.error == kCloses) {
    test.broker().closes[rpc] = 1;
  } else {
    test.broker().errors[rpc] = {flow.error};
  }
  test.app().next = command;
  test.run(length);
  std::string asked;
  for (const std::string& name : test.broker().seen) asked += letter(name);
  std::string told;
  for (const std::string& line : test.app().seen) told += (told.empty() ? "" : ", ") + line;
  CHECK(asked == flow.asked);
  CHECK(told == flow.told);
}

constexpr const char* kAgain = "revoked 0 1, assigned 0 1";
constexpr const char* kLost = "lost 0 1, assigned 0 1";

TEST_CASE("each error of a JoinGroup leads where the table says") {
  const Flow kFlows[] = {
      {Error::kNotCoordinator, "JFJSo", kAgain},
      {Error::kCoordinatorNotAvailable, "JFJSo", kAgain},
      {kCloses, "JFJSo", kAgain},
      {Error::kCoordinatorLoadInProgress, "JJSo", kAgain},
      // Another join without an id, and one with the id that this one got.
      {Error::kUnknownMemberId, "JJJSo", kAgain},
      {Error::kRebalanceInProgress, "JJSo", kAgain},
      {Error::kMemberIdRequired, "JJSo", kAgain},
      {Error::kFencedInstanceId, "J", "revoked 0 1, error 82"},
      {Error::kInconsistentGroupProtocol, "J", "revoked 0 1, error 23"},
      {Error::kInvalidGroupId, "J", "revoked 0 1, error 24"},
      {Error::kInvalidSessionTimeout, "J", "revoked 0 1, error 26"},
      {Error::kGroupMaxSizeReached, "J", "revoked 0 1, error 81"},
  };
  for (const Flow& flow : kFlows) {
    TestWorld test = stable_member(flow.preset);
    const Name before = test.broker().joins.back().member_id;
    check_flow(test, Rpc::kJoinGroup, flow, sim::milliseconds(1'500), Command::kEnforceRebalance);
    const bool new_id = flow.error == Error::kUnknownMemberId;
    CHECK((test.broker().joins.back().member_id == before) == !new_id);
  }
}

TEST_CASE("each error of a SyncGroup leads where the table says") {
  const Flow kFlows[] = {
      {Error::kNotCoordinator, "JSFJSo", kAgain},
      {Error::kCoordinatorNotAvailable, "JSFJSo", kAgain},
      {kCloses, "JSFJSo", kAgain},
      {Error::kUnknownMemberId, "JSJJSo", kAgain},
      {Error::kIllegalGeneration, "JSJJSo", kAgain},
      {Error::kIllegalGeneration, "JSJSo", kAgain, "3.5"},
      {Error::kRebalanceInProgress, "JSJSo", kAgain},
      {Error::kFencedInstanceId, "JS", "revoked 0 1, error 82"},
      {Error::kInconsistentGroupProtocol, "JS", "revoked 0 1, error 23"},
  };
  for (const Flow& flow : kFlows) {
    TestWorld test = stable_member(flow.preset);
    check_flow(test, Rpc::kSyncGroup, flow, sim::milliseconds(1'500), Command::kEnforceRebalance);
  }
}

TEST_CASE("each error of a Heartbeat leads where the table says") {
  const Flow kFlows[] = {
      // Found at once and still backing off from the connection that was given up: again
      // (AbstractCoordinator.ensureCoordinatorReady).
      {Error::kNotCoordinator, "HFFH", ""},
      {Error::kCoordinatorNotAvailable, "HFFH", ""},
      {kCloses, "HFFH", ""},
      {Error::kUnknownMemberId, "HJJSo", kLost},
      {Error::kIllegalGeneration, "HJJSo", kLost},
      // The id is kept, and the partitions are lost all the same.
      {Error::kIllegalGeneration, "HJSo", kLost, "3.5"},
      {Error::kRebalanceInProgress, "HJSo", kAgain},
      {Error::kFencedInstanceId, "H", "error 82"},
  };
  for (const Flow& flow : kFlows) {
    TestWorld test = stable_member(flow.preset);
    check_flow(test, Rpc::kHeartbeat, flow, sim::seconds(3));
  }
}

TEST_CASE("each error of an OffsetCommit leads where the table says") {
  const Flow kFlows[] = {
      {Error::kNotCoordinator, "cFc", "call ended: well"},
      {Error::kCoordinatorNotAvailable, "cFc", "call ended: well"},
      {Error::kRequestTimedOut, "cFc", "call ended: well"},
      {kCloses, "cFc", "call ended: well"},
      {Error::kCoordinatorLoadInProgress, "cc", "call ended: well"},
      {Error::kUnknownTopicOrPartition, "cc", "call ended: well"},
      {Error::kUnknownMemberId, "cJJSo", "call ended: commit failed, lost 0 1, assigned 0 1"},
      {Error::kIllegalGeneration, "cJJSo", "call ended: commit failed, lost 0 1, assigned 0 1"},
      {Error::kIllegalGeneration, "cJSo", "call ended: commit failed, lost 0 1, assigned 0 1",
       "3.5"},
      {Error::kRebalanceInProgress, "cJSo", "call ended: rebalance, revoked 0 1, assigned 0 1"},
      {Error::kFencedInstanceId, "c", "call ended: instance"},
      {Error::kOffsetMetadataTooLarge, "c", "call ended: fatal"},
      {Error::kInvalidGroupId, "c", "call ended: fatal"},
  };
  for (const Flow& flow : kFlows) {
    TestWorld test = stable_member(flow.preset);
    check_flow(test, Rpc::kOffsetCommit, flow, sim::milliseconds(1'500), Command::kCommit);
  }
}

TEST_CASE("each error of an OffsetFetch leads where the table says") {
  const Flow kFlows[] = {
      {Error::kNotCoordinator, "oFo", "committed 0@3"},
      {Error::kCoordinatorNotAvailable, "oFo", "committed 0@3"},
      {kCloses, "oFo", "committed 0@3"},
      {Error::kCoordinatorLoadInProgress, "oo", "committed 0@3"},
      {Error::kUnstableOffsetCommit, "oo", "committed 0@3"},
      {Error::kUnknownTopicOrPartition, "o", "call ended: fatal"},
      {Error::kInvalidGroupId, "o", "call ended: fatal"},
  };
  for (const Flow& flow : kFlows) {
    TestWorld test = stable_member(flow.preset);
    check_flow(test, Rpc::kOffsetFetch, flow, sim::milliseconds(1'500), Command::kCommitted);
  }
}

TEST_CASE("each error of a ListOffsets asks for metadata and for the offset again") {
  for (const Error error : {Error::kNotLeaderOrFollower, Error::kFencedLeaderEpoch,
                            Error::kUnknownLeaderEpoch, Error::kOffsetNotAvailable,
                            Error::kUnknownTopicOrPartition, Error::kKafkaStorageError, kCloses}) {
    TestWorld test = stable_member("2.5");
    test.broker().partitions[kP1].committed = {};
    const int metadata = test.broker().metadata_requests;
    check_flow(test, Rpc::kListOffsets, {error, "JSoll", kAgain}, sim::milliseconds(2'500),
               Command::kEnforceRebalance);
    CHECK(test.broker().metadata_requests > metadata);
    CHECK(test.app().consumer.position(kP1) == Offset{0});
  }
}

TEST_CASE("each error of a Fetch is tried again where the partition stands, or resets it") {
  struct Case {
    Error error;
    bool metadata;
    const char* asked;
  };
  for (const Case& c :
       {Case{Error::kNotLeaderOrFollower, true, ""}, Case{Error::kFencedLeaderEpoch, true, ""},
        Case{Error::kOffsetNotAvailable, true, ""}, Case{Error::kKafkaStorageError, true, ""},
        Case{Error::kUnknownTopicOrPartition, true, ""},
        Case{Error::kUnknownLeaderEpoch, false, ""}, Case{Error::kOffsetOutOfRange, false, "l"},
        Case{kCloses, true, ""}}) {
    TestWorld test = stable_member("2.5");
    const int metadata = test.broker().metadata_requests;
    test.append(kP0, 1, 9);
    const char* told = c.asked[0] != '\0' ? "records 0:0 0:1 0:2 0:3" : "records 0:3";
    check_flow(test, Rpc::kFetch, {c.error, c.asked, told}, sim::milliseconds(1'900));
    CHECK((test.broker().metadata_requests > metadata) == c.metadata);
  }
}

TEST_CASE("without a reset policy an offset out of range is an error of poll") {
  TestWorld test(true, "2.5");
  test.config.auto_offset_reset = OffsetReset::kNone;
  test.build();
  test.append(kP0, 3, 9);
  test.broker().partitions[kP0].committed = {3};
  test.broker().partitions[kP1].committed = {0};
  test.broker().errors[Rpc::kFetch] = {Error::kOffsetOutOfRange};
  test.run(sim::seconds(2));
  CHECK(test.app().seen == Strings{"assigned 0 1", "error 1"});
}

TEST_CASE("a coordinator that cannot be found is looked for again") {
  for (const Error error : {Error::kCoordinatorNotAvailable, Error::kCoordinatorLoadInProgress,
                            Error::kRequestTimedOut, kCloses}) {
    TestWorld test(true, "2.5");
    test.build();
    test.broker().partitions[kP0].committed = test.broker().partitions[kP1].committed = {0};
    check_flow(test, Rpc::kFindCoordinator, {error, "FFJJSo", "assigned 0 1"}, sim::seconds(2));
  }
}

TEST_CASE("a member leaves with one attempt, whatever the answer") {
  for (const Error error : {Error::kNotCoordinator, Error::kCoordinatorLoadInProgress,
                            Error::kUnknownMemberId, kCloses}) {
    TestWorld test = stable_member("2.5");
    check_flow(test, Rpc::kLeaveGroup, {error, "L", "call ended: well"}, sim::seconds(2),
               Command::kClose);
  }
}

TEST_CASE("what a call repeats comes in equal pauses up to 3.6, and in growing ones later") {
  for (const bool grows : {false, true}) {
    const char* preset = grows ? "3.7" : "3.6";
    TestWorld test = stable_member(preset);
    test.broker().errors[Rpc::kOffsetCommit].assign(100, Error::kCoordinatorLoadInProgress);
    test.app().next = Command::kCommit;
    test.run(sim::seconds(3));
    const size_t commits = times_seen(test.broker().seen, "OffsetCommit");
    TestWorld fresh(true, preset);
    fresh.build();
    fresh.broker().errors[Rpc::kFindCoordinator].assign(100, Error::kCoordinatorNotAvailable);
    fresh.run(sim::seconds(3));
    const size_t searches = times_seen(fresh.broker().seen, "FindCoordinator");
    CAPTURE(preset, commits, searches);
    for (const size_t times : {commits, searches}) {
      // 100 ms each time; or 100, 200, 400, 800, 1000 with a fifth of jitter.
      CHECK(times >= (grows ? 5U : 24U));
      CHECK(times <= (grows ? 8U : 31U));
    }
  }
}

}  // namespace
}  // namespace eosim::kafka::consumer_test
