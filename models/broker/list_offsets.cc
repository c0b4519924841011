// ListOffsets: the ends of a log as this reader sees them, or the first offset at or after a time.
// The end of a consumer's world is the high watermark, for read_committed the last stable offset
// (Kafka's Partition.fetchOffsetForTimestamp).
//
// A new leader answers OFFSET_NOT_AVAILABLE while its high watermark lies before the start of its
// epoch.
#include <utility>

#include "models/broker/respond.h"

namespace eosim::kafka {

void Broker::handle(sim::Context& context, RequestToken token, const ListOffsetsRequest& request) {
  ListOffsetsResponse response;
  response.partitions.reserve(request.partitions.size());
  for (const ListOffsetsRequest::Partition& partition : request.partitions) {
    response.partitions.push_back(
        replicas_.list_offset(shared(context).batches, partition, request.isolation));
  }
  respond(context, token, std::move(response));
}

}  // namespace eosim::kafka
