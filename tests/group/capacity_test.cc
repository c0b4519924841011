// group.max.size: groups-streams-replication.md 1.5 step 2 (GroupCoordinator.acceptJoiningMember).
#include "harness.h"

namespace eosim::kafka {
namespace {

using enum Error;
using enum GroupState;

GroupCoordinatorConfig of_size(int32_t size) {
  GroupCoordinatorConfig config = Harness::default_config();
  config.max_size = size;
  return config;
}

TEST_CASE("a full group refuses another member, and those that it has may come back") {
  Harness h(of_size(2));
  const auto [m1, m2] = h.stable_pair();
  for (const int16_t version : {int16_t{3}, int16_t{4}}) {
    const auto refused = h.response<JoinGroupResponse>(h.send(h.join_request({}, version)));
    CHECK(refused->error == kGroupMaxSizeReached);
    CHECK_FALSE(refused->member_id.valid());
  }
  CHECK(h.the_group().is(kStable));
  CHECK(h.response<JoinGroupResponse>(h.send(h.join_request(m2)))->error == kNone);
  h.send(h.join_request(m1));
  REQUIRE(h.the_group().is(kPreparingRebalance));
  CHECK_FALSE(h.answered(h.send(h.join_request(m1))));
}

TEST_CASE("in a join phase the first come have the places, and who comes late loses its own") {
  Harness h(of_size(2));
  const auto [m1, m2] = h.stable_pair();
  h.send(h.join_request(m1));
  const RequestToken third = h.send(h.join_request());  // one of two has come back
  CHECK_FALSE(h.answered(third));
  const auto late = h.response<JoinGroupResponse>(h.send(h.join_request(m2)));
  CHECK(late->error == kGroupMaxSizeReached);
  CHECK(h.the_group().find_member(m2) == nullptr);
  CHECK(h.the_group().is(kCompletingRebalance));
  CHECK(h.the_group().members().size() == 2);
}

TEST_CASE("a group that is loaded over its size rebalances") {
  Harness h(of_size(2));
  h.stable_pair();
  GroupCoordinatorConfig config = of_size(1);
  h.gc = GroupCoordinator(config);
  h.gc.begin_load(0, {0});
  h.load(0);
  CHECK(h.the_group().is(kPreparingRebalance));
}

}  // namespace
}  // namespace eosim::kafka
