// Membership as the application and the coordinator see it (groups-streams-replication.md 3.1-3.5).
#include "consumer_world.h"

namespace eosim::kafka::consumer_test {
namespace {

using Command = StubApplication::Command;

TEST_CASE("a member joins, is called back, asks for its offsets and reads") {
  TestWorld test = member();
  test.broker().partitions[kP0].committed = {1};
  test.run(sim::seconds(1));
  CHECK(test.app().seen == Strings{"assigned 0 1", "records 0:1 0:2"});
  CHECK(test.broker().seen == Strings{"FindCoordinator", "JoinGroup", "JoinGroup", "SyncGroup",
                                      "OffsetFetch", "ListOffsets"});
  CHECK(test.app().consumer.position(kP1) == Offset{0});
}

TEST_CASE("positions are asked for only after the callback has ended") {
  TestWorld test = member();
  test.app().hold_callbacks = true;
  test.run(sim::seconds(1));
  CHECK(test.app().seen == Strings{"assigned 0 1"});
  CHECK(times_seen(test.broker().seen, "OffsetFetch") == 0);
  CHECK(test.app().consumer.group_metadata().generation == Generation{1});
  test.world->control(test.app_id, kApplication, {});
  test.run(sim::seconds(1));
  CHECK(times_seen(test.broker().seen, "OffsetFetch") == 1);
  CHECK(test.app().delivered == List<int64_t>{0, 1, 2});
}

TEST_CASE("heartbeats go on while a callback takes its time") {
  TestWorld test = member();
  test.app().hold_callbacks = true;
  test.run(sim::seconds(10));
  CHECK(times_seen(test.broker().seen, "Heartbeat") == 3);
}

TEST_CASE("a rebalance told by a heartbeat revokes before it joins and begins anew after") {
  TestWorld test = member();
  test.run(sim::seconds(1));
  test.broker().errors[Rpc::kHeartbeat] = {Error::kRebalanceInProgress};
  test.run(sim::seconds(4));
  CHECK(test.app().seen == Strings{"assigned 0 1", "records 0:0 0:1 0:2", "revoked 0 1",
                                   "assigned 0 1", "records 0:0 0:1 0:2"});
  CHECK(test.app().consumer.group_metadata().generation == Generation{2});
  CHECK(test.broker().joins.back().member_id == test.app().consumer.group_metadata().member_id);
}

TEST_CASE("an unknown member loses its partitions and joins under a new id") {
  TestWorld test = member();
  test.run(sim::seconds(1));
  const GroupMetadata before = test.app().consumer.group_metadata();
  test.app().hold_callbacks = true;
  test.broker().errors[Rpc::kHeartbeat] = {Error::kUnknownMemberId};
  test.run(sim::seconds(4));
  CHECK(test.app().seen.back() == "lost 0 1");
  // The triple for producers is still the one of the last completed rebalance: a zombie shows it.
  CHECK(test.app().consumer.group_metadata() == before);
  test.world->control(test.app_id, kApplication, {});
  test.run(sim::seconds(1));
  CHECK(test.app().seen.back() == "assigned 0 1");
  CHECK(test.app().consumer.group_metadata().member_id != before.member_id);
}

TEST_CASE("an illegal generation costs the member id too before 3.2 and not after") {
  for (const bool keep : {false, true}) {
    TestWorld test(true);
    test.config.switches.set(Switch::kKeepMemberIdOnIllegalGeneration, keep ? 1 : 0);
    test.build();
    test.run(sim::seconds(1));
    const Name before = test.app().consumer.group_metadata().member_id;
    test.broker().errors[Rpc::kHeartbeat] = {Error::kIllegalGeneration};
    test.run(sim::seconds(4));
    CHECK(test.app().seen == Strings{"assigned 0 1", "lost 0 1", "assigned 0 1"});
    CHECK((test.app().consumer.group_metadata().member_id == before) == keep);
  }
}

TEST_CASE("a fenced instance id surfaces at the next poll and is the end") {
  TestWorld test = member();
  test.run(sim::seconds(1));
  test.broker().errors[Rpc::kHeartbeat] = {Error::kFencedInstanceId};
  test.run(sim::seconds(4));
  CHECK(test.app().seen.back() == "error 82");
}

TEST_CASE("an application that stops polling leaves the group behind its own back") {
  TestWorld test(true);
  test.config.max_poll_interval_ms = 20'000;
  test.build();
  test.run(sim::seconds(1));
  test.stall_application(sim::seconds(40));
  test.run(sim::seconds(30));
  CHECK(times_seen(test.broker().seen, "LeaveGroup") == 1);
  const size_t beats = times_seen(test.broker().seen, "Heartbeat");
  CHECK(beats >= 6);
  CHECK(test.app().seen == Strings{"assigned 0 1"});
  CHECK(test.app().consumer.group_metadata().generation == Generation{1});
  test.run(sim::seconds(12));
  CHECK(test.app().seen == Strings{"assigned 0 1", "lost 0 1", "assigned 0 1"});
}

TEST_CASE("a static member that stops polling leaves without a word") {
  TestWorld test(true);
  test.config.max_poll_interval_ms = 20'000;
  test.config.instance_id = test.shared().names.intern("instance");
  test.build();
  test.run(sim::seconds(1));
  test.stall_application(sim::seconds(40));
  test.run(sim::seconds(30));
  CHECK(times_seen(test.broker().seen, "LeaveGroup") == 0);
  const size_t beats = times_seen(test.broker().seen, "Heartbeat");
  test.run(sim::seconds(10));
  CHECK(times_seen(test.broker().seen, "Heartbeat") == beats);
}

TEST_CASE("a join that was answered during a stall is taken up only at the next poll") {
  TestWorld test = member();
  test.run(sim::seconds(1));
  test.app().next = Command::kEnforceRebalance;
  const size_t joins = test.broker().joins.size();
  while (test.broker().joins.size() == joins) REQUIRE(test.world->step());
  test.stall_application(sim::seconds(5));
  test.run(sim::seconds(4));
  CHECK(times_seen(test.broker().seen, "SyncGroup") == 1);
  test.run(sim::seconds(2));
  CHECK(times_seen(test.broker().seen, "SyncGroup") == 2);
}

TEST_CASE("a member whose coordinator is silent keeps reading what it owns") {
  TestWorld test = member();
  test.run(sim::seconds(1));
  test.broker().silent = true;
  test.run(sim::seconds(30));
  test.append(kP0, 1, 9);
  test.run(sim::seconds(30));
  CHECK(test.app().seen == Strings{"assigned 0 1", "records 0:0 0:1 0:2", "records 0:3"});
  CHECK(test.app().consumer.assignment() == List<TopicPartition>{kP0, kP1});
}

TEST_CASE("errors of the join lead back into it") {
  for (const Error error : {Error::kCoordinatorLoadInProgress, Error::kNotCoordinator,
                            Error::kRebalanceInProgress, Error::kUnknownMemberId}) {
    for (const Rpc rpc : {Rpc::kJoinGroup, Rpc::kSyncGroup}) {
      TestWorld test = member();
      test.broker().errors[rpc] = {error};
      test.run(sim::seconds(3));
      CHECK(test.app().seen == Strings{"assigned 0 1", "records 0:0 0:1 0:2"});
    }
  }
}

TEST_CASE("a session timeout that the broker refuses is an error of poll") {
  TestWorld test = member();
  test.broker().errors[Rpc::kJoinGroup] = {Error::kInvalidSessionTimeout};
  test.run(sim::seconds(3));
  CHECK(test.app().seen == Strings{"error 26"});
}

TEST_CASE("2.4 joins as 2.5 does") {
  TestWorld test = member("2.4");
  test.run(sim::seconds(1));
  CHECK(test.app().seen == Strings{"assigned 0 1", "records 0:0 0:1 0:2"});
}

TEST_CASE("a closed dynamic member says so and is done") {
  TestWorld test = member();
  test.run(sim::seconds(1));
  test.app().next = Command::kClose;
  test.run(sim::seconds(1));
  CHECK(test.broker().seen.back() == "LeaveGroup");
  CHECK(test.app().seen.back() == "call ended: well");
  test.run(sim::seconds(60));
  CHECK(test.broker().seen.back() == "LeaveGroup");
  CHECK(test.world->pending() == 0);
}

}  // namespace
}  // namespace eosim::kafka::consumer_test
