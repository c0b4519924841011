// The key of a record, as the cleaner compares them: what Kafka's own schemas put into the key.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

#include "models/protocol/batch.h"

namespace eosim::kafka {

struct RecordKey {
  enum class Kind : uint8_t { kUser, kTransactionalId, kGroup, kOffset };
  Kind kind = Kind::kUser;
  uint32_t text = 0;  // the user's number, or Name::id: never shown, so its order does not matter
  TopicPartition partition;
  friend auto operator<=>(const RecordKey&, const RecordKey&) = default;
};

// Of a batch of data: how many records it has, what names each of them, and whether it only deletes
// (a null value; a user's record without bytes).
size_t record_count(const RecordBatch& batch);
RecordKey record_key(const RecordBatch& batch, size_t index);
bool is_tombstone(const RecordBatch& batch, size_t index);

// A copy with only the records at these indices, in rising order. Offsets, sequences and everything
// else that a header says stay.
RecordBatch with_records(const RecordBatch& batch, const List<size_t>& kept);

}  // namespace eosim::kafka
