#include "models/client/consumer_reply.h"

#include "models/protocol/references.h"
#include "sim/assert.h"

namespace eosim::kafka {

Reply copy_reply(sim::Context& context, const Completion& completion) {
  Reply reply{completion, {}};
  if (completion.kind != Completion::Kind::kResponse) return reply;
  KafkaShared& shared = kafka_shared(context);
  const auto copy = [&]<class Response>(Response) {
    reply.body = shared.bodies.get<Response>(completion.body);
  };
  switch (completion.rpc) {
    case Rpc::kFetch:
      copy(FetchResponse{});
      retain_references(shared, reply.get<FetchResponse>());
      break;
    case Rpc::kListOffsets:
      copy(ListOffsetsResponse{});
      break;
    case Rpc::kOffsetForLeaderEpoch:
      copy(OffsetForLeaderEpochResponse{});
      break;
    case Rpc::kOffsetCommit:
      copy(OffsetCommitResponse{});
      break;
    case Rpc::kOffsetFetch:
      copy(OffsetFetchResponse{});
      break;
    case Rpc::kFindCoordinator:
      copy(FindCoordinatorResponse{});
      break;
    case Rpc::kJoinGroup:
      copy(JoinGroupResponse{});
      break;
    case Rpc::kSyncGroup:
      copy(SyncGroupResponse{});
      break;
    case Rpc::kHeartbeat:
      copy(HeartbeatResponse{});
      break;
    case Rpc::kLeaveGroup:
      copy(LeaveGroupResponse{});
      break;
    default:
      EOSIM_ASSERT(false);
  }
  return reply;
}

void drop_reply(KafkaShared& shared, const Reply& reply) {
  if (const auto* fetched = std::get_if<FetchResponse>(&reply.body)) {
    release_references(shared, *fetched);
  }
}

}  // namespace eosim::kafka
