#include "models/broker/replica_manager.h"

#include <utility>

#include "models/broker/timers.h"
#include "models/protocol/shared.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

BatchStore& batches(sim::Context& context) {
  return static_cast<KafkaShared&>(context.shared()).batches;
}

void report_append(sim::Context& context, const Replica& replica, BatchId id,
                   const AppendResult& result) {
  const RecordBatch& batch = batches(context)[id];
  const int64_t partition = replica.partition.packed();
  const int64_t producer = batch.producer.id.value;
  const int64_t epoch = batch.producer.epoch.value;
  if (result.duplicate) {
    context.emit(event_id(Event::kLogDuplicate), {partition, result.base_offset.value, id.index,
                                                  producer, epoch, batch.base_sequence.value});
  } else if (const auto* marker = std::get_if<Marker>(&batch.payload)) {
    context.emit(event_id(Event::kLogMarkerAppended),
                 {partition, result.base_offset.value, id.index, producer, epoch,
                  marker->coordinator_epoch.value, marker->type == ControlType::kCommit});
  } else {
    context.emit(
        event_id(Event::kLogAppended),
        {partition, result.base_offset.value, result.last_offset.value, id.index, producer, epoch,
         batch.base_sequence.value, replica.leader_epoch.value, batch.transactional});
  }
}

void report_refusal(sim::Context& context, TopicPartition partition, BatchId id, Error error) {
  const RecordBatch& batch = batches(context)[id];
  context.emit(event_id(Event::kLogRefused),
               {partition.packed(), static_cast<int64_t>(error), id.index, batch.producer.id.value,
                batch.producer.epoch.value, batch.base_sequence.value});
}

}  // namespace

ReplicaManager::ReplicaManager(const BrokerConfig& config, const MetadataImage& image)
    : switches_(config.switches), high_watermark_lag_(config.high_watermark_lag) {
  for (const TopicMetadata& topic : image.topics) {
    first_index_.push_back(static_cast<int32_t>(partition_index_.size()));
    for (size_t p = 0; p < topic.partitions.size(); ++p) {
      const PartitionMetadata& partition = topic.partitions[p];
      const auto number = static_cast<uint32_t>(partition_index_.size());
      partition_index_.push_back(-1);
      if (partition.leader != config.id) continue;
      partition_index_.back() = static_cast<int32_t>(replicas_.size());
      Replica replica;
      replica.partition = {topic.topic, static_cast<int32_t>(p)};
      replica.file = {number};
      replica.leader_epoch = partition.leader_epoch;
      replica.isr_size = static_cast<int32_t>(partition.replicas.size());
      replica.min_isr = config.min_insync_replicas.at(topic.topic.value);
      replicas_.push_back(std::move(replica));
    }
  }
  first_index_.push_back(static_cast<int32_t>(partition_index_.size()));
}

void ReplicaManager::recover(sim::Context& context) {
  for (Replica& replica : replicas_) {
    const auto entries = std::as_const(context.disk()).read(replica.file);
    if (!entries.empty()) {
      std::vector<StoredBatch> stored;
      stored.reserve(entries.size());
      // Leaders do not move yet, so one epoch has written everything.
      for (const sim::DiskEntry& entry : entries) {
        stored.push_back({BatchId{entry.id}, replica.leader_epoch});
      }
      replica.log.rebuild(switches_, batches(context), stored);
    }
    replica.log.begin_leader_epoch(replica.leader_epoch);
    if (entries.empty()) continue;
    // The only copy of a partition has nobody to wait for: what it has is committed, also what was
    // not below the high watermark when the broker died.
    advance_high_watermark(context, replica, replica.log.log_end_offset());
    context.emit(event_id(Event::kLogLoaded),
                 {replica.partition.packed(), replica.log.log_end_offset().value,
                  replica.log.high_watermark().value, replica.log.last_stable_offset().value});
  }
}

PartitionAppend ReplicaManager::append(sim::Context& context, TopicPartition partition,
                                       BatchId batch, const AppendTerms& terms) {
  PartitionAppend append{partition, leadership(partition), {}, {}, false};
  Replica* replica = find(partition);
  const bool all = terms.acks == -1;
  if (append.error == Error::kNone && all && replica->isr_size < replica->min_isr) {
    append.error = Error::kNotEnoughReplicas;
  }
  AppendResult result;
  if (append.error == Error::kNone) {
    result = replica->log.append(switches_, batches(context), batch, terms.origin,
                                 replica->leader_epoch);
    append.error = result.error;
  }
  if (append.error != Error::kNone) {
    report_refusal(context, partition, batch, append.error);
    if (terms.reference == BatchReference::kGiven) batches(context).release(batch);
    return append;
  }
  report_append(context, *replica, batch, result);
  if (result.appended()) {
    if (terms.reference == BatchReference::kLent) batches(context).retain(batch);
    context.disk().append(replica->file, {batch.index, batches(context)[batch].bytes});
    after_append(context, *replica);
  } else if (terms.reference == BatchReference::kGiven) {
    batches(context).release(batch);
  }
  append.base_offset = result.base_offset;
  append.required = result.last_offset + 1;
  append.waiting = all && replica->log.high_watermark() < append.required;
  if (all && !append.waiting) append.error = error_after_append(partition);
  return append;
}

// The step of its own that replication will take over: today nobody else has to have the records.
void ReplicaManager::after_append(sim::Context& context, Replica& replica) {
  const Offset end = replica.log.log_end_offset();
  if (high_watermark_lag_.ns == 0) return advance_high_watermark(context, replica, end);
  const auto index = static_cast<uint32_t>(&replica - replicas_.data());
  context.set_timer(
      context.actor(), high_watermark_lag_,
      timer_tag(BrokerTimer::kHighWatermark, index, static_cast<uint64_t>(end.value)));
}

void ReplicaManager::on_lag_over(sim::Context& context, uint32_t replica, Offset offset) {
  Replica& caught_up = replicas_.at(replica);
  advance_high_watermark(context, caught_up, offset);
}

void ReplicaManager::advance_high_watermark(sim::Context& context, Replica& replica,
                                            Offset offset) {
  if (!replica.log.raise_high_watermark(offset)) return;
  note_move(replica);
  context.emit(event_id(Event::kLogHighWatermark), {replica.partition.packed(), offset.value});
  report_stable_offset(context, replica);
}

void ReplicaManager::report_stable_offset(sim::Context& context, Replica& replica) {
  const Offset stable = replica.log.last_stable_offset();
  // Within a leader's term it only grows (transactions.md 4.7).
  EOSIM_ASSERT(stable >= replica.reported_stable);
  if (stable == replica.reported_stable) return;
  replica.reported_stable = stable;
  context.emit(event_id(Event::kLogLastStableOffset), {replica.partition.packed(), stable.value});
}

void ReplicaManager::note_move(Replica& replica) {
  if (replica.moved) return;
  replica.moved = true;
  moved_.push_back(replica.partition);
}

List<TopicPartition> ReplicaManager::take_moved() {
  for (const TopicPartition partition : moved_) find(partition)->moved = false;
  return std::exchange(moved_, {});
}

void ReplicaManager::expire_producers(sim::Context& context, int64_t expiration_ms) {
  for (Replica& replica : replicas_) {
    replica.log.expire_producers(context.wall().ms(), expiration_ms);
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
  return replica->isr_size < replica->min_isr ? Error::kNotEnoughReplicasAfterAppend : Error::kNone;
}

const Replica* ReplicaManager::find(TopicPartition partition) const {
  const size_t topic = partition.topic.value;
  if (topic + 1 >= first_index_.size() || partition.partition < 0) return nullptr;
  const int32_t number = first_index_[topic] + partition.partition;
  if (number >= first_index_[topic + 1]) return nullptr;
  const int32_t index = partition_index_[static_cast<size_t>(number)];
  return index < 0 ? nullptr : &replicas_[static_cast<size_t>(index)];
}

Replica* ReplicaManager::find(TopicPartition partition) {
  return const_cast<Replica*>(std::as_const(*this).find(partition));
}

const PartitionLog* ReplicaManager::log(TopicPartition partition) const {
  const Replica* replica = find(partition);
  return replica == nullptr ? nullptr : &replica->log;
}

Error ReplicaManager::leadership(TopicPartition partition) const {
  if (find(partition) != nullptr) return Error::kNone;
  const size_t topic = partition.topic.value;
  const bool known = topic + 1 < first_index_.size() && partition.partition >= 0 &&
                     first_index_[topic] + partition.partition < first_index_[topic + 1];
  return known ? Error::kNotLeaderOrFollower : Error::kUnknownTopicOrPartition;
}

}  // namespace eosim::kafka
