// How a member reacts to the answers of its group coordinator: the table of
// groups-streams-replication.md 3.4 as a function over plain values.
#pragma once

#include "models/client/calls.h"
#include "models/protocol/errors.h"

namespace eosim::kafka {

// States of a member at the client (groups-streams-replication.md 3.2).
enum class MemberState : uint8_t { kUnjoined, kPreparing, kCompleting, kStable };

enum class GroupRequest : uint8_t { kJoin, kSync, kHeartbeat, kOffsetCommit };

// What a member does about an error, in this order.
struct GroupReaction {
  enum class Reset : uint8_t { kNothing, kGeneration, kGenerationAndMember };
  enum class Then : uint8_t {
    kIgnore,        // nothing more
    kCountsAsBeat,  // a heartbeat that keeps the session timer going all the same
    kRetryNow,      // the same again at once
    kRetryLater,    // after retry.backoff.ms
    kThrow,         // `thrown` reaches the application; fatal ones for good
  };
  bool coordinator_unknown = false;
  Reset reset = Reset::kNothing;
  bool request_rejoin = false;
  bool store_member_id = false;
  Then then = Then::kIgnore;
  Thrown thrown = Thrown::kNothing;
  friend bool operator==(const GroupReaction&, const GroupReaction&) = default;
};

struct MemberSituation {
  MemberState state = MemberState::kUnjoined;
  bool generation_unchanged = true;  // since the request was sent
  bool keep_member_id = false;       // on ILLEGAL_GENERATION (3.2 and later)
};

// `error` is not kNone. A connection that ended or a request that timed out is kNetworkException.
GroupReaction react(GroupRequest request, Error error, const MemberSituation& situation);

}  // namespace eosim::kafka
