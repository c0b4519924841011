// What a coordinator forgets: groups-streams-replication.md 1.13; known-bugs.md D42.
#include "harness.h"

namespace eosim::kafka {
namespace {

using enum GroupState;

GroupCoordinatorConfig short_retention(bool only_when_stable = true) {
  GroupCoordinatorConfig config = Harness::config_with(
      {{Switch::kExpireOnlyWhenStable, static_cast<uint8_t>(only_when_stable)}});
  config.offsets_retention_ms = 60'000;
  config.retention_check_interval_ms = 10'000;
  return config;
}

void keep_alive(Harness& h, Name member, int32_t generation, int seconds) {
  for (int i = 0; i < seconds; i += 5) {
    h.advance_ms(5'000);
    h.heartbeat(member, generation);
  }
}

TEST_CASE("offsets without a group of members expire by their commit, one by one") {
  Harness h(short_retention());
  h.send(h.commit_request({}, -1, 5));
  h.advance_ms(30'000);
  OffsetCommitRequest other = h.commit_request({}, -1, 6);
  other.offsets[0].partition = h.p1;
  h.send(other);
  h.advance_ms(29'000);
  CHECK(h.fetch(false).offset.value == 5);
  h.advance_ms(5'000);
  CHECK_FALSE(h.fetch(false).offset.valid());
  CHECK(h.the_group().offsets.find(h.p1) != nullptr);
  CHECK(h.events(Event::kOffsetExpired).size() == 1);
  Harness loaded = h;
  loaded.restart();
  CHECK_FALSE(loaded.fetch(false).offset.valid());
  CHECK(loaded.the_group().offsets.find(h.p1) != nullptr);
  // The last one takes the group along; it never had a record, and gets no tombstone.
  const size_t before = h.log.size();
  h.advance_ms(30'000);
  CHECK(h.gc.groups().empty());
  CHECK(h.log.size() == before + 1);
}

TEST_CASE("a group that became empty keeps its offsets from then on, and dies without them") {
  Harness h(short_retention());
  const Name m1 = h.first_member();
  h.sync_leader(m1, 1);
  h.send(h.commit_request(m1, 1, 5));
  keep_alive(h, m1, 1, 50);
  h.send(h.leave_request(m1));
  h.advance_ms(55'000);
  CHECK(h.fetch(false).offset.value == 5);
  h.restart();  // the moment is in the record
  h.advance_ms(20'000);
  CHECK(h.gc.groups().empty());
  const auto& last = h.batches[h.log.back().batch];
  REQUIRE(std::holds_alternative<List<GroupRecord>>(last.payload));
  CHECK(std::get<List<GroupRecord>>(last.payload)[0].tombstone);
  h.restart();
  CHECK(h.gc.groups().empty());
  // Its name begins anew.
  h.first_member();
  CHECK(h.the_group().generation().value == 1);
}

TEST_CASE("a stable group keeps the offsets of what it reads, and no others") {
  Harness h(short_retention());
  const Name m1 = h.first_member();
  h.sync_leader(m1, 1);
  OffsetCommitRequest commit = h.commit_request(m1, 1, 5);
  commit.offsets.push_back({TopicPartition{{1}, 0}, {6}, {0}});
  h.send(commit);
  keep_alive(h, m1, 1, 80);
  CHECK(h.fetch(false).offset.value == 5);
  CHECK(h.the_group().offsets.find({{1}, 0}) == nullptr);
}

TEST_CASE("offsets with a pending commit stay, and so does their group") {
  Harness h(short_retention());
  h.send(h.commit_request({}, -1, 5));
  h.send(h.txn_commit_request(7, 10));
  h.advance_ms(100'000);
  CHECK(h.fetch(false).offset.value == 5);
  h.marker(7, ControlType::kAbort);
  h.advance_ms(10'000);
  CHECK(h.gc.groups().empty());

  Harness only(short_retention());
  only.send(only.txn_commit_request(7, 10));
  only.advance_ms(100'000);
  CHECK(only.the_group().offsets.pending_transactional().size() == 1);
}

TEST_CASE("a rebalance of a group that was idle costs it its old offsets before 2.8.2") {
  for (const bool fixed : {true, false}) {
    Harness h(short_retention(fixed));
    const Name m1 = h.first_member();
    h.sync_leader(m1, 1);
    h.send(h.commit_request(m1, 1, 5));
    keep_alive(h, m1, 1, 40);
    h.send(h.leave_request(m1));
    h.advance_ms(30'000);
    // Older than the retention by its commit, not by the moment at which the group became empty.
    CHECK(h.fetch(false).offset.value == 5);
    JoinGroupRequest first = h.join_request();
    h.send(first);
    h.advance_ms(3'000);
    REQUIRE(h.the_group().is(kCompletingRebalance));
    h.send(h.join_request());
    REQUIRE(h.the_group().is(kPreparingRebalance));
    h.advance_ms(7'500);
    CHECK(h.fetch(false).offset.value == 5);
  }
  for (const bool fixed : {true, false}) {
    GroupCoordinatorConfig config = short_retention(fixed);
    config.initial_rebalance_delay_ms = 15'000;
    Harness h(config);
    const RequestToken join = h.send(h.join_request());
    h.advance_ms(15'000);
    const Name m1 = h.response<JoinGroupResponse>(join)->member_id;
    h.sync_leader(m1, 1);
    h.send(h.commit_request(m1, 1, 5));
    keep_alive(h, m1, 1, 40);
    h.send(h.leave_request(m1));
    h.advance_ms(30'000);
    REQUIRE(h.the_group().is(kEmpty));
    h.send(h.join_request());
    REQUIRE(h.the_group().is(kPreparingRebalance));
    h.advance_ms(12'000);  // a check falls into the initial delay
    CHECK(h.fetch(false).offset.valid() == fixed);
  }
}

}  // namespace
}  // namespace eosim::kafka
