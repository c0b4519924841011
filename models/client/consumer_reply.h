// The end of one of a consumer's requests, with a copy of the response: it may have to wait until
// the application's thread is inside a call (groups-streams-replication.md 3.5), and bodies are
// lent to one step only.
#pragma once

#include <variant>

#include "models/client/network_client.h"

namespace eosim::kafka {

struct Reply {
  Completion how;
  std::variant<std::monostate, FetchResponse, ListOffsetsResponse, OffsetCommitResponse,
               OffsetFetchResponse, FindCoordinatorResponse, JoinGroupResponse, SyncGroupResponse,
               HeartbeatResponse, LeaveGroupResponse, OffsetForLeaderEpochResponse>
      body;

  // Only if how.kind is kResponse.
  template <class Response>
  const Response& get() const {
    return std::get<Response>(body);
  }
  // kNone if there is a response; a connection that ended or a timeout is kNetworkException.
  Error transport_error() const {
    if (how.kind == Completion::Kind::kResponse) return Error::kNone;
    return how.kind == Completion::Kind::kUnsupportedVersion ? Error::kUnsupportedVersion
                                                             : Error::kNetworkException;
  }
};

// Copies the response out of the step. The batches of a Fetch response are retained in the store:
// whoever takes the reply releases them.
Reply copy_reply(sim::Context& context, const Completion& completion);
// Of a reply that nobody will take.
void drop_reply(KafkaShared& shared, const Reply& reply);

}  // namespace eosim::kafka
