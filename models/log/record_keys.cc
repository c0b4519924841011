#include "models/log/record_keys.h"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using Kind = RecordKey::Kind;

RecordKey key_of(const Record& record) {
  return {Kind::kUser, static_cast<uint32_t>(record.key), {}};
}
RecordKey key_of(const TransactionLogRecord& record) {
  return {Kind::kTransactionalId, record.transactional_id.id, {}};
}
RecordKey key_of(const GroupRecord& record) { return {Kind::kGroup, record.group.id, {}}; }
RecordKey key_of(const OffsetRecord& record) {
  return {Kind::kOffset, record.group.id, record.partition};
}

bool deletes(const Record& record) { return record.bytes == 0; }
bool deletes(const TransactionLogRecord& record) { return record.tombstone; }
bool deletes(const GroupRecord& record) { return record.tombstone; }
bool deletes(const OffsetRecord& record) { return record.tombstone; }

// A marker has a key, too, and it may be the bytes of a user's key. It is not the key of anything,
// and whoever asks for it is wrong (KAFKA-14055).
template <class Result, class Function>
Result visit_records(const RecordBatch& batch, Function&& function) {
  return std::visit(
      [&](const auto& payload) -> Result {
        if constexpr (std::is_same_v<std::decay_t<decltype(payload)>, Marker>) {
          EOSIM_ASSERT(false && "a marker has no key");
          return Result{};
        } else {
          return function(payload);
        }
      },
      batch.payload);
}

}  // namespace

size_t record_count(const RecordBatch& batch) {
  return visit_records<size_t>(batch, [](const auto& records) { return records.size(); });
}

RecordKey record_key(const RecordBatch& batch, size_t index) {
  return visit_records<RecordKey>(batch,
                                  [&](const auto& records) { return key_of(records.at(index)); });
}

bool is_tombstone(const RecordBatch& batch, size_t index) {
  return visit_records<bool>(batch,
                             [&](const auto& records) { return deletes(records.at(index)); });
}

RecordBatch with_records(const RecordBatch& batch, const List<size_t>& kept) {
  RecordBatch cleaned;
  cleaned.producer = batch.producer;
  cleaned.base_sequence = batch.base_sequence;
  cleaned.transactional = batch.transactional;
  cleaned.count = batch.count;
  cleaned.max_timestamp_ms = batch.max_timestamp_ms;
  cleaned.instance = batch.instance;
  cleaned.delete_horizon_ms = batch.delete_horizon_ms;
  for (const size_t index : kept) cleaned.offset_deltas.push_back(record_delta(batch, index));
  const size_t records = visit_records<size_t>(batch, [&](const auto& before) {
    std::decay_t<decltype(before)> after;
    for (const size_t index : kept) after.push_back(before.at(index));
    cleaned.payload = std::move(after);
    return before.size();
  });
  // Records are taken as equally long.
  const uint64_t body = batch.bytes - std::min(batch.bytes, kBatchOverheadBytes);
  const uint64_t rest = records == 0 ? 0 : body * kept.size() / records;
  cleaned.bytes = std::min(batch.bytes, kBatchOverheadBytes) + static_cast<uint32_t>(rest);
  return cleaned;
}

}  // namespace eosim::kafka
