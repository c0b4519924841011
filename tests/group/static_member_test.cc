// Static members that come back: groups-streams-replication.md 1.12.
#include "harness.h"

namespace eosim::kafka {
namespace {

using enum Error;
using enum GroupState;

GroupCoordinatorConfig of_release(std::string_view release) {
  GroupCoordinatorConfig config = Harness::default_config();
  config.switches = preset_switches(*find_preset(release));
  return config;
}

// A static leader of instance i1 and a static follower of i2, generation 1.
struct Statics {
  Harness h;
  Name m1;
  Name m2;

  explicit Statics(std::string_view release = "3.9", bool sync = true) : h(of_release(release)) {
    const RequestToken first = h.send(h.static_join("i1"));
    const RequestToken second = h.send(h.static_join("i2"));
    h.advance_ms(6'000);
    m1 = h.response<JoinGroupResponse>(first)->member_id;
    m2 = h.response<JoinGroupResponse>(second)->member_id;
    REQUIRE(h.the_group().is_leader(m1));
    if (!sync) return;
    h.send(h.sync_request(m2, 1));
    h.sync_leader(m1, 1);
    REQUIRE(h.the_group().is(kStable));
  }
  std::optional<JoinGroupResponse> join(std::string_view instance, int16_t version = 5) {
    return h.response<JoinGroupResponse>(h.send(h.static_join(instance, version)));
  }
};

TEST_CASE("a static member that comes back to a stable group takes its place without a rebalance") {
  for (const std::string_view release : {"2.4", "2.5", "2.6", "2.8", "3.9"}) {
    INFO(release);
    Statics s(release);
    const auto assignment = s.h.the_group().find_member(s.m1)->assignment;
    const auto back = s.join("i1");
    REQUIRE(back);
    CHECK(back->error == kNone);
    CHECK(back->generation.value == 1);
    CHECK(back->leader == s.m1);  // the old id: nobody assigns
    CHECK_FALSE(back->skip_assignment);
    CHECK(back->members.empty());
    CHECK(s.h.the_group().is(kStable));
    CHECK(s.h.the_group().is_leader(back->member_id));
    CHECK(s.h.the_group().find_member(back->member_id)->assignment == assignment);
    CHECK(s.h.heartbeat(s.m1, 1, s.h.name("i1")) == kFencedInstanceId);
    CHECK(s.h.heartbeat(s.m1, 1) == kUnknownMemberId);
    CHECK(s.h.heartbeat(back->member_id, 1, s.h.name("i1")) == kNone);
    const auto removed = s.h.events(Event::kGroupMemberRemoved);
    REQUIRE(removed.size() == 1);
    CHECK(removed[0].values[2] == static_cast<int64_t>(RemovalReason::kReplaced));
  }
}

TEST_CASE("from version 9 on a leader that comes back learns that it leads and assigns nothing") {
  Statics s;
  const auto leader = s.join("i1", 9);
  CHECK(leader->leader == leader->member_id);
  CHECK(leader->skip_assignment);
  CHECK(leader->members.size() == 2);
  const auto follower = s.join("i2", 9);
  CHECK(follower->leader == leader->member_id);
  CHECK_FALSE(follower->skip_assignment);
  CHECK(follower->members.empty());
}

TEST_CASE("since 2.6.1 the new id is in the log before it is told, and a failed write undoes it") {
  for (const Error append : {kNone, kNotEnoughReplicas}) {
    Statics s;
    s.h.hold_appends = true;
    JoinGroupRequest request = s.h.static_join("i2");
    request.session_timeout_ms = 20'000;
    const RequestToken token = s.h.send(request);
    CHECK_FALSE(s.h.answered(token));
    CHECK(s.h.heartbeat(s.m2, 1, s.h.name("i2")) == kFencedInstanceId);
    s.h.complete(0, append);
    const auto told = s.h.response<JoinGroupResponse>(token);
    REQUIRE(told);
    const Name now = s.h.the_group().find_instance(s.h.name("i2"))->id;
    if (append == kNone) {
      CHECK(told->member_id == now);
    } else {
      CHECK(told->error == kCoordinatorNotAvailable);
      CHECK_FALSE(told->member_id.valid());
      CHECK(now == s.m2);
      CHECK(s.h.the_group().find_member(s.m2)->session_timeout_ms == 10'000);
    }
    CHECK(s.h.the_group().is(kStable));
    CHECK(s.h.heartbeat(now, 1, s.h.name("i2")) == kNone);
  }
}

TEST_CASE("before 2.6.1 a coordinator that loads the log fences the process that came back") {
  for (const auto& [release, survives] : {std::pair{"2.5", false}, {"2.6", true}}) {
    Statics s(release);
    const Name now = s.join("i2")->member_id;
    s.h.restart();
    CHECK(s.h.heartbeat(now, 1, s.h.name("i2")) == (survives ? kNone : kFencedInstanceId));
    CHECK(s.h.heartbeat(s.m2, 1, s.h.name("i2")) == (survives ? kFencedInstanceId : kNone));
  }
}

TEST_CASE("since 2.6.1 another protocol of the group rebalances it") {
  for (const auto& [release, rebalances] : {std::pair{"2.5", false}, {"2.6", true}}) {
    Harness h(of_release(release));
    JoinGroupRequest request = h.static_join("i1");
    request.protocols.push_back({h.name("sticky"), {{{0}}, {}}});
    const RequestToken first = h.send(request);
    h.advance_ms(6'000);
    h.sync_leader(h.response<JoinGroupResponse>(first)->member_id, 1);
    CHECK(h.the_group().protocol() == h.range);
    std::swap(request.protocols[0], request.protocols[1]);
    const RequestToken back = h.send(request);
    const auto told = h.response<JoinGroupResponse>(back);
    REQUIRE(told);  // alone: its rebalance ends at once
    CHECK(told->generation.value == (rebalances ? 2 : 1));
    CHECK(h.the_group().protocol() == (rebalances ? h.name("sticky") : h.range));
  }
}

TEST_CASE("a static member that comes back before the assignment rebalances, but for 2.4") {
  for (const auto& [release, rebalances] : {std::pair{"2.4", false}, {"2.5", true}}) {
    Statics s(release, false);
    const RequestToken waiting = s.h.send(s.h.sync_request(s.m2, 1));
    const RequestToken back = s.h.send(s.h.static_join("i2"));
    CHECK(s.h.response<SyncGroupResponse>(waiting)->error == kFencedInstanceId);
    CHECK(s.h.answered(back) == !rebalances);
    CHECK(s.h.the_group().is(rebalances ? kPreparingRebalance : kCompletingRebalance));
    if (rebalances) continue;
    // The assignment names the old id: the new one gets nothing.
    const Name now = s.h.response<JoinGroupResponse>(back)->member_id;
    const RequestToken sync = s.h.send(s.h.sync_request(now, 1));
    SyncGroupRequest request = s.h.sync_request(s.m1, 1);
    request.assignments = {{s.m1, {}}, {s.m2, {s.h.p0}}};
    s.h.send(request);
    CHECK(s.h.response<SyncGroupResponse>(sync)->error == kNone);
    CHECK(s.h.response<SyncGroupResponse>(sync)->assignment.empty());
  }
}

TEST_CASE("an assignment that is on its way for an old id leaves the new one with nothing in 2.4") {
  Statics s("2.4", false);
  s.h.hold_appends = true;
  SyncGroupRequest request = s.h.sync_request(s.m1, 1);
  request.assignments = {{s.m1, {}}, {s.m2, {s.h.p0}}};
  s.h.send(request);
  const Name now = s.join("i2")->member_id;
  s.h.complete(0, kNone);
  CHECK(s.h.the_group().is(kStable));
  CHECK(s.h.the_group().find_member(now)->assignment.empty());
}

TEST_CASE("a parked Join of the old id is fenced, and the new one is parked in its place") {
  Statics s;
  const RequestToken old = s.h.send(s.h.join_request(s.m1, 5));
  REQUIRE(s.h.the_group().is(kPreparingRebalance));
  const RequestToken back = s.h.send(s.h.static_join("i1"));
  CHECK(s.h.response<JoinGroupResponse>(old)->error == kFencedInstanceId);
  CHECK_FALSE(s.h.answered(back));
  JoinGroupRequest other = s.h.join_request(s.m2, 5);
  other.instance_id = s.h.name("i2");
  s.h.send(other);
  CHECK(s.h.response<JoinGroupResponse>(back)->generation.value == 2);
  CHECK(s.h.the_group().members().size() == 2);
}

TEST_CASE("two that come back with one instance id: the first is fenced, in every state") {
  Statics s;
  s.h.hold_appends = true;
  const RequestToken first = s.h.send(s.h.static_join("i2"));
  const RequestToken second = s.h.send(s.h.static_join("i2"));
  CHECK(s.h.response<JoinGroupResponse>(first)->error == kFencedInstanceId);
  s.h.complete(0, kNone);
  CHECK_FALSE(s.h.answered(second));
  s.h.complete(0, kNone);
  const Name now = s.h.response<JoinGroupResponse>(second)->member_id;
  CHECK(s.h.the_group().find_instance(s.h.name("i2"))->id == now);
  CHECK(s.h.the_group().members().size() == 2);
}

TEST_CASE("static members that do not rejoin keep their place until their session ends") {
  Statics s;
  for (int i = 0; i < 3; ++i) {
    s.h.advance_ms(5'000);
    s.h.heartbeat(s.m2, 1);
  }
  // The leader's session is over; the follower alone must rejoin.
  CHECK(s.h.the_group().find_member(s.m1) == nullptr);
  CHECK(s.h.the_group().is(kPreparingRebalance));

  // Nor does the end of a join phase remove one.
  Statics other;
  JoinGroupRequest rejoin = other.h.join_request(other.m2, 5);
  rejoin.session_timeout_ms = 600'000;
  rejoin.rebalance_timeout_ms = 7'000;
  rejoin.protocols[0].subscription.topics.push_back({1});
  const RequestToken parked = other.h.send(rejoin);
  JoinGroupRequest patient = other.h.static_join("i1");
  patient.session_timeout_ms = 600'000;
  patient.rebalance_timeout_ms = 7'000;
  other.h.send(patient);
  REQUIRE(other.h.the_group().generation().value == 2);
  REQUIRE(other.h.answered(parked));
  rejoin.protocols[0].subscription.topics.pop_back();
  const RequestToken alone = other.h.send(rejoin);
  other.h.advance_ms(7'000);
  CHECK(other.h.response<JoinGroupResponse>(alone)->generation.value == 3);
  CHECK(other.h.response<JoinGroupResponse>(alone)->members.size() == 2);
  CHECK(other.h.the_group().is_leader(other.m2));
}

TEST_CASE("members that name an instance nobody knows pass before 3.0, but for JoinGroup") {
  for (const auto& [release, error] : {std::pair{"2.8", kNone}, {"3.5", kUnknownMemberId}}) {
    Statics s(release);
    const Name stranger = s.h.name("iX");
    CHECK(s.h.heartbeat(s.m1, 1, stranger) == error);
    SyncGroupRequest sync = s.h.sync_request(s.m1, 1);
    sync.instance_id = stranger;
    CHECK(s.h.response<SyncGroupResponse>(s.h.send(sync))->error == error);
    OffsetCommitRequest commit = s.h.commit_request(s.m1, 1);
    commit.instance_id = stranger;
    CHECK(s.h.response<OffsetCommitResponse>(s.h.send(commit))->partitions[0].error == error);
    JoinGroupRequest join = s.h.join_request(s.m1, 5);
    join.instance_id = stranger;
    CHECK(s.h.response<JoinGroupResponse>(s.h.send(join))->error == kUnknownMemberId);
    const RequestToken leave = s.h.send(s.h.leave_request(s.m1, stranger));
    CHECK(s.h.response<LeaveGroupResponse>(leave)->members[0] == error);
  }
}

TEST_CASE("the same generation under a replaced id commits nothing") {
  Statics s;
  const Name now = s.join("i1")->member_id;
  const auto commit = [&](Name member) {
    const RequestToken token = s.h.send(s.h.txn_commit_request(7, 10, 1, member, s.h.name("i1")));
    return s.h.response<TxnOffsetCommitResponse>(token)->partitions[0].error;
  };
  CHECK(commit(s.m1) == kFencedInstanceId);
  CHECK(commit(now) == kNone);
}

}  // namespace
}  // namespace eosim::kafka
