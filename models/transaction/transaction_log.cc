#include "models/transaction/transaction_log.h"

#include <map>

#include "sim/assert.h"

namespace eosim::kafka {

namespace {

// Framing of a record, key version and length, a partition.
constexpr uint32_t kFrameBytes = 8;
constexpr uint32_t kKeyBytes = 4;
constexpr uint32_t kPartitionBytes = 4;
// The fixed fields of the value and what a topic adds, by version of the value; 1 has short lengths
// and tags. A topic's name is taken as 16 bytes.
struct ValueBytes {
  uint32_t fixed, topic, client_version;
};
constexpr ValueBytes kValueBytes[] = {{37, 22, 0}, {35, 19, 4}};

TransactionMetadata from_record(const TransactionLogRecord& record, BatchId batch) {
  EOSIM_ASSERT(record.state != TransactionState::kDead);
  EOSIM_ASSERT(record.state != TransactionState::kPrepareEpochFence);
  return {.transactional_id = record.transactional_id,
          .producer = record.producer,
          .previous_producer_id = {},
          .next_producer_id = {},
          .last_producer_epoch = {},
          .timeout_ms = record.timeout_ms,
          .state = record.state,
          .pending = std::nullopt,
          .partitions = record.partitions,
          .start_ms = record.start_ms,
          .last_update_ms = record.last_update_ms,
          .client_transaction_version = record.client_transaction_version,
          .failed_epoch_fence = false,
          .instance = record.instance,
          .record = batch,
          .taken_back = {},
          .epoch_ahead_of_log = false};
}

}  // namespace

TransactionLogRecord to_record(Name transactional_id, const TransactionTransit& transit,
                               TxnLogValueVersion version) {
  const bool tagged = version == TxnLogValueVersion::kV1;
  return {.transactional_id = transactional_id,
          .tombstone = false,
          .producer = transit.producer,
          .timeout_ms = transit.timeout_ms,
          .state = transit.state,
          .partitions = transit.partitions,
          .last_update_ms = transit.last_update_ms,
          .start_ms = transit.start_ms,
          .client_transaction_version =
              tagged ? transit.client_transaction_version : static_cast<int16_t>(0),
          .instance = transit.instance};
}

TransactionLogRecord tombstone_record(Name transactional_id) {
  TransactionLogRecord record;
  record.transactional_id = transactional_id;
  record.tombstone = true;
  return record;
}

uint32_t record_bytes(const Names& names, const TransactionLogRecord& record,
                      TxnLogValueVersion version) {
  const ValueBytes& value = kValueBytes[static_cast<size_t>(version)];
  uint32_t bytes = kFrameBytes + kKeyBytes;
  bytes += static_cast<uint32_t>(names.text(record.transactional_id).size());
  if (record.tombstone) return bytes;
  bytes += value.fixed;
  if (record.client_transaction_version != 0) bytes += value.client_version;
  TopicId topic;
  for (const TopicPartition& partition : record.partitions) {
    if (partition.topic != topic) bytes += value.topic;
    topic = partition.topic;
    bytes += kPartitionBytes;
  }
  return bytes;
}

RecordBatch make_transaction_log_batch(const Names& names, List<TransactionLogRecord> records,
                                       TxnLogValueVersion version, int64_t now_ms) {
  EOSIM_ASSERT(!records.empty());
  RecordBatch batch;
  batch.count = static_cast<int32_t>(records.size());
  batch.bytes = kBatchOverheadBytes;
  for (const TransactionLogRecord& record : records)
    batch.bytes += record_bytes(names, record, version);
  batch.max_timestamp_ms = now_ms;
  if (records.size() == 1) batch.instance = records.front().instance;
  batch.payload = std::move(records);
  return batch;
}

std::vector<TransactionMetadata> fold_transaction_log(const BatchStore& batches,
                                                      std::span<const BatchId> log) {
  struct Newest {
    const TransactionLogRecord* record = nullptr;
    BatchId batch;
  };
  std::map<uint32_t, Newest> newest;
  for (const BatchId id : log) {
    const auto* records = std::get_if<List<TransactionLogRecord>>(&batches[id].payload);
    EOSIM_ASSERT(records != nullptr);
    for (const TransactionLogRecord& record : *records) {
      newest[record.transactional_id.id] = {&record, id};
    }
  }
  std::vector<TransactionMetadata> transactions;
  for (const auto& [id, last] : newest) {
    if (!last.record->tombstone) transactions.push_back(from_record(*last.record, last.batch));
  }
  return transactions;
}

}  // namespace eosim::kafka
