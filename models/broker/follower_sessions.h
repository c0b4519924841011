// The fetch sessions of the followers at their leader (KIP-227; Kafka's FetchSession and the part
// of DelayedFetch that followers see). A session knows what its follower would ask for each
// partition, so a request names only what changed, and an answer only what has something to say. A
// request that finds nothing for it is parked until a partition has records, an error or a
// divergence to tell, or replica.fetch.wait.max.ms is over; that the high watermark moved is told
// with the next answer and does not hurry it (6.4: followers learn of it one fetch later).
//
// Nothing here costs more than what changed; a session is one follower's, on one connection.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/broker/replica_manager.h"
#include "models/protocol/effects.h"
#include "models/protocol/messages.h"
#include "sim/context.h"
#include "sim/outbox.h"

namespace eosim::kafka {

struct FollowerSessionsConfig {
  int64_t response_max_bytes = 10'485'760;  // replica.fetch.response.max.bytes, of the follower
};

class FollowerSessions {
 public:
  FollowerSessions() = default;
  explicit FollowerSessions(FollowerSessionsConfig config) : config_(config) {}

  // Each gives the request that is to be answered now, if there is one, with what response() says
  // until the next call. on_request(): that one, unless it is parked; answer_urgent(): one after
  // the other, until there is none left; on_wait_over(): for the timer kSessionWait.
  std::optional<RequestToken> on_request(sim::Context& context, ReplicaManager& replicas,
                                         RequestToken token, const FetchRequest& request);
  // This replica's log, high watermark or role has changed.
  void touch(const ReplicaManager& replicas, uint32_t replica);
  // Parked requests that have something to say now.
  bool urgent() const { return urgent_; }
  std::optional<RequestToken> answer_urgent(ReplicaManager& replicas);
  std::optional<RequestToken> on_wait_over(sim::Context& context, ReplicaManager& replicas,
                                           uint32_t session);
  FetchResponse& response() { return response_; }

  size_t parked() const;

 private:
  struct Member {
    FetchRequest::Partition asked;
    Offset told_high_watermark;
    Offset told_start;
    Offset told_end;  // where the records end that it asked after or was given
    bool in = false;
    bool touched = false;
  };
  struct Session {
    BrokerId follower;
    sim::ConnectionId connection = sim::kNoConnection;
    int32_t next_epoch = 0;         // 0: none is open
    std::vector<Member> members;    // by replica index
    sim::Outbox<uint32_t> touched;  // to look at with the next answer
    bool urgent = false;
    std::optional<RequestToken> parked;
    sim::SteadyTime parked_until;
    bool timer_set = false;
  };

  Session& session_of(const ReplicaManager& replicas, BrokerId follower);
  void open(ReplicaManager& replicas, Session& session, sim::ConnectionId connection);
  void leave(ReplicaManager& replicas, Session& session, uint32_t replica);
  void mark(Session& session, uint32_t replica);
  void park(sim::Context& context, Session& session, RequestToken token, sim::Duration time);
  void answer(ReplicaManager& replicas, Session& session);
  bool describe(ReplicaManager& replicas, Session& session, Member& member, int64_t& room,
                FetchResponse::Partition& answer) const;

  FollowerSessionsConfig config_;
  std::vector<Session> sessions_;  // in the order of their first request
  bool urgent_ = false;
  FetchResponse response_;  // means nothing between steps; here for its memory
};

}  // namespace eosim::kafka
