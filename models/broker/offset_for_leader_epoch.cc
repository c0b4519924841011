// OffsetForLeaderEpoch: where the log of this leader ends for an epoch that a consumer has read
// (KIP-320; Kafka's Partition.lastOffsetForLeaderEpoch). Who asks compares that with its position.
#include <utility>

#include "models/broker/respond.h"

namespace eosim::kafka {

void Broker::handle(sim::Context& context, RequestToken token,
                    const OffsetForLeaderEpochRequest& request) {
  OffsetForLeaderEpochResponse response;
  response.partitions.reserve(request.partitions.size());
  for (const OffsetForLeaderEpochRequest::Partition& partition : request.partitions) {
    response.partitions.push_back(replicas_.end_of_epoch(partition));
  }
  respond(context, token, std::move(response));
}

}  // namespace eosim::kafka
