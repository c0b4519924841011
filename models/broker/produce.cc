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
namespace {

// KIP-951: from here on an answer names the leader.
constexpr int16_t kNamesLeader = 10;

// As far as this broker's metadata has it, which may be late, too.
void name_leader(const MetadataImage& cluster, ProduceResponse::Partition& answer) {
  const TopicPartition partition = answer.partition;
  if (partition.topic.value >= cluster.topics.size()) return;
  const auto& partitions = cluster.topics[partition.topic.value].partitions;
  const auto index = static_cast<size_t>(partition.partition);
  if (index >= partitions.size() || !partitions[index].leader.valid()) return;
  answer.leader = partitions[index].leader;
  answer.leader_epoch = partitions[index].leader_epoch;
}

}  // namespace

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
  PartitionBatches batches;
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
  owner.version = request.header.version;
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
    ProduceResponse::Partition answer;
    answer.partition = append.partition;
    answer.error = append.error;
    if (done) answer.base_offset = append.base_offset;
    if (log != nullptr) answer.log_start_offset = log->log_start_offset();
    if (append.error == Error::kNotLeaderOrFollower && finished.owner.version >= kNamesLeader) {
      name_leader(image(context), answer);
    }
    response.partitions.push_back(std::move(answer));
  }
  respond(context, finished.owner.request, std::move(response));
}

}  // namespace eosim::kafka
