// Join phases, timers and parked requests: groups-streams-replication.md 1.5-1.8, 1.11, 1.15, 11.8.
#include "harness.h"

namespace eosim::kafka {
namespace {

using enum Error;
using enum GroupState;

bool joined(const Harness& h, RequestToken token) {
  const auto response = h.response<JoinGroupResponse>(token);
  return response && response->error == kNone;
}

TEST_CASE("the initial delay is extended while members of a new group arrive, as in 11.8") {
  struct Row {
    int32_t rebalance_timeout_ms;
    std::vector<int> joins_ms;
    int64_t ends_ms;
  };
  const Row rows[] = {
      {300'000, {0}, 3'000},
      {300'000, {0, 2'000}, 6'000},
      {300'000, {0, 2'000, 5'000}, 9'000},
      {5'000, {0, 2'000}, 5'000},
      {5'000, {0, 2'000, 4'000}, 5'000},
  };
  for (const Row& row : rows) {
    Harness h;
    std::vector<RequestToken> tokens;
    for (const int at : row.joins_ms) {
      h.advance_ms(at - h.elapsed_ms());
      JoinGroupRequest request = h.join_request();
      request.rebalance_timeout_ms = row.rebalance_timeout_ms;
      tokens.push_back(h.send(request));
    }
    h.advance_ms(row.ends_ms - 1 - h.elapsed_ms());
    CHECK(h.the_group().is(kPreparingRebalance));
    h.advance_ms(1);
    CHECK(h.the_group().is(kCompletingRebalance));
    CHECK(h.the_group().generation().value == 1);
    for (const RequestToken token : tokens) CHECK(joined(h, token));
  }
}

TEST_CASE("a group that became empty waits exactly one initial delay") {
  Harness h;
  const Name m1 = h.first_member();
  h.send(h.leave_request(m1));
  CHECK(h.the_group().is(kEmpty));
  h.send(h.join_request());
  h.advance_ms(2'000);
  h.send(h.join_request());
  h.advance_ms(1'000);
  CHECK(h.the_group().is(kCompletingRebalance));
  CHECK(h.the_group().generation().value == 3);
}

TEST_CASE("without an initial delay a group starts at once") {
  GroupCoordinatorConfig config = Harness::default_config();
  config.initial_rebalance_delay_ms = 0;
  Harness h(config);
  const RequestToken token = h.send(h.join_request());
  h.advance_ms(0);
  CHECK(joined(h, token));
}

TEST_CASE("the join timer drops who has not come back") {
  Harness h;
  const auto [m1, m2] = h.stable_pair();
  JoinGroupRequest request = h.join_request();
  request.rebalance_timeout_ms = 1'000;
  const RequestToken newcomer = h.send(request);
  const RequestToken back = h.send(h.join_request(m2));
  for (int i = 0; i < 60; ++i) {
    h.advance_ms(5'000);
    if (h.the_group().is(kPreparingRebalance)) {
      CHECK(h.heartbeat(m1, 2) == kRebalanceInProgress);
    }
  }
  // The longest rebalance timeout of all members counted; m1 led, lived, and did not rejoin.
  CHECK(h.elapsed_ms() == 303'000);
  CHECK(joined(h, newcomer));
  CHECK(joined(h, back));
  CHECK(h.heartbeat(m1, 2) == kUnknownMemberId);
  CHECK(h.the_group().leader() == m2);
  const auto removed = h.events(Event::kGroupMemberRemoved);
  REQUIRE(removed.size() == 1);
  CHECK(removed[0].values[2] == static_cast<int64_t>(RemovalReason::kNotRejoined));
  CHECK(h.response<JoinGroupResponse>(back)->members.size() == 2);
  CHECK(h.response<JoinGroupResponse>(newcomer)->members.empty());
}

TEST_CASE("a missed session evicts, and rebalances the others") {
  Harness h;
  const auto [m1, m2] = h.stable_pair();
  h.advance_ms(5'000);
  CHECK(h.heartbeat(m1, 2) == kNone);
  h.advance_ms(5'000);
  CHECK(h.heartbeat(m1, 2) == kRebalanceInProgress);
  CHECK(h.the_group().find_member(m2) == nullptr);
  const auto removed = h.events(Event::kGroupMemberRemoved);
  REQUIRE(removed.size() == 1);
  CHECK(removed[0].values[2] == static_cast<int64_t>(RemovalReason::kSessionExpired));
  h.send(h.join_request(m1));
  CHECK(h.the_group().generation().value == 3);
}

TEST_CASE("the last member's session ends a group's generation") {
  Harness h;
  const Name m1 = h.first_member();
  h.sync_leader(m1, 1);
  h.advance_ms(10'000);
  CHECK(h.the_group().is(kEmpty));
  CHECK(h.the_group().generation().value == 2);
  CHECK_FALSE(h.the_group().leader().valid());
  const auto& record = std::get<List<GroupRecord>>(h.batches[h.log.back().batch].payload)[0];
  CHECK(record.members.empty());
  CHECK(record.generation.value == 2);
}

TEST_CASE("a session that runs out in PreparingRebalance may end the join phase") {
  Harness h;
  const auto [m1, m2] = h.stable_pair();
  const RequestToken token = h.send(h.join_request(m1));
  h.advance_ms(10'000);
  CHECK(joined(h, token));
  CHECK(h.the_group().members().size() == 1);
  CHECK(h.the_group().generation().value == 3);
}

TEST_CASE("waiting for a Join or a Sync keeps a member alive, and its end starts a new session") {
  Harness h;
  const auto [m1, m2] = h.stable_pair();
  h.send(h.join_request(m1));
  h.send(h.join_request(m2));
  const RequestToken sync = h.send(h.sync_request(m2, 3));
  for (int i = 0; i < 4; ++i) {
    h.advance_ms(5'000);
    h.send(h.join_request(m1));  // answered at once, no heartbeat
  }
  // The leader never synced nor sent heartbeats: evicted after 10 s; m2's Sync was sent back.
  CHECK(h.response<SyncGroupResponse>(sync)->error == kRebalanceInProgress);
  CHECK(h.the_group().find_member(m1) == nullptr);

  Harness other;
  const auto pair = other.stable_pair();
  other.send(other.join_request(pair.m2));  // answered: nothing changes
  other.send(other.join_request(pair.m1));
  other.advance_ms(9'000);
  CHECK(other.heartbeat(pair.m2, 2) == kRebalanceInProgress);
  other.advance_ms(9'000);
  CHECK(other.the_group().find_member(pair.m1) != nullptr);  // 18 s without a heartbeat, parked
  other.send(other.join_request(pair.m2));
  CHECK(other.the_group().is(kCompletingRebalance));
  other.advance_ms(9'999);
  CHECK(other.the_group().members().size() == 2);
  other.advance_ms(1);
  CHECK(other.the_group().members().empty());
}

TEST_CASE("a new member whose Join is parked is given up after five minutes") {
  Harness h;
  const auto [m1, m2] = h.stable_pair();
  JoinGroupRequest slow = h.join_request(m1);
  slow.rebalance_timeout_ms = 1'000'000;
  h.send(slow);
  const RequestToken newcomer = h.send(h.join_request());
  for (int i = 0; i < 60; ++i) {
    CHECK_FALSE(h.answered(newcomer));
    CHECK(h.heartbeat(m2, 2) == kRebalanceInProgress);
    h.advance_ms(5'000);
  }
  CHECK(h.response<JoinGroupResponse>(newcomer)->error == kUnknownMemberId);
  CHECK(h.the_group().members().size() == 2);
}

TEST_CASE("an id that was handed out and not used holds up the join until its timer drops it") {
  Harness h;
  const auto [m1, m2] = h.stable_pair();
  h.send(h.join_request(m1));
  h.send(h.join_request({}, 4));
  const RequestToken last = h.send(h.join_request(m2));
  CHECK_FALSE(h.answered(last));
  h.advance_ms(9'999);
  CHECK_FALSE(h.answered(last));
  h.advance_ms(1);
  CHECK(joined(h, last));
}

TEST_CASE("the pending sync timer evicts members that never sync, if the broker has it") {
  for (const bool on : {false, true}) {
    Harness h(Harness::config_with(
        {{Switch::kPendingSyncTimer, on ? 1u : 0u}, {Switch::kHeartbeatInCompleting, 1}}));
    JoinGroupRequest request = h.join_request();
    request.rebalance_timeout_ms = 20'000;
    const RequestToken first = h.send(request);
    const RequestToken second = h.send(request);
    h.advance_ms(6'000);
    const Name m1 = h.response<JoinGroupResponse>(first)->member_id;
    const Name m2 = h.response<JoinGroupResponse>(second)->member_id;
    h.sync_leader(m1, 1);
    CHECK(h.the_group().is(kStable));
    for (int i = 0; i < 4; ++i) {
      h.advance_ms(4'999);
      CHECK(h.heartbeat(m1, 1) == kNone);
      CHECK(h.heartbeat(m2, 1) == kNone);
    }
    h.advance_ms(4);
    CHECK((h.the_group().find_member(m2) == nullptr) == on);
    CHECK(h.the_group().is(on ? kPreparingRebalance : kStable));
    if (on) {
      CHECK(h.events(Event::kGroupMemberRemoved)[0].values[2] ==
            static_cast<int64_t>(RemovalReason::kNeverSynced));
    }
  }
}

TEST_CASE("the protocol that most members prefer wins; a tie goes to the smallest name") {
  struct Row {
    std::vector<std::vector<const char*>> members;
    const char* chosen;
  };
  const Row rows[] = {
      {{{"range", "rr"}, {"rr", "range"}}, "range"},
      {{{"range", "rr"}, {"rr", "range"}, {"rr", "range"}}, "rr"},
      {{{"a", "rr"}, {"rr"}}, "rr"},
      {{{"x", "b", "a"}, {"y", "a", "b"}}, "a"},
  };
  for (const Row& row : rows) {
    Harness h;
    for (const auto& names : row.members) {
      JoinGroupRequest request = h.join_request();
      request.protocols.clear();
      for (const char* name : names) request.protocols.push_back({h.name(name), {{{0}}, {}}});
      h.send(request);
    }
    h.advance_ms(6'000);
    CHECK(std::string(h.names.text(h.the_group().protocol())) == row.chosen);
  }
}

TEST_CASE("a retry of a parked Join or Sync replaces it") {
  Harness h;
  const auto [m1, m2] = h.stable_pair();
  const RequestToken lost_join = h.send(h.join_request(m1));
  const RequestToken join = h.send(h.join_request(m1));
  CHECK(h.gc.parked_requests() == std::vector<RequestToken>{join});
  h.send(h.join_request(m2));
  CHECK_FALSE(h.answered(lost_join));
  CHECK(joined(h, join));
  const RequestToken lost_sync = h.send(h.sync_request(m2, 3));
  const RequestToken sync = h.send(h.sync_request(m2, 3));
  CHECK(h.gc.parked_requests() == std::vector<RequestToken>{sync});
  h.sync_leader(m1, 3);
  CHECK_FALSE(h.answered(lost_sync));
  CHECK(h.response<SyncGroupResponse>(sync)->error == kNone);
  CHECK(h.gc.parked_requests().empty());
}

TEST_CASE("a retried Join of an old version makes a member that nobody is") {
  Harness h;
  h.send(h.join_request());
  h.send(h.join_request());
  CHECK(h.the_group().members().size() == 2);
}

TEST_CASE("a group's transitions and generations are told as they happen") {
  Harness h;
  h.stable_pair();
  const std::pair<GroupState, GroupState> expected[] = {{kEmpty, kPreparingRebalance},
                                                        {kPreparingRebalance, kCompletingRebalance},
                                                        {kCompletingRebalance, kStable},
                                                        {kStable, kPreparingRebalance},
                                                        {kPreparingRebalance, kCompletingRebalance},
                                                        {kCompletingRebalance, kStable}};
  const auto events = h.events(Event::kGroupTransition);
  REQUIRE(events.size() == std::size(expected));
  for (size_t i = 0; i < events.size(); ++i) {
    CHECK(events[i].values[1] == static_cast<int64_t>(expected[i].first));
    CHECK(events[i].values[2] == static_cast<int64_t>(expected[i].second));
  }
  CHECK(h.events(Event::kGroupGeneration).size() == 2);
  CHECK(h.events(Event::kGroupMemberJoined).size() == 2);
  CHECK(h.events(Event::kGroupAssigned).size() == 2);
}

}  // namespace
}  // namespace eosim::kafka
