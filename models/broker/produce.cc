// Produce: the batch of each partition goes through the leader's checks into its log, and with
// acks=all waits until the high watermark has passed it (transactions.md 2.7). One answer, when all
// partitions are decided.
//
// Left out: permissions, and the verification of KIP-890, whose eras are not there yet.
#include "models/broker/respond.h"
#include "sim/assert.h"

namespace eosim::kafka {

void Broker::handle(sim::Context& context, RequestToken token, const ProduceRequest& request) {
  EOSIM_ASSERT(request.acks >= -1 && request.acks <= 1);
  const MetadataImage& cluster = image(context);
  List<PartitionBatch> batches;
  batches.reserve(request.partitions.size());
  for (const ProduceRequest::Partition& partition : request.partitions) {
    // Clients may not write to internal topics, nor transactionally without an id (rows 1 and 6);
    // ours do neither.
    const TopicId topic = partition.partition.topic;
    EOSIM_ASSERT(topic.value >= cluster.topics.size() || !cluster.topics[topic.value].internal);
    EOSIM_ASSERT(!shared(context).batches[partition.batch].transactional ||
                 request.transactional_id.valid());
    batches.push_back({partition.partition, partition.batch});
  }
  AppendOwner owner;
  owner.request = token;
  owner.acks = request.acks;
  append(context, owner, batches, {Origin::kClient, request.acks, BatchReference::kLent},
         sim::milliseconds(request.timeout_ms));
}

void Broker::finish_produce(sim::Context& context, const FinishedAppend& finished) {
  if (finished.owner.acks == 0) {
    // Kafka closes the connection if there was an error; the client of this model cannot tell.
    context.finish(finished.owner.request.connection);
    return;
  }
  ProduceResponse response;
  response.partitions.reserve(finished.partitions.size());
  for (const PartitionAppend& append : finished.partitions) {
    const bool done = append.error == Error::kNone;
    // A refusal tells it, too: what a client does with UNKNOWN_PRODUCER_ID depends on it
    // (transactions.md 5.7).
    const PartitionLog* log = replicas_.log(append.partition);
    response.partitions.push_back({append.partition, append.error,
                                   done ? append.base_offset : Offset{},
                                   log == nullptr ? Offset{} : log->log_start_offset()});
  }
  respond(context, finished.owner.request, std::move(response));
}

}  // namespace eosim::kafka
