// Every cell of the table state x request of groups-streams-replication.md 1.4. Dead, which no
// message can meet here, goes to the rules directly.
#include <string>

#include "models/group/join.h"
#include "models/group/membership.h"
#include "models/group/offset_requests.h"
#include "models/group/sync.h"
#include "scene.h"

namespace eosim::kafka {
namespace {

using enum Error;
using enum GroupState;

TEST_CASE("Join without id: parks, and rebalances where none goes on") {
  for (const GroupState state : kLive) {
    Scene s(state);
    const RequestToken sync = s.h.send(s.h.sync_request(s.m2, s.generation));
    const RequestToken token = s.h.send(s.h.join_request());
    CHECK_FALSE(s.h.answered(token));
    CHECK(s.h.the_group().is(kPreparingRebalance));
    CHECK((s.h.the_group().join_timer == JoinTimer::kInitialDelay) == (state == kEmpty));
    // A Sync that waits is sent back.
    if (state == kCompletingRebalance) CHECK(s.error_of(sync) == kRebalanceInProgress);
  }
}

TEST_CASE("Join with an unknown id is refused in every state") {
  for (const GroupState state : kLive) {
    Scene s(state);
    CHECK(s.ask(s.h.join_request(s.gone)) == kUnknownMemberId);
    CHECK(s.h.the_group().is(state));
  }
}

TEST_CASE("Join with an id that was handed out adds the member in every state") {
  for (const GroupState state : kLive) {
    Scene s(state);
    const RequestToken first = s.h.send(s.h.join_request({}, 4));
    REQUIRE(s.error_of(first) == kMemberIdRequired);
    CHECK(s.h.the_group().is(state));
    const Name id = s.h.response<JoinGroupResponse>(first)->member_id;
    CHECK_FALSE(s.h.answered(s.h.send(s.h.join_request(id, 4))));
    CHECK(s.h.the_group().find_member(id) != nullptr);
    CHECK(s.h.the_group().pending_members().empty());
    CHECK(s.h.the_group().is(kPreparingRebalance));
  }
}

TEST_CASE("Join with an id that was handed out by an empty group is answered with its join phase") {
  for (const bool lost : {false, true}) {
    Scene s(kEmpty);
    const RequestToken first = s.h.send(s.h.join_request({}, 4));
    const Name id = s.h.response<JoinGroupResponse>(first)->member_id;
    const RequestToken joined = s.h.send(s.h.join_request(id, 4));
    lost ? s.h.resign(1) : s.h.advance_ms(3'000);
    CHECK(s.error_of(joined) == (lost ? kNotCoordinator : kNone));
  }
}

TEST_CASE("Join of a member in PreparingRebalance updates it and parks") {
  Scene s(kPreparingRebalance);
  s.h.send(s.h.join_request({}, 4));  // an id that is awaited keeps the join phase open
  JoinGroupRequest request = s.h.join_request(s.m2);
  request.session_timeout_ms = 7'000;
  request.protocols[0].subscription.topics.push_back({1});
  CHECK_FALSE(s.h.answered(s.h.send(request)));
  CHECK(s.h.the_group().is(kPreparingRebalance));
  CHECK(s.h.the_group().find_member(s.m2)->session_timeout_ms == 7'000);
  CHECK(s.h.the_group().find_member(s.m2)->protocols == request.protocols);
}

TEST_CASE("Join with the same metadata in CompletingRebalance tells the current generation") {
  Scene s(kCompletingRebalance);
  const auto leader = s.h.response<JoinGroupResponse>(s.h.send(s.h.join_request(s.m1)));
  REQUIRE(leader);
  CHECK(leader->generation.value == 3);
  CHECK(leader->members.size() == 2);
  const auto follower = s.h.response<JoinGroupResponse>(s.h.send(s.h.join_request(s.m2)));
  REQUIRE(follower);
  CHECK(follower->generation.value == 3);
  CHECK(follower->leader == s.m1);
  CHECK(follower->members.empty());
  CHECK(s.h.the_group().is(kCompletingRebalance));
}

TEST_CASE("Join with other metadata starts a rebalance in CompletingRebalance and Stable") {
  for (const GroupState state : {kCompletingRebalance, kStable}) {
    Scene s(state);
    JoinGroupRequest request = s.h.join_request(s.m2);
    request.protocols[0].subscription.topics.push_back({1});
    CHECK_FALSE(s.h.answered(s.h.send(request)));
    CHECK(s.h.the_group().is(kPreparingRebalance));
  }
}

TEST_CASE("Join in Stable: the leader rebalances, a follower learns the current generation") {
  Scene s(kStable);
  const auto follower = s.h.response<JoinGroupResponse>(s.h.send(s.h.join_request(s.m2)));
  REQUIRE(follower);
  CHECK(follower->generation.value == 2);
  CHECK(follower->members.empty());
  CHECK(s.h.the_group().is(kStable));
  CHECK_FALSE(s.h.answered(s.h.send(s.h.join_request(s.m1))));
  CHECK(s.h.the_group().is(kPreparingRebalance));
}

TEST_CASE("SyncGroup by state") {
  struct Row {
    GroupState state;
    Error member;
    Error wrong_generation;
  };
  const Row rows[] = {
      {kEmpty, kUnknownMemberId, kUnknownMemberId},
      {kPreparingRebalance, kRebalanceInProgress, kIllegalGeneration},
      {kCompletingRebalance, Scene::kParked, kIllegalGeneration},
      {kStable, kNone, kIllegalGeneration},
  };
  for (const Row& row : rows) {
    Scene s(row.state);
    CHECK(s.ask(s.h.sync_request(s.m2, s.generation)) == row.member);
    CHECK(s.ask(s.h.sync_request(s.m2, s.generation - 1)) == row.wrong_generation);
    CHECK(s.ask(s.h.sync_request(s.gone, s.generation - 1)) == kUnknownMemberId);
  }
}

TEST_CASE("SyncGroup in Stable gives the stored assignment and starts the session again") {
  Scene s(kStable);
  s.h.advance_ms(5'000);
  const auto answer = s.h.response<SyncGroupResponse>(s.h.send(s.h.sync_request(s.m1, 2)));
  CHECK(answer->assignment == List<TopicPartition>{s.h.p0});
  s.h.advance_ms(5'000);
  CHECK(s.h.the_group().find_member(s.m1) != nullptr);
  CHECK(s.h.the_group().find_member(s.m2) == nullptr);
}

TEST_CASE("Heartbeat by state") {
  struct Row {
    GroupState state;
    HeartbeatInCompleting rule;
    Error member;
    bool restarts;
  };
  const Row rows[] = {
      {kEmpty, HeartbeatInCompleting::kError, kUnknownMemberId, false},
      {kPreparingRebalance, HeartbeatInCompleting::kError, kRebalanceInProgress, true},
      {kCompletingRebalance, HeartbeatInCompleting::kError, kRebalanceInProgress, false},
      {kCompletingRebalance, HeartbeatInCompleting::kOk, kNone, true},
      {kStable, HeartbeatInCompleting::kError, kNone, true},
  };
  for (const Row& row : rows) {
    Scene s(row.state, Harness::config_with(
                           {{Switch::kHeartbeatInCompleting, static_cast<uint8_t>(row.rule)}}));
    s.h.advance_ms(1'000);
    const sim::SteadyTime restarted = s.h.clock.steady + sim::milliseconds(10'000);
    CHECK(s.h.heartbeat(s.m2, s.generation) == row.member);
    const Member* member = s.h.the_group().find_member(s.m2);
    if (member != nullptr) CHECK((member->session_deadline == restarted) == row.restarts);
    CHECK(s.h.heartbeat(s.m2, s.generation - 1) ==
          (row.state == kEmpty ? kUnknownMemberId : kIllegalGeneration));
    CHECK(s.h.heartbeat(s.gone, s.generation) == kUnknownMemberId);
  }
}

TEST_CASE("LeaveGroup by state") {
  struct Row {
    GroupState state;
    Error member;
    GroupState after;
  };
  const Row rows[] = {
      {kEmpty, kUnknownMemberId, kEmpty},
      {kPreparingRebalance, kNone, kCompletingRebalance},  // the other one waits already
      {kCompletingRebalance, kNone, kPreparingRebalance},
      {kStable, kNone, kPreparingRebalance},
  };
  for (const Row& row : rows) {
    Scene s(row.state);
    CHECK(s.ask(s.h.leave_request(s.m2)) == row.member);
    CHECK(s.h.the_group().is(row.after));
    CHECK(s.ask(s.h.leave_request(s.gone)) == kUnknownMemberId);
  }
}

TEST_CASE("LeaveGroup of an id that was only handed out is well in every state") {
  for (const GroupState state : kLive) {
    Scene s(state);
    const Name id = s.h.response<JoinGroupResponse>(s.h.send(s.h.join_request({}, 4)))->member_id;
    CHECK(s.ask(s.h.leave_request(id)) == kNone);
    CHECK(s.h.the_group().pending_members().empty());
    CHECK(s.h.the_group().is(state));
  }
}

TEST_CASE("LeaveGroup answers each member of its batch; an old version only one") {
  Scene s(kStable);
  LeaveGroupRequest request = s.h.leave_request(s.gone);
  request.members.push_back({s.m2, {}});
  const auto batch = s.h.response<LeaveGroupResponse>(s.h.send(request));
  CHECK(batch->error == kNone);
  CHECK(batch->members == List<Error>{kUnknownMemberId, kNone});
  LeaveGroupRequest old = s.h.leave_request(s.gone);
  old.header.version = 2;
  CHECK(s.h.response<LeaveGroupResponse>(s.h.send(old))->error == kUnknownMemberId);
}

TEST_CASE("OffsetCommit by state") {
  struct Row {
    GroupState state;
    Error member;
    Error wrong_generation;
    Error anonymous;
  };
  const Row rows[] = {
      {kEmpty, kUnknownMemberId, kUnknownMemberId, kNone},
      {kPreparingRebalance, kNone, kIllegalGeneration, kUnknownMemberId},
      {kCompletingRebalance, kRebalanceInProgress, kIllegalGeneration, kUnknownMemberId},
      {kStable, kNone, kIllegalGeneration, kUnknownMemberId},
  };
  for (const Row& row : rows) {
    Scene s(row.state);
    s.h.advance_ms(1'000);
    const sim::SteadyTime restarted = s.h.clock.steady + sim::milliseconds(10'000);
    CHECK(s.ask(s.h.commit_request(s.m2, s.generation)) == row.member);
    const Member* member = s.h.the_group().find_member(s.m2);
    if (member != nullptr) {
      CHECK((member->session_deadline == restarted) == (row.member == kNone));
    }
    CHECK(s.ask(s.h.commit_request(s.m2, s.generation - 1)) == row.wrong_generation);
    CHECK(s.ask(s.h.commit_request(s.gone, s.generation)) == kUnknownMemberId);
    CHECK(s.ask(s.h.commit_request({}, -1)) == row.anonymous);
  }
}

// Of a commit without generation, by what else it names and by the broker's style.
TEST_CASE("OffsetCommit without a generation by state and style") {
  struct Row {
    GroupState state;
    bool member;
    bool instance;
    Error v25;
    Error v30;
    Error v33;
  };
  const Row rows[] = {
      {kEmpty, false, false, kNone, kNone, kNone},
      {kEmpty, true, false, kNone, kUnknownMemberId, kNone},
      {kEmpty, false, true, kNone, kUnknownMemberId, kNone},
      {kPreparingRebalance, false, false, kUnknownMemberId, kUnknownMemberId, kUnknownMemberId},
      {kPreparingRebalance, true, false, kIllegalGeneration, kIllegalGeneration,
       kIllegalGeneration},
      {kCompletingRebalance, true, false, kIllegalGeneration, kIllegalGeneration,
       kIllegalGeneration},
      {kStable, true, false, kIllegalGeneration, kIllegalGeneration, kIllegalGeneration},
      {kStable, false, true, kUnknownMemberId, kUnknownMemberId, kUnknownMemberId},
  };
  for (const Row& row : rows) {
    for (const uint8_t style : {uint8_t{0}, uint8_t{1}, uint8_t{2}}) {
      INFO(static_cast<int>(row.state) << " style " << static_cast<int>(style));
      Scene s(row.state, Harness::config_with({{Switch::kTxnOffsetCheckStyle, style},
                                               {Switch::kUnknownInstanceCheck, style > 0}}));
      OffsetCommitRequest request = s.h.commit_request(row.member ? s.m2 : Name{}, -1);
      if (row.instance) request.instance_id = s.h.name("iX");
      CHECK(s.ask(request) == (style == 0 ? row.v25 : style == 1 ? row.v30 : row.v33));
    }
  }
}

// 2.3, each state under each style: the member's own commit, one without a triple, an old one's.
TEST_CASE("TxnOffsetCommit by state and style") {
  for (const GroupState state : kLive) {
    for (const uint8_t style : {uint8_t{0}, uint8_t{1}, uint8_t{2}}) {
      INFO(static_cast<int>(state) << " style " << static_cast<int>(style));
      Scene s(state, Harness::config_with({{Switch::kTxnOffsetMembershipCheck, 1},
                                           {Switch::kTxnOffsetCheckStyle, style}}));
      const bool empty = state == kEmpty;
      const auto commit = [&](int32_t generation, Name member) {
        return s.ask(s.h.txn_commit_request(7, 10, generation, member));
      };
      CHECK(commit(-1, {}) == kNone);
      CHECK(commit(s.generation, s.m2) == (empty ? kUnknownMemberId : kNone));
      CHECK(commit(s.generation - 1, s.m2) == (empty ? kUnknownMemberId : kIllegalGeneration));
      CHECK(commit(s.generation, s.gone) == kUnknownMemberId);
      CHECK(commit(s.generation, {}) == (style == 0 ? kNone : kUnknownMemberId));
      CHECK(commit(-1, s.gone) == (empty && style == 2 ? kNone : kUnknownMemberId));
    }
  }
}

TEST_CASE("SyncGroup with another protocol than the group's, in each state") {
  for (const GroupState state : kLive) {
    Scene s(state);
    SyncGroupRequest request = s.h.sync_request(s.m2, s.generation);
    const Error refused = state == kEmpty ? kUnknownMemberId : kInconsistentGroupProtocol;
    request.protocol = s.h.name("roundrobin");
    CHECK(s.ask(request) == refused);
    request.protocol = {};
    request.protocol_type = s.h.name("connect");
    CHECK(s.ask(request) == refused);
    request.protocol_type = s.h.consumer;
    request.protocol = s.h.range;
    CHECK(s.ask(request) != kInconsistentGroupProtocol);
    request.protocol = s.h.name("roundrobin");
    request.generation.value -= 1;  // the generation comes first
    CHECK(s.ask(request) == (state == kEmpty ? kUnknownMemberId : kIllegalGeneration));
  }
}

TEST_CASE("TxnOffsetCommit and OffsetFetch look at no state") {
  for (const GroupState state : kLive) {
    Scene s(state);
    CHECK(s.ask(s.h.txn_commit_request(7, 10)) == kNone);
    CHECK(s.h.fetch(false).error == kNone);
  }
}

TEST_CASE("a group that nobody knows") {
  Harness h;
  const Name id = h.name("somebody");
  CHECK(h.response<JoinGroupResponse>(h.send(h.join_request(id)))->error == kUnknownMemberId);
  CHECK(h.response<SyncGroupResponse>(h.send(h.sync_request(id, 1)))->error == kUnknownMemberId);
  CHECK(h.heartbeat(id, 1) == kUnknownMemberId);
  const auto left = h.response<LeaveGroupResponse>(h.send(h.leave_request(id)));
  CHECK(left->error == kNone);
  CHECK(left->members == List<Error>{kUnknownMemberId});
  CHECK(h.response<OffsetCommitResponse>(h.send(h.commit_request(id, 1)))->partitions[0].error ==
        kIllegalGeneration);
  CHECK(h.fetch(true).offset == Offset{});
  CHECK(h.gc.groups().empty());
  CHECK(h.response<OffsetCommitResponse>(h.send(h.commit_request({}, -1)))->partitions[0].error ==
        kNone);
  CHECK(h.the_group().is(kEmpty));
  CHECK(h.the_group().generation().value == 0);
}

TEST_CASE("a Dead group answers COORDINATOR_NOT_AVAILABLE, and no offset") {
  Harness h;
  Group group(1, h.group, 0);
  GroupEffects effects;
  group.offsets.restore(h.p0, {{5}, {0}, 0, {0}});
  unload_group(group, effects);
  REQUIRE(group.is(kDead));
  GroupAppends appends;
  uint64_t number = 1;
  const GroupCoordinatorConfig config = Harness::default_config();
  const CoordinatorEnv env = h.env();
  GroupStep step{config, env, appends, number, effects};
  effects.clear();
  const Name m = h.name("m");
  handle_join(step, group, {}, h.join_request());
  handle_join(step, group, {}, h.join_request(m));
  handle_sync(step, group, {}, h.sync_request(m, 0));
  handle_offset_commit(step, group, {}, h.commit_request(m, 0), {{h.p0, kNone}});
  handle_offset_commit(step, group, {}, h.commit_request({}, -1), {{h.p0, kNone}});
  handle_txn_offset_commit(step, group, {}, h.txn_commit_request(7, 1), {{h.p0, kNone}});
  int answers = 0;
  for (const GroupEffect& effect : effects) {
    if (std::holds_alternative<EmittedEvent>(effect)) continue;
    ++answers;
    std::visit(
        [](const auto& e) {
          if constexpr (requires { e.response.error; }) {
            CHECK(e.response.error == kCoordinatorNotAvailable);
          } else if constexpr (requires { e.response.partitions; }) {
            CHECK(e.response.partitions[0].error == kCoordinatorNotAvailable);
          } else {
            FAIL_CHECK("an append");
          }
        },
        effect);
  }
  CHECK(answers == 6);
  HeartbeatRequest heartbeat;
  CHECK(handle_heartbeat(step, group, heartbeat) == kCoordinatorNotAvailable);
  CHECK(handle_leave(step, group, h.leave_request(m)).error == kCoordinatorNotAvailable);
}

}  // namespace
}  // namespace eosim::kafka
