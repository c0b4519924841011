// A group that messages have brought into a state.
#pragma once

#include "harness.h"

namespace eosim::kafka {

// m1 leads generation 2 with m2; in Empty both are gone. `gone` was never a member.
struct Scene {
  using enum Error;
  using enum GroupState;

  Harness h;
  Name m1;
  Name m2;
  Name gone;
  int32_t generation = 2;

  Scene(GroupState state, GroupCoordinatorConfig config) : h(config) {
    const auto pair = h.stable_pair();
    m1 = pair.m1;
    m2 = pair.m2;
    gone = h.name("gone");
    if (state == kEmpty) {
      h.send(h.leave_request(m1));
      h.send(h.join_request(m2));
      h.send(h.leave_request(m2));
      generation = h.the_group().generation().value;
    } else if (state == kPreparingRebalance) {
      h.send(h.join_request(m1));
    } else if (state == kCompletingRebalance) {
      h.send(h.join_request(m1));
      h.send(h.join_request(m2));
      generation = 3;
    }
    REQUIRE(h.the_group().is(state));
    REQUIRE(h.the_group().generation().value == generation);
  }
  explicit Scene(GroupState state) : Scene(state, Harness::default_config()) {}

  template <class Request>
  Error ask(const Request& request) {
    return error_of(h.send(request));
  }
  // Of any response; kUnknownServerError: parked.
  Error error_of(RequestToken token) const {
    if (const auto r = h.response<JoinGroupResponse>(token)) return r->error;
    if (const auto r = h.response<SyncGroupResponse>(token)) return r->error;
    if (const auto r = h.response<OffsetCommitResponse>(token)) return r->partitions[0].error;
    if (const auto r = h.response<TxnOffsetCommitResponse>(token)) return r->partitions[0].error;
    if (const auto r = h.response<LeaveGroupResponse>(token)) {
      REQUIRE(r->error == kNone);
      return r->members[0];
    }
    return kParked;
  }
  static constexpr Error kParked = kUnknownServerError;
};

inline constexpr GroupState kLive[] = {GroupState::kEmpty, GroupState::kPreparingRebalance,
                                       GroupState::kCompletingRebalance, GroupState::kStable};

}  // namespace eosim::kafka
