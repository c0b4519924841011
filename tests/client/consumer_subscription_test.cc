#include "catch.h"
#include "models/client/subscription_state.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

constexpr TopicPartition kP0{{0}, 0};
constexpr TopicPartition kP1{{0}, 1};

SubscriptionState assigned() {
  SubscriptionState state;
  state.subscribe({{0}});
  state.assign({kP1, kP0});
  return state;
}

TEST_CASE("a new assignment begins without positions, in the order of the partitions") {
  const SubscriptionState state = assigned();
  CHECK(state.assignment() == List<TopicPartition>{kP0, kP1});
  CHECK(state.initializing() == List<TopicPartition>{kP0, kP1});
  CHECK_FALSE(state.fetchable(kP0));
}

TEST_CASE("an assignment keeps the positions of partitions that stay") {
  SubscriptionState state = assigned();
  const uint64_t number = state.assignment_number();
  state.seek(kP0, {7});
  state.assign({kP0});
  CHECK(state.assignment_number() != number);
  CHECK(state.find(kP0)->position == Offset{7});
  CHECK(state.find(kP0)->assigned_at == number);
  CHECK(state.find(kP1) == nullptr);
}

TEST_CASE("a partition that was given up in between begins anew") {
  SubscriptionState state = assigned();
  state.seek(kP0, {7});
  state.assign({});
  state.assign({kP0});
  CHECK(state.find(kP0)->state == PositionState::kInitializing);
  CHECK(state.find(kP0)->assigned_at == state.assignment_number());
}

TEST_CASE("a seek ends the search for a position, and a reset begins it again") {
  SubscriptionState state = assigned();
  state.seek(kP0, {7});
  CHECK(state.find(kP0)->position == Offset{7});
  CHECK(state.initializing() == List<TopicPartition>{kP1});
  state.request_reset(kP0, OffsetReset::kEarliest);
  CHECK(state.find(kP0)->state == PositionState::kAwaitReset);
  CHECK_FALSE(state.find(kP0)->position.valid());
  CHECK(state.initializing() == List<TopicPartition>{kP1});
}

TEST_CASE("a position only moves forward by reading, and only where there is one") {
  SubscriptionState state = assigned();
  CHECK_THROWS_AS(state.advance(kP0, {1}, {0}), sim::InvariantBroken);
  state.seek(kP0, {7});
  CHECK_THROWS_AS(state.advance(kP0, {7}, {0}), sim::InvariantBroken);
  state.advance(kP0, {9}, {0});
  CHECK(state.find(kP0)->position == Offset{9});
}

TEST_CASE("a partition that is not assigned cannot be sought") {
  SubscriptionState state = assigned();
  CHECK_THROWS_AS(state.seek({{0}, 2}, {0}), sim::InvariantBroken);
}

}  // namespace
}  // namespace eosim::kafka
