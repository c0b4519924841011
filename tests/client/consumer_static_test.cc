// Static members (KIP-345) and what generations of consumers differ in
// (groups-streams-replication.md 0.2, 1.12, 3.2, 3.9).
#include "consumer_world.h"

namespace eosim::kafka::consumer_test {
namespace {

using Command = StubApplication::Command;

TestWorld static_member(const char* preset = "2.5") {
  TestWorld test(true, preset);
  test.config.instance_id = test.shared().names.intern("instance");
  test.build();
  test.append(kP0, 3, 9);
  return test;
}

}  // namespace

TEST_CASE("a static member says its instance in every request of the group") {
  TestWorld test = static_member();
  const Name instance = test.config.instance_id;
  test.run(sim::seconds(5));
  test.app().next = Command::kCommit;
  test.run(sim::seconds(1));
  StubBroker& broker = test.broker();
  REQUIRE((!broker.joins.empty() && !broker.syncs.empty() && !broker.beats.empty()));
  REQUIRE(broker.commits.size() == 1);
  for (const auto& join : broker.joins) CHECK(join.instance_id == instance);
  for (const auto& sync : broker.syncs) CHECK(sync.instance_id == instance);
  for (const auto& beat : broker.beats) CHECK(beat.instance_id == instance);
  CHECK(broker.commits[0].instance_id == instance);
  // And the triple that a producer sends with offsets has it too.
  CHECK(test.app().consumer.group_metadata().instance_id == instance);
}

TEST_CASE("a static member that closes does not leave") {
  TestWorld test = static_member();
  test.run(sim::seconds(1));
  test.app().next = Command::kClose;
  test.run(sim::seconds(60));
  CHECK(test.app().seen.back() == "call ended: well");
  CHECK(times_seen(test.broker().seen, "LeaveGroup") == 0);
  CHECK(test.world->pending() == 0);
}

TEST_CASE("a static member whose place was taken is fenced for good, by whichever answer") {
  for (const Rpc rpc : {Rpc::kHeartbeat, Rpc::kSyncGroup, Rpc::kJoinGroup}) {
    TestWorld test = static_member();
    test.run(sim::seconds(1));
    test.broker().errors[rpc] = {Error::kFencedInstanceId};
    if (rpc != Rpc::kHeartbeat) test.app().next = Command::kEnforceRebalance;
    test.run(sim::seconds(4));
    CHECK(test.app().seen.back() == "error 82");
  }
  TestWorld test = static_member();
  test.run(sim::seconds(1));
  test.broker().errors[Rpc::kOffsetCommit] = {Error::kFencedInstanceId};
  test.app().next = Command::kCommit;
  test.run(sim::seconds(1));
  CHECK(times_seen(test.app().seen, call_ended(Thrown::kFencedInstanceId)) == 1);
}

TEST_CASE("since 2.6 a member beats from the answer to its join on") {
  for (const char* preset : {"2.5", "2.6", "3.5"}) {
    TestWorld test(true, preset);
    test.build();
    test.broker().sync_delay = sim::seconds(5);
    test.run(sim::seconds(6));
    CAPTURE(preset);
    CHECK(test.broker().syncs.size() == 1);
    CHECK(test.app().seen == Strings{"assigned 0 1"});
    // It waits on the connection behind the Sync, which a broker takes up first.
    CHECK(test.broker().beats.size() == (find_preset(preset)->release >= Release::k26 ? 1 : 0));
  }
}

TEST_CASE("the wish for stable offsets is dropped for an old broker, or is an error") {
  for (const bool fails : {false, true}) {
    TestWorld test(true);
    test.config.switches.set(Switch::kFailIfStableUnsupported, fails ? uint8_t{1} : uint8_t{0});
    test.build();
    test.broker().speaks = "2.4";
    test.append(kP0, 1, 9);
    test.run(sim::seconds(2));
    if (fails) {
      CHECK(test.app().seen.back() == "error 35");
    } else {
      CHECK(test.app().seen == Strings{"assigned 0 1", "records 0:0"});
      for (const auto& fetch : test.broker().offset_fetches) CHECK_FALSE(fetch.require_stable);
    }
  }
}

TEST_CASE("a coordinator that moves or loads is found again, and positions with it") {
  for (const Error error : {Error::kNotCoordinator, Error::kCoordinatorNotAvailable,
                            Error::kCoordinatorLoadInProgress, Error::kUnstableOffsetCommit}) {
    for (const Rpc rpc : {Rpc::kOffsetFetch, Rpc::kOffsetCommit}) {
      if (rpc == Rpc::kOffsetCommit && error == Error::kUnstableOffsetCommit) continue;
      TestWorld test(true, "3.8");
      test.build();
      test.append(kP0, 3, 9);
      test.broker().errors[rpc] = {error};
      test.run(sim::seconds(2));
      test.app().next = Command::kCommit;
      test.run(sim::seconds(2));
      CAPTURE(error_name(error), rpc_name(rpc));
      CHECK(test.app().seen == Strings{"assigned 0 1", "records 0:0 0:1 0:2", "call ended: well"});
      CHECK(test.broker().partitions[kP0].committed == Offset{3});
    }
  }
}

TEST_CASE("a leader that moved is asked for again, and nothing is skipped or read twice") {
  for (const Error error :
       {Error::kNotLeaderOrFollower, Error::kFencedLeaderEpoch, Error::kUnknownLeaderEpoch,
        Error::kKafkaStorageError, Error::kOffsetNotAvailable, Error::kUnknownTopicOrPartition}) {
    TestWorld test(true, "3.8");
    test.build();
    test.append(kP0, 3, 9);
    test.broker().errors[Rpc::kFetch] = {error, error};
    test.broker().errors[Rpc::kListOffsets] = {error, error};
    test.run(sim::seconds(3));
    test.append(kP0, 2, 9);
    test.run(sim::seconds(3));
    CAPTURE(error_name(error));
    CHECK(test.app().delivered == List<int64_t>{0, 1, 2, 3, 4});
  }
}

TEST_CASE("a consumer that dies or is closed gives back the batches that it held") {
  for (const bool dies : {false, true}) {
    TestWorld test(true, "3.8");
    test.config.max_poll_records = 1;
    test.build();
    for (int i = 0; i < 5; ++i) test.append(kP0, 2, 9);
    const uint64_t own = test.shared().batches.references();
    CHECK(own == 5);
    test.run(sim::milliseconds(300));
    if (dies) {
      test.world->remove(test.app_id);
    } else {
      test.app().next = Command::kClose;
    }
    test.run(sim::seconds(5));
    CHECK(test.shared().batches.references() == own);
    CHECK(test.shared().metadata.references() == 1);
  }
}

}  // namespace eosim::kafka::consumer_test
