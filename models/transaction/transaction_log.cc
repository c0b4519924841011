#include "models/transaction/transaction_log.h"

#include <map>

#include "sim/assert.h"

namespace eosim::kafka {

namespace {

// Sizes of format v0: framing of a record, key version and length, the fixed fields of the value,
// and what a topic and a partition add. A topic's name is taken as 16 bytes.
constexpr uint32_t kFrameBytes = 8;
constexpr uint32_t kKeyBytes = 4;
constexpr uint32_t kValueBytes = 37;
constexpr uint32_t kTopicBytes = 22;
constexpr uint32_t kPartitionBytes = 4;

TransactionMetadata from_record(const TransactionLogRecord& record) {
  EOSIM_ASSERT(record.state != TransactionState::kDead);
  EOSIM_ASSERT(record.state != TransactionState::kPrepareEpochFence);
  return {.transactional_id = record.transactional_id,
          .producer = record.producer,
          .previous_producer_id = {},
          .last_producer_epoch = {},
          .timeout_ms = record.timeout_ms,
          .state = record.state,
          .pending = std::nullopt,
          .partitions = record.partitions,
          .start_ms = record.start_ms,
          .last_update_ms = record.last_update_ms,
          .failed_epoch_fence = false,
          .instance = record.instance};
}

}  // namespace

TransactionLogRecord to_record(Name transactional_id, const TransactionTransit& transit) {
  return {.transactional_id = transactional_id,
          .tombstone = false,
          .producer = transit.producer,
          .timeout_ms = transit.timeout_ms,
          .state = transit.state,
          .partitions = transit.partitions,
          .last_update_ms = transit.last_update_ms,
          .start_ms = transit.start_ms,
          .instance = transit.instance};
}

TransactionLogRecord tombstone_record(Name transactional_id) {
  TransactionLogRecord record;
  record.transactional_id = transactional_id;
  record.tombstone = true;
  return record;
}

uint32_t record_bytes(const Names& names, const TransactionLogRecord& record) {
  uint32_t bytes = kFrameBytes + kKeyBytes;
  bytes += static_cast<uint32_t>(names.text(record.transactional_id).size());
  if (record.tombstone) return bytes;
  bytes += kValueBytes;
  TopicId topic;
  for (const TopicPartition& partition : record.partitions) {
    if (partition.topic != topic) bytes += kTopicBytes;
    topic = partition.topic;
    bytes += kPartitionBytes;
  }
  return bytes;
}

RecordBatch make_transaction_log_batch(const Names& names, List<TransactionLogRecord> records,
                                       int64_t now_ms) {
  EOSIM_ASSERT(!records.empty());
  RecordBatch batch;
  batch.count = static_cast<int32_t>(records.size());
  batch.bytes = kBatchOverheadBytes;
  for (const TransactionLogRecord& record : records) batch.bytes += record_bytes(names, record);
  batch.max_timestamp_ms = now_ms;
  if (records.size() == 1) batch.instance = records.front().instance;
  batch.payload = std::move(records);
  return batch;
}

std::vector<TransactionMetadata> fold_transaction_log(const BatchStore& batches,
                                                      std::span<const BatchId> log) {
  std::map<uint32_t, const TransactionLogRecord*> newest;
  for (const BatchId id : log) {
    const auto* records = std::get_if<List<TransactionLogRecord>>(&batches[id].payload);
    EOSIM_ASSERT(records != nullptr);
    for (const TransactionLogRecord& record : *records) {
      newest[record.transactional_id.id] = &record;
    }
  }
  std::vector<TransactionMetadata> transactions;
  for (const auto& [id, record] : newest) {
    if (!record->tombstone) transactions.push_back(from_record(*record));
  }
  return transactions;
}

}  // namespace eosim::kafka
