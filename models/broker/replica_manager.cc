#include "models/broker/replica_manager.h"

#include <utility>

#include "models/protocol/shared.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

void report_append(sim::Context& context, const Replica& replica, BatchId id,
                   const AppendResult& result) {
  const RecordBatch& batch = kafka_shared(context).batches[id];
  const int64_t partition = replica.partition.packed();
  const int64_t producer = batch.producer.id.value;
  const int64_t epoch = batch.producer.epoch.value;
  if (result.duplicate) {
    context.emit(event_id(Event::kLogDuplicate), {partition, result.base_offset.value, id.index,
                                                  producer, epoch, batch.base_sequence.value});
  } else if (const auto* marker = std::get_if<Marker>(&batch.payload)) {
    context.emit(event_id(Event::kLogMarkerAppended),
                 {partition, result.base_offset.value, id.index, producer, epoch,
                  marker->coordinator_epoch.value, marker->type == ControlType::kCommit,
                  replica.leader_epoch.value});
  } else {
    context.emit(
        event_id(Event::kLogAppended),
        {partition, result.base_offset.value, result.last_offset.value, id.index, producer, epoch,
         batch.base_sequence.value, replica.leader_epoch.value, batch.transactional});
  }
}

// Up to 3.3 producers went with transactional ids (transactions.md 4.9).
int64_t producer_expiration_ms(const BrokerConfig& config) {
  const bool own =
      config.switches.as<ProducerExpiry>(Switch::kProducerExpiry) == ProducerExpiry::kProducerId;
  return own ? config.producer_id_expiration_ms : config.transactional_id_expiration_ms;
}

}  // namespace

ReplicaManager::ReplicaManager(const BrokerConfig& config)
    : self_(config.id),
      switches_(config.switches),
      min_insync_replicas_(config.min_insync_replicas),
      log_configs_(config.log_configs),
      lag_max_(sim::milliseconds(config.replica_lag_time_max_ms)),
      fetch_max_bytes_(config.replica_fetch_max_bytes),
      producer_expiration_ms_(producer_expiration_ms(config)) {}

void ReplicaManager::recover(sim::Context& context, const MetadataImage& image) {
  EOSIM_ASSERT(replicas_.empty());
  for (const TopicMetadata& topic : image.topics) {
    first_index_.push_back(static_cast<int32_t>(partition_index_.size()));
    for (size_t p = 0; p < topic.partitions.size(); ++p) {
      const PartitionMetadata& partition = topic.partitions[p];
      const auto number = static_cast<uint32_t>(partition_index_.size());
      partition_index_.push_back(-1);
      if (!partition.replicas.contains(self_)) continue;
      partition_index_.back() = static_cast<int32_t>(replicas_.size());
      Replica replica;
      replica.partition = {topic.topic, static_cast<int32_t>(p)};
      replica.file = {number};
      replica.assigned = partition.replicas;
      replica.min_isr = min_insync_replicas_.at(topic.topic.value);
      if (topic.topic.value < log_configs_.size()) {
        replica.log.configure(log_configs_[topic.topic.value]);
      }
      replicas_.push_back(std::move(replica));
    }
  }
  first_index_.push_back(static_cast<int32_t>(partition_index_.size()));
  for (Replica& replica : replicas_) recover_log(context, replica);
}

void ReplicaManager::report_refusal(sim::Context& context, TopicPartition partition, BatchId id,
                                    Error error) const {
  const RecordBatch& batch = kafka_shared(context).batches[id];
  context.emit(event_id(Event::kLogRefused),
               {partition.packed(), static_cast<int64_t>(error), id.index, batch.producer.id.value,
                batch.producer.epoch.value, batch.base_sequence.value});
}

VerificationStart ReplicaManager::begin_verification(TopicPartition partition,
                                                     const VerificationRequest& request) {
  Replica* replica = find_mutable(partition);
  EOSIM_ASSERT(replica != nullptr && replica->leads());
  return replica->log.begin_verification(switches_, request);
}

PartitionAppend ReplicaManager::append(sim::Context& context, TopicPartition partition,
                                       BatchId batch, const AppendTerms& terms,
                                       const AppendVerification& verification) {
  PartitionAppend append{partition, leadership(partition), {}, {}, false};
  Replica* replica = find_mutable(partition);
  const bool all = terms.acks == -1;
  if (append.error == Error::kNone && terms.min_isr) {
    append.error = error_before_append(*replica, terms.acks);
  }
  AppendResult result;
  Offset before;
  if (append.error == Error::kNone) {
    before = replica->log.log_end_offset();
    for (FollowerState& follower : replica->followers) {
      note_append(*replica, follower, *peers_.find(follower.broker));
    }
    result = replica->log.append(switches_, kafka_shared(context).batches, batch, terms.origin,
                                 replica->leader_epoch, verification);
    append.error = result.error;
  }
  if (append.error != Error::kNone) {
    report_refusal(context, partition, batch, append.error);
    if (terms.reference == BatchReference::kGiven) kafka_shared(context).batches.release(batch);
    return append;
  }
  report_append(context, *replica, batch, result);
  if (result.appended()) {
    if (terms.reference == BatchReference::kLent) kafka_shared(context).batches.retain(batch);
    write_entry(context, *replica, before, result.rolled);
    touch(*replica);
    raise_high_watermark(context, *replica);
  } else if (terms.reference == BatchReference::kGiven) {
    kafka_shared(context).batches.release(batch);
  }
  append.base_offset = result.base_offset;
  append.required = result.last_offset + 1;
  append.min_isr = terms.min_isr;
  append.waiting = all && replica->log.high_watermark() < append.required;
  if (all && !append.waiting && terms.min_isr) append.error = kafka::error_after_append(*replica);
  return append;
}

void ReplicaManager::note_move(Replica& replica) {
  if (replica.moved) return;
  replica.moved = true;
  moved_.push_back(replica.partition);
}

void ReplicaManager::touch(Replica& replica) {
  if (replica.touched) return;
  replica.touched = true;
  touched_.push_back(index_of(replica));
}

const std::vector<uint32_t>& ReplicaManager::take_touched() {
  const std::vector<uint32_t>& taken = touched_.take();
  for (const uint32_t replica : taken) replicas_[replica].touched = false;
  return taken;
}

const std::vector<TopicPartition>& ReplicaManager::take_moved() {
  const std::vector<TopicPartition>& taken = moved_.take();
  for (const TopicPartition partition : taken) find_mutable(partition)->moved = false;
  return taken;
}

ExpiredProducers ReplicaManager::expired_producers(sim::Context& context) const {
  return {context.wall().ms(), producer_expiration_ms_};
}

void ReplicaManager::expire_producers(sim::Context& context) {
  for (Replica& replica : replicas_) {
    replica.log.expire_producers(context.wall().ms(), producer_expiration_ms_);
  }
}

Offset ReplicaManager::high_watermark(TopicPartition partition) const {
  const Replica* replica = find(partition);
  EOSIM_ASSERT(replica != nullptr);
  return replica->log.high_watermark();
}

Error ReplicaManager::error_after_append(TopicPartition partition) const {
  const Replica* replica = find(partition);
  EOSIM_ASSERT(replica != nullptr);
  return kafka::error_after_append(*replica);
}

const Replica* ReplicaManager::find(TopicPartition partition) const {
  const size_t topic = partition.topic.value;
  if (topic + 1 >= first_index_.size() || partition.partition < 0) return nullptr;
  const int32_t number = first_index_[topic] + partition.partition;
  if (number >= first_index_[topic + 1]) return nullptr;
  const int32_t index = partition_index_[static_cast<size_t>(number)];
  return index < 0 ? nullptr : &replicas_[static_cast<size_t>(index)];
}

Replica* ReplicaManager::find_mutable(TopicPartition partition) {
  return const_cast<Replica*>(std::as_const(*this).find(partition));
}

const PartitionLog* ReplicaManager::log(TopicPartition partition) const {
  const Replica* replica = find(partition);
  return replica == nullptr ? nullptr : &replica->log;
}

bool ReplicaManager::leads(TopicPartition partition) const {
  const Replica* replica = find(partition);
  return replica != nullptr && replica->leads();
}

Error ReplicaManager::leadership(TopicPartition partition) const {
  if (leads(partition)) return Error::kNone;
  const size_t topic = partition.topic.value;
  const bool known = topic + 1 < first_index_.size() && partition.partition >= 0 &&
                     first_index_[topic] + partition.partition < first_index_[topic + 1];
  return known ? Error::kNotLeaderOrFollower : Error::kUnknownTopicOrPartition;
}

}  // namespace eosim::kafka
