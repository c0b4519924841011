// Produce: the batch of each partition goes through the leader's checks into its log, and with
// acks=all waits until the high watermark has passed it (transactions.md 2.7). One answer, when all
// partitions are decided.
//
// The first write of a transaction may have to be verified before (verification.cc). Left out:
// permissions.
#include "models/broker/respond.h"
#include "models/protocol/features.h"
#include "sim/assert.h"

namespace eosim::kafka {

void Broker::handle(sim::Context& context, RequestToken token, const ProduceRequest& request) {
  EOSIM_ASSERT(request.acks >= -1 && request.acks <= 1);
  if (verify_produce(context, token, request, context.steady())) return;
  append_verified(context, token, request, {});
}

// `guarded`: partitions that were verified, or failed to be.
void Broker::append_verified(sim::Context& context, RequestToken token,
                             const ProduceRequest& request, const List<Guarded>& guarded) {
  const MetadataImage& cluster = image(context);
  const bool verified = config_.transaction_partition_verification_enable &&
                        verifies(config_.switches, TransactionalWrite::kProduce);
  List<PartitionBatch> batches;
  batches.reserve(request.partitions.size());
  for (const ProduceRequest::Partition& partition : request.partitions) {
    // Clients may not write to internal topics, nor transactionally without an id (rows 1 and 6);
    // ours do neither.
    const TopicId topic = partition.partition.topic;
    EOSIM_ASSERT(topic.value >= cluster.topics.size() || !cluster.topics[topic.value].internal);
    EOSIM_ASSERT(!shared(context).batches[partition.batch].transactional ||
                 request.transactional_id.valid());
    PartitionBatch batch{partition.partition, partition.batch, {verified, {}}};
    for (const Guarded& guard : guarded) {
      if (guard.partition != partition.partition) continue;
      batch.verification.guard = guard.guard;
      batch.error = guard.error;
    }
    batches.push_back(batch);
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
    const PartitionLog* log =
        replicas_.leads(append.partition) ? replicas_.log(append.partition) : nullptr;
    response.partitions.push_back({append.partition, append.error,
                                   done ? append.base_offset : Offset{},
                                   log == nullptr ? Offset{} : log->log_start_offset()});
  }
  respond(context, finished.owner.request, std::move(response));
}

}  // namespace eosim::kafka
