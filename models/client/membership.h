// What a consumer knows of its membership in the group. Shared by its two threads, as Kafka's
// AbstractCoordinator shares it under a lock (groups-streams-replication.md 3.2, 3.5, 3.8).
#pragma once

#include "models/client/calls.h"
#include "models/client/group_error_reaction.h"
#include "models/client/group_metadata.h"

namespace eosim::kafka {

struct Membership {
  // What a request carried, to tell at its answer whether it is about the past.
  struct Snapshot {
    Generation generation;
    Name member_id;
    friend constexpr bool operator==(const Snapshot&, const Snapshot&) = default;
  };

  MemberState state = MemberState::kUnjoined;
  Generation generation;
  Name member_id;
  bool rejoin_needed = true;
  bool needs_prepare = true;         // onJoinPrepare comes before the next JoinGroup
  bool prepare_after_reset = false;  // KAFKA-12983: a reset asks for it again
  CallResult fatal;                  // not ok: the next poll throws it, and every one after
  GroupMetadata last_completed;      // set at the end of a rebalance and never reset (3.8)

  Snapshot now() const { return {generation, member_id}; }

  // AbstractCoordinator.resetState and its callers. The triple for producers stays as it is.
  void reset(GroupReaction::Reset what) {
    if (what == GroupReaction::Reset::kNothing) return;
    state = MemberState::kUnjoined;
    generation = {};
    if (prepare_after_reset) needs_prepare = true;
    if (what == GroupReaction::Reset::kGenerationAndMember) member_id = {};
  }
};

}  // namespace eosim::kafka
