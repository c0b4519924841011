#include "models/protocol/shared.h"

#include "models/protocol/references.h"
#include "models/protocol/words.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

std::string producer_text(ProducerIdAndEpoch producer) {
  return std::to_string(producer.id.value) + "/" + std::to_string(producer.epoch.value);
}

// What a batch says in one line. The id of a batch names nothing outside its run, so what is in the
// batch stands for it.
class BatchText {
 public:
  BatchText(const KafkaShared& shared, const RecordBatch& batch) : shared_(shared), batch_(batch) {}

  std::string operator()(const List<Record>&) const {
    std::string text = std::to_string(batch_.count) + (batch_.count == 1 ? " record" : " records");
    if (!batch_.producer.id.valid()) return text;
    text += " of " + producer_text(batch_.producer);
    if (!batch_.base_sequence.valid()) return text;
    return text + " from sequence " + std::to_string(batch_.base_sequence.value);
  }

  std::string operator()(const Marker& marker) const {
    return std::string(word(marker.type)) + " of " + producer_text(batch_.producer);
  }

  // The slides' partition set: the content of the transaction's status record.
  std::string operator()(const List<TransactionLogRecord>& records) const {
    std::string text;
    for (const TransactionLogRecord& record : records) {
      if (!text.empty()) text += " ";
      text += record.tombstone ? "tombstone" : partition_set(record.partitions);
    }
    return text;
  }

  std::string operator()(const List<GroupRecord>& records) const {
    std::string text;
    for (const GroupRecord& record : records) {
      if (!text.empty()) text += " ";
      text += std::string(shared_.names.text(record.group)) + " ";
      text += record.tombstone ? "tombstone" : "generation ";
      if (!record.tombstone) text += std::to_string(record.generation.value);
    }
    return text;
  }

  std::string operator()(const List<OffsetRecord>& records) const {
    std::string text;
    for (const OffsetRecord& record : records) {
      if (!text.empty()) text += ", ";
      text += shared_.partition_name(record.partition);
      text += record.tombstone ? " tombstone" : "@";
      if (!record.tombstone) text += std::to_string(record.offset.value);
    }
    return text;
  }

 private:
  std::string partition_set(const List<TopicPartition>& partitions) const {
    std::string text = "{";
    for (const TopicPartition& partition : partitions) {
      if (text.size() > 1) text += ", ";
      text += shared_.partition_name(partition);
    }
    return text + "}";
  }

  const KafkaShared& shared_;
  const RecordBatch& batch_;
};

std::string batch_text(const KafkaShared& shared, int64_t value) {
  const BatchId id{static_cast<uint32_t>(value)};
  if (!id.valid()) return "-";
  const RecordBatch& batch = shared.batches[id];
  return std::visit(BatchText(shared, batch), batch.payload);
}

template <class E>
std::string word_text(int64_t value) {
  return std::string(word(static_cast<E>(value)));
}

}  // namespace

std::string KafkaShared::partition_name(TopicPartition partition) const {
  if (!partition.valid()) return "-";
  return topic_names.at(partition.topic.value) + "-" + std::to_string(partition.partition);
}

void KafkaShared::entries_lost(sim::FileId file, std::span<const sim::DiskEntry> entries) {
  if (file.index >= log_files) return;
  for (const sim::DiskEntry& entry : entries) {
    const BatchId batch{entry.id};
    if (batch.valid()) batches.release(batch);  // else a hole in the offsets
  }
}

void KafkaShared::release_body(sim::MessageKind kind, bool request, uint32_t body) {
  EOSIM_ASSERT(kind.index < kRpcCount);
  const Rpc rpc = static_cast<Rpc>(kind.index);
  if (rpc == Rpc::kProduce && request) {
    release_references(*this, bodies.get<ProduceRequest>(body));
  } else if (rpc == Rpc::kFetch && !request) {
    release_references(*this, bodies.get<FetchResponse>(body));
  } else if (rpc == Rpc::kMetadata && !request) {
    release_references(*this, bodies.get<MetadataResponse>(body));
  } else if (rpc == Rpc::kFetchClusterMetadata && !request) {
    release_references(*this, bodies.get<FetchClusterMetadataResponse>(body));
  }
  bodies.release(rpc, request, body);
}

const std::vector<sim::EventKind>& KafkaShared::event_kinds() const { return kafka::event_kinds(); }

std::string KafkaShared::format(sim::FieldType type, int64_t value) const {
  switch (static_cast<Field>(type)) {
    case Field::kInteger:
    case Field::kDuration:
    case Field::kProcess:
      return std::to_string(value);
    case Field::kBatch:
      return batch_text(*this, value);
    case Field::kName:
      return std::string(names.text(Name{static_cast<uint32_t>(value)}));
    case Field::kPartition:
      return partition_name(TopicPartition::unpacked(value));
    case Field::kError:
      return std::string(error_name(static_cast<Error>(value)));
    case Field::kTxnState:
      return value == -1 ? "NonExistent" : word_text<TransactionState>(value);
    case Field::kGroupState:
      return word_text<GroupState>(value);
    case Field::kBool:
      return value != 0 ? "true" : "false";
    case Field::kProducerState:
      return word_text<ProducerClientState>(value);
    case Field::kIsolation:
      return word_text<IsolationLevel>(value);
    case Field::kOutcome:
      return word_text<CommitOutcome>(value);
    case Field::kRemovalReason:
      return word_text<RemovalReason>(value);
    case Field::kRpc:
      return std::string(rpc_name(static_cast<Rpc>(value)));
  }
  EOSIM_ASSERT(false && "a type of field that no event has");
  return {};
}

uint64_t KafkaShared::stable_hash(sim::FieldType type, int64_t value) const {
  EOSIM_ASSERT(type != sim::FieldType::kStoreId);
  if (is_stable(type)) return static_cast<uint64_t>(value);
  return names.hash(Name{static_cast<uint32_t>(value)});
}

bool KafkaShared::is_stable(sim::FieldType type) const {
  return static_cast<Field>(type) != Field::kName;
}

}  // namespace eosim::kafka
