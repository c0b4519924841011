// Requests in every state, with the answers that the state alone does not decide: commits that are
// not written, commits of transactions of every kind of member, instances that were replaced, and
// places that are taken (groups-streams-replication.md 1.3, 1.5, 2.2 to 2.4). The table by state is
// in table_test.
#include "scene.h"

namespace eosim::kafka {
namespace {

using enum Error;
using enum GroupState;

GroupCoordinatorConfig cells_config(std::string_view release) {
  GroupCoordinatorConfig config = Harness::default_config();
  config.switches = preset_switches(*find_preset(release));
  return config;
}

constexpr std::string_view kReleases[] = {"2.4", "2.5", "2.8", "3.5", "3.9", "4.0", "4.2"};

// --- commits that are not written
// -----------------------------------------------------------------

// What a commit names: a member and its generation, nothing, or somebody without a generation.
enum class Named { kMember, kNothing, kSomebody };

RequestToken send_commit(Harness& h, bool transactional, Named named, Name member,
                         int32_t generation) {
  const Name id = named == Named::kMember     ? member
                  : named == Named::kSomebody ? h.name("somebody")
                                              : Name{};
  const int32_t number = named == Named::kMember ? generation : -1;
  return transactional ? h.send(h.txn_commit_request(7, 10, number, id))
                       : h.send(h.commit_request(id, number));
}

struct Failing {
  Error append;
  Error classic;  // told by the classic coordinator
  Error by_new;   // by the new one
  bool only_transactional = false;
};
const Failing kFailing[] = {
    {kNone, kNone, kNone},
    {kUnknownTopicOrPartition, kCoordinatorNotAvailable, kCoordinatorNotAvailable},
    {kNotLeaderOrFollower, kNotCoordinator, kNotCoordinator},
    {kRequestTimedOut, kRequestTimedOut, kCoordinatorNotAvailable},
    {kMessageTooLarge, kInvalidCommitOffsetSize, kUnknownServerError},
    {kInvalidProducerEpoch, kInvalidProducerEpoch, kInvalidProducerEpoch, true},
    {kInvalidTxnState, kInvalidTxnState, kInvalidTxnState, true},
};

void check_failing(Harness& h, bool transactional, Named named, Name member, int32_t generation) {
  h.replayed = false;  // what failed stands in the log of the harness all the same
  h.hold_appends = true;
  for (const Failing& row : kFailing) {
    if (row.only_transactional && !transactional) continue;
    INFO(error_name(row.append) << " transactional " << transactional << " names "
                                << static_cast<int>(named));
    const RequestToken token = send_commit(h, transactional, named, member, generation);
    if (h.answered(token)) return;  // refused in this state: table_test
    REQUIRE(h.in_flight.size() == 1);
    h.complete(0, row.append);
    CHECK(status(h, token) == (h.gc.config().new_coordinator() ? row.by_new : row.classic));
  }
}

TEST_CASE("a commit that is not written is told why, in every state and whoever it is of") {
  for (const std::string_view release : kReleases) {
    for (const bool transactional : {false, true}) {
      for (const Named named : {Named::kMember, Named::kNothing, Named::kSomebody}) {
        for (const GroupState state : kLive) {
          INFO(release << " in state " << static_cast<int>(state));
          Scene s(state, cells_config(release));
          check_failing(s.h, transactional, named, s.m1, s.generation);
        }
        for (const Failing& row : kFailing) {  // the group is made by the commit
          if (row.only_transactional && !transactional) continue;
          Harness h(cells_config(release));
          h.replayed = false;
          h.hold_appends = true;
          const RequestToken token = send_commit(h, transactional, named, h.name("m"), 1);
          if (h.answered(token)) continue;
          h.complete(0, row.append);
          CHECK(status(h, token) == (h.gc.config().new_coordinator() ? row.by_new : row.classic));
        }
      }
    }
  }
}

TEST_CASE("a commit of a transaction by one that is no member, or of another generation") {
  for (const std::string_view release : kReleases) {
    if (release == "2.4") continue;
    for (const GroupState state : kLive) {
      INFO(release << " in state " << static_cast<int>(state));
      Scene s(state, cells_config(release));
      const auto told = [&](Name member, int32_t generation) {
        return status(s.h, s.h.send(s.h.txn_commit_request(7, 10, generation, member)));
      };
      const bool empty = state == kEmpty;
      CHECK(told(s.gone, s.generation) == kUnknownMemberId);
      CHECK(told(s.m1, s.generation + 1) == (empty ? kUnknownMemberId : kIllegalGeneration));
      // Up to 2.8 the generation alone will do, and alone it is looked at.
      const bool alone = release == "2.5" || release == "2.8";
      CHECK(told({}, s.generation + 1) == (alone ? kIllegalGeneration : kUnknownMemberId));
    }
    Harness h(cells_config(release));
    const RequestToken token = h.send(h.txn_commit_request(7, 10, 3, h.name("m")));
    CHECK(status(h, token) ==
          (h.gc.config().new_coordinator() ? kIllegalGeneration : kUnknownMemberId));
  }
}

TEST_CASE("partitions that are not there are told one by one, and by a full refusal at once") {
  for (const GroupState state : kLive) {
    Scene s(state);
    const TopicPartition nowhere{{0}, 99};
    OffsetCommitRequest plain = s.h.commit_request({}, -1);
    plain.offsets = {{nowhere, {5}, {0}}};
    CHECK(s.ask(plain) == kUnknownTopicOrPartition);
    TxnOffsetCommitRequest bare = s.h.txn_commit_request(7, 5);
    bare.offsets = {{nowhere, {5}, {0}}, {s.h.p0, {6}, {0}}};
    const auto told = s.h.response<TxnOffsetCommitResponse>(s.h.send(bare));
    REQUIRE(told->partitions.size() == 2);
    CHECK(told->partitions[0].error == kUnknownTopicOrPartition);
    CHECK(told->partitions[1].error == kNone);
  }
}

// --- instances and places
// -------------------------------------------------------------------------

// m1 and m2 are static members of i1 and i2, m1 leads.
struct StaticPair {
  Harness h;
  Name m1;
  Name m2;
  int32_t generation = 1;

  StaticPair(GroupState state, std::string_view release) : h(cells_config(release)) {
    const RequestToken first = h.send(h.static_join("i1"));
    const RequestToken second = h.send(h.static_join("i2"));
    h.advance_ms(6'000);
    m1 = h.response<JoinGroupResponse>(first)->member_id;
    m2 = h.response<JoinGroupResponse>(second)->member_id;
    if (state != kCompletingRebalance) {
      h.send(h.sync_request(m2, 1));
      h.sync_leader(m1, 1);
    }
    if (state == kPreparingRebalance) h.send(h.join_request(m1));
    REQUIRE(h.the_group().is(state));
  }
};

TEST_CASE("the wrong owner of an instance id is FENCED_INSTANCE_ID in every state with members") {
  for (const std::string_view release : kReleases) {
    for (const GroupState state : {kPreparingRebalance, kCompletingRebalance, kStable}) {
      INFO(release << " in state " << static_cast<int>(state));
      StaticPair s(state, release);
      const Name other = s.h.name("i1");  // m1's
      CHECK(s.h.heartbeat(s.m2, 1, other) == kFencedInstanceId);
      SyncGroupRequest sync = s.h.sync_request(s.m2, 1);
      sync.instance_id = other;
      CHECK(s.h.response<SyncGroupResponse>(s.h.send(sync))->error == kFencedInstanceId);
      const RequestToken left = s.h.send(s.h.leave_request(s.m2, other));
      CHECK(s.h.response<LeaveGroupResponse>(left)->members[0] == kFencedInstanceId);
      JoinGroupRequest join = s.h.join_request(s.m2, 5);
      join.instance_id = other;
      CHECK(s.h.response<JoinGroupResponse>(s.h.send(join))->error == kFencedInstanceId);
      OffsetCommitRequest plain = s.h.commit_request(s.m2, 1);
      plain.instance_id = other;
      CHECK(status(s.h, s.h.send(plain)) == kFencedInstanceId);
      if (release == "2.4") continue;  // looks at no member (KIP-447)
      const auto txn = s.h.txn_commit_request(7, 10, 1, s.m2, other);
      CHECK(status(s.h, s.h.send(txn)) == kFencedInstanceId);
    }
  }
}

// Joins of every kind: new, of an instance, of a member.
std::vector<JoinGroupRequest> joins(Harness& h, Name member) {
  return {h.join_request({}, 4), h.static_join("iX"), h.join_request(member, 4)};
}

TEST_CASE("a protocol that the group does not share is refused, of every Join in every state") {
  for (const GroupState state : kLive) {
    Scene s(state);
    for (JoinGroupRequest join : joins(s.h, s.m1)) {
      join.protocol_type = s.h.name("connect");
      if (state == kEmpty) join.protocols.clear();
      CHECK(s.ask(join) == kInconsistentGroupProtocol);
    }
  }
  for (size_t i = 0; i < 3; ++i) {
    Harness h;  // without the group that a Join before has made
    JoinGroupRequest join = joins(h, {})[i];
    join.protocols.clear();
    CHECK(h.response<JoinGroupResponse>(h.send(join))->error == kInconsistentGroupProtocol);
  }
}

TEST_CASE("the bounds of the session and the name of the group come first, of every Join") {
  for (size_t kind = 0; kind < 3; ++kind) {
    Harness h;
    JoinGroupRequest join = joins(h, h.name("m"))[kind];
    const auto told = [&] { return h.response<JoinGroupResponse>(h.send(join))->error; };
    join.session_timeout_ms = 1;
    CHECK(told() == kInvalidSessionTimeout);
    h.resign(1);
    CHECK(told() == kNotCoordinator);
    h.gc.begin_load(0, {2});
    CHECK(told() == kCoordinatorLoadInProgress);
    join.group = h.names.intern("");
    CHECK(told() == kInvalidGroupId);
  }
}

TEST_CASE("a group without places refuses every Join that would need one") {
  GroupCoordinatorConfig config = Harness::default_config();
  config.max_size = 2;
  for (const GroupState state : {kPreparingRebalance, kCompletingRebalance, kStable}) {
    INFO(static_cast<int>(state));
    Scene s(state, config);
    // In a join phase the places are those of who has come.
    if (state == kPreparingRebalance) REQUIRE_FALSE(s.h.answered(s.h.send(s.h.join_request())));
    const auto full = [&](const JoinGroupRequest& join) {
      return s.ask(join) == kGroupMaxSizeReached;
    };
    CHECK(full(s.h.static_join("iX")));
    CHECK(full(s.h.join_request({}, 3)));
    CHECK(full(s.h.join_request({}, 4)));
    CHECK(full(s.h.join_request(s.h.name("nobody"), 4)));
  }
}

TEST_CASE("a Join that waits is told when its member is removed, replaced or unloaded") {
  for (const GroupState state : kLive) {
    for (const bool is_static : {false, true}) {
      INFO(static_cast<int>(state) << " static " << is_static);
      // Its first join phase does not end in five minutes: somebody else is awaited.
      const auto parked = [&](Scene& s) {
        s.h.advance_ms(100);
        JoinGroupRequest join = is_static ? s.h.static_join("i1") : s.h.join_request();
        join.rebalance_timeout_ms = 900'000;
        return s.h.send(join);
      };
      {
        Scene s(state);
        const RequestToken token = parked(s);
        REQUIRE_FALSE(s.h.answered(token));
        s.h.resign(1);
        CHECK(s.error_of(token) == kNotCoordinator);
      }
      if (!is_static) continue;
      Scene s(state);
      const RequestToken token = parked(s);
      s.h.send(s.h.static_join("i1"));
      CHECK(s.error_of(token) == kFencedInstanceId);
    }
  }
}

TEST_CASE("a static member that comes back is told that its record was not written") {
  struct Row {
    Error append;
    Error told;
  };
  const Row rows[] = {{kNotEnoughReplicas, kCoordinatorNotAvailable},
                      {kNotLeaderOrFollower, kNotCoordinator},
                      {kRequestTimedOut, kRebalanceInProgress},
                      {kMessageTooLarge, kUnknownServerError}};
  for (const Row& row : rows) {
    INFO(error_name(row.append));
    StaticPair s(kStable, "3.9");
    s.h.replayed = false;
    s.h.hold_appends = true;
    const RequestToken token = s.h.send(s.h.static_join("i2"));
    s.h.complete(0, row.append);
    CHECK(s.h.response<JoinGroupResponse>(token)->error == row.told);
  }
}

TEST_CASE("a stable fetch waits in every state of the group, and is told when the wait is over") {
  for (const GroupState state : kLive) {
    for (const bool unloads : {false, true}) {
      INFO(static_cast<int>(state) << " unloads " << unloads);
      Scene s(state, cells_config("4.0"));
      s.h.hold_appends = true;
      s.h.send(s.h.txn_commit_request(7, 10));
      OffsetFetchRequest fetch;
      fetch.header.version = 7;
      fetch.group = s.h.group;
      fetch.require_stable = true;
      fetch.partitions = {s.h.p0};
      const RequestToken token = s.h.send(fetch);
      REQUIRE_FALSE(s.h.answered(token));
      if (unloads) {
        s.h.resign(1);
        CHECK(s.h.response<OffsetFetchResponse>(token)->error == kNotCoordinator);
      } else {
        s.h.advance_ms(s.h.gc.config().offsets_commit_timeout_ms);
        CHECK(s.h.response<OffsetFetchResponse>(token)->error == kCoordinatorNotAvailable);
      }
    }
    for (const std::string_view release : {"2.5", "4.0"}) {
      Scene s(state, cells_config(release));
      s.h.send(s.h.txn_commit_request(7, 10));
      CHECK(s.h.fetch(true).error == kUnstableOffsetCommit);
      s.h.marker(7, ControlType::kCommit);
      CHECK(s.h.fetch(true).error == kNone);
    }
  }
}

TEST_CASE("a new member whose first join phase does not end is given up after five minutes") {
  for (const GroupState state : kLive) {
    INFO(static_cast<int>(state));
    Scene s(state);
    JoinGroupRequest join = s.h.join_request();
    join.rebalance_timeout_ms = 1'000'000;
    const RequestToken token = s.h.send(join);
    // One that is awaited keeps the join phase open. The first delay ends all the same.
    JoinGroupRequest absent = s.h.join_request({}, 4);
    absent.session_timeout_ms = 1'000'000;
    s.h.send(absent);
    s.h.advance_ms(s.h.gc.config().new_member_join_timeout_ms);
    // Nor does it outlast a join phase that the others have begun.
    const bool ends = state == kEmpty || state == kPreparingRebalance;
    CHECK(s.error_of(token) == (ends ? kNone : kUnknownMemberId));
  }
}

TEST_CASE("a static member that an operator removes while its Join waits is told so") {
  for (size_t state = 0; state <= std::size(kLive); ++state) {
    INFO(state);
    Harness nobody;
    std::optional<Scene> scene;
    if (state > 0) scene.emplace(kLive[state - 1]);
    Harness& h = state > 0 ? scene->h : nobody;
    const RequestToken token = h.send(h.static_join("i1"));
    REQUIRE_FALSE(h.answered(token));
    const RequestToken left = h.send(h.leave_request({}, h.name("i1")));
    CHECK(h.response<LeaveGroupResponse>(left)->members[0] == kNone);
    CHECK(h.response<JoinGroupResponse>(token)->error == kUnknownMemberId);
  }
}

TEST_CASE("a Join that makes its group waits for the first delay, and may lose its coordinator") {
  for (const bool is_static : {false, true}) {
    for (const bool unloads : {false, true}) {
      Harness h;
      const RequestToken token = h.send(is_static ? h.static_join("i1") : h.join_request());
      REQUIRE_FALSE(h.answered(token));
      const RequestToken again = is_static ? h.send(h.static_join("i1")) : RequestToken{};
      if (is_static) CHECK(h.response<JoinGroupResponse>(token)->error == kFencedInstanceId);
      if (unloads) {
        h.resign(1);
      } else {
        h.advance_ms(10'000);
      }
      const auto told = h.response<JoinGroupResponse>(is_static ? again : token);
      REQUIRE(told);
      CHECK(told->error == (unloads ? kNotCoordinator : kNone));
    }
  }
  Harness unloaded;
  const RequestToken only = unloaded.send(unloaded.static_join("i1"));
  unloaded.resign(1);
  CHECK(unloaded.response<JoinGroupResponse>(only)->error == kNotCoordinator);
  Scene s(kEmpty);  // the same of a group that is there
  const RequestToken token = s.h.send(s.h.static_join("i1"));
  s.h.advance_ms(10'000);
  CHECK(s.error_of(token) == kNone);
}

TEST_CASE("a member that waits for the end of a join phase is told when the group is unloaded") {
  for (const GroupState state : {kPreparingRebalance, kCompletingRebalance, kStable}) {
    Scene s(state);
    JoinGroupRequest join = s.h.join_request(s.m1);
    join.protocols[0].subscription.topics.push_back({1});
    const RequestToken token = s.h.send(join);
    REQUIRE_FALSE(s.h.answered(token));
    s.h.resign(1);
    CHECK(s.error_of(token) == kNotCoordinator);
  }
}

TEST_CASE("commits and fetches of groups that nobody has made, that load, or are not here") {
  // 3.0 to 3.2: an empty group is made, and takes nobody whom it does not know.
  Harness v30(Harness::config_with({{Switch::kTxnOffsetCheckStyle, 1}}));
  CHECK(status(v30, v30.send(v30.commit_request(v30.name("m"), -1))) == kUnknownMemberId);
  Harness h;
  CHECK(h.fetch(false).error == kNone);
  const TopicPartition nowhere{{0}, 99};
  OffsetCommitRequest plain = h.commit_request(h.name("m"), 1);
  plain.offsets = {{nowhere, {5}, {0}}};
  CHECK(status(h, h.send(plain)) == kUnknownTopicOrPartition);
  TxnOffsetCommitRequest named = h.txn_commit_request(7, 10, 1, h.name("m"));
  named.offsets = {{nowhere, {5}, {0}}};
  CHECK(status(h, h.send(named)) == kUnknownTopicOrPartition);
  named.offsets = {{h.p0, {5}, {0}}};
  named.group = h.names.intern("");
  CHECK(status(h, h.send(named)) == kInvalidGroupId);
  OffsetFetchRequest fetch;
  fetch.header.version = 7;
  fetch.group = h.group;
  fetch.require_stable = true;
  h.gc.begin_load(0, {1});
  h.resign(1);
  CHECK(status(h, h.send(h.commit_request({}, -1))) == kNotCoordinator);
  CHECK(h.response<OffsetFetchResponse>(h.send(fetch))->error == kNotCoordinator);
  h.gc.begin_load(0, {2});
  CHECK(status(h, h.send(h.commit_request({}, -1))) == kCoordinatorLoadInProgress);
  CHECK(h.response<OffsetFetchResponse>(h.send(fetch))->error == kCoordinatorLoadInProgress);
}

TEST_CASE("a stable fetch of a group that nobody has made waits for the writes of its partition") {
  for (const bool unloads : {false, true}) {
    Harness h(cells_config("4.0"));
    h.hold_appends = true;
    h.send(h.txn_commit_request(7, 10));
    OffsetFetchRequest fetch;
    fetch.header.version = 7;
    fetch.group = h.name("nobody");
    fetch.require_stable = true;
    const RequestToken token = h.send(fetch);
    REQUIRE_FALSE(h.answered(token));
    if (unloads) h.resign(1);
    if (!unloads) h.advance_ms(h.gc.config().offsets_commit_timeout_ms);
    CHECK(h.response<OffsetFetchResponse>(token)->error ==
          (unloads ? kNotCoordinator : kCoordinatorNotAvailable));
  }
}

}  // namespace
}  // namespace eosim::kafka
