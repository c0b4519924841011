// Leadership that is lost and won at any moment: groups-streams-replication.md 1.13, 2.7, 11.7.
#include "harness.h"

namespace eosim::kafka {
namespace {

using enum Error;
using enum GroupState;

GroupCoordinatorConfig post447() {
  GroupCoordinatorConfig config = Harness::default_config();
  config.switches = preset_switches(*find_preset("3.9"));
  return config;
}

// The coordinator moves: another broker reads this log up to its end.
void move(Harness& h, int32_t epoch) {
  h.resign(epoch);
  for (size_t left = h.in_flight.size(); left > 0; --left) h.complete(0, kNotLeaderOrFollower);
  h.gc.begin_load(0, {epoch + 1});
  h.load(epoch + 1);
}

TEST_CASE("a load that is overtaken by another one ends nothing") {
  Harness h;
  h.send(h.commit_request({}, -1, 5));
  h.resign(1);
  h.gc.begin_load(0, {2});
  h.gc.begin_load(0, {4});
  h.load(2);
  CHECK(h.gc.ownership(0) == GroupCoordinator::Ownership::kLoading);
  h.resign(3);  // late: of an epoch before
  CHECK(h.gc.ownership(0) == GroupCoordinator::Ownership::kLoading);
  h.load(4);
  CHECK(h.fetch(false).offset.value == 5);
  h.resign(5);
  h.gc.begin_load(0, {6});
  h.resign(7);
  h.load(6);
  CHECK(h.gc.ownership(0) == GroupCoordinator::Ownership::kNone);
  CHECK(h.gc.groups().empty());
}

TEST_CASE("whatever waits is answered NOT_COORDINATOR, whenever the partition is lost") {
  for (int moment = 0; moment < 6; ++moment) {
    INFO(moment);
    Harness h(post447());
    const auto [m1, m2] = h.stable_pair();
    h.hold_appends = true;
    std::vector<RequestToken> waiting;
    if (moment == 0) waiting.push_back(h.send(h.join_request()));
    if (moment >= 1) h.send(h.join_request(m1));
    if (moment >= 2) h.send(h.join_request(m2));
    if (moment >= 3) waiting.push_back(h.send(h.sync_request(m2, 3)));
    if (moment >= 4) waiting.push_back(h.send(h.sync_request(m1, 3)));
    if (moment >= 5) waiting.push_back(h.send(h.txn_commit_request(7, 10, 3, m1)));
    for (const RequestToken token : waiting) CHECK_FALSE(h.answered(token));
    const size_t parked = h.gc.parked_requests().size();
    CHECK(parked >= waiting.size());
    move(h, 1);
    CHECK(h.gc.parked_requests().empty());
    for (const RequestToken token : waiting) {
      REQUIRE(h.answered(token));
      if (const auto r = h.response<JoinGroupResponse>(token)) CHECK(r->error == kNotCoordinator);
      if (const auto r = h.response<SyncGroupResponse>(token)) CHECK(r->error == kNotCoordinator);
      if (const auto r = h.response<TxnOffsetCommitResponse>(token)) {
        CHECK(r->partitions[0].error == kNotCoordinator);
      }
    }
    // What was in the tail is there: the record of generation 3 from moment 4 on.
    CHECK(h.the_group().is(kStable));
    CHECK(h.the_group().generation().value == (moment >= 4 ? 3 : 2));
    CHECK(h.fetch(true).error == (moment >= 5 ? kUnstableOffsetCommit : kNone));
  }
}

TEST_CASE("pending members, join phases and evictions in memory are gone after a load") {
  Harness h(post447());
  const auto [m1, m2] = h.stable_pair();
  const Name pending = h.response<JoinGroupResponse>(h.send(h.join_request({}, 4)))->member_id;
  h.send(h.leave_request(m2));
  REQUIRE(h.the_group().is(kPreparingRebalance));
  move(h, 1);
  CHECK(h.the_group().is(kStable));
  CHECK(h.the_group().pending_members().empty());
  CHECK(h.response<JoinGroupResponse>(h.send(h.join_request(pending, 4)))->error ==
        kUnknownMemberId);
  CHECK(h.heartbeat(m2, 2) == kNone);
  CHECK(h.heartbeat(m1, 2) == kNone);
  // A follower that rejoins is handed the persisted generation once more.
  CHECK(h.response<JoinGroupResponse>(h.send(h.join_request(m2)))->generation.value == 2);
}

TEST_CASE(
    "a commit that failed for its sender may be in the log, and is checked again if retried") {
  Harness h(post447());
  const auto [m1, m2] = h.stable_pair();
  h.hold_appends = true;
  h.send(h.txn_commit_request(7, 10, 2, m1));
  move(h, 1);
  h.hold_appends = false;
  CHECK(h.the_group().offsets.pending_transactional().at({7}).at(h.p0).position.valid());
  const RequestToken again = h.send(h.txn_commit_request(7, 10, 1, m1));
  CHECK(h.response<TxnOffsetCommitResponse>(again)->partitions[0].error == kIllegalGeneration);
  h.marker(7, ControlType::kCommit);
  CHECK(h.fetch(true).offset.value == 10);
}

// T4: the offsets are accepted, the rebalance comes, then the old owner's outcome.
TEST_CASE("11.7: offsets that were accepted before a rebalance are waited for after it") {
  for (const bool failover : {false, true}) {
    for (const ControlType outcome : {ControlType::kCommit, ControlType::kAbort}) {
      Harness h(post447());
      const auto [a, b] = h.stable_pair();
      h.send(h.commit_request(a, 2, 10));
      const RequestToken accepted = h.send(h.txn_commit_request(7, 15, 2, a));
      CHECK(h.response<TxnOffsetCommitResponse>(accepted)->partitions[0].error == kNone);
      h.advance_ms(9'000);
      h.heartbeat(b, 2);
      h.advance_ms(1'000);  // a's session expires
      CHECK(h.the_group().find_member(a) == nullptr);
      h.send(h.join_request(b));
      h.sync_leader(b, 3);
      if (failover) move(h, 1);
      CHECK(h.fetch(true).error == kUnstableOffsetCommit);
      const RequestToken zombie = h.send(h.txn_commit_request(7, 20, 2, a));
      CHECK(h.response<TxnOffsetCommitResponse>(zombie)->partitions[0].error == kUnknownMemberId);
      h.marker(7, outcome);
      CHECK(h.fetch(true).offset.value == (outcome == ControlType::kCommit ? 15 : 10));
    }
  }
}

}  // namespace
}  // namespace eosim::kafka
