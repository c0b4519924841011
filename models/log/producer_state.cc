#include "models/log/producer_state.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

void BatchWindow::push(const CachedBatch& batch) {
  if (size_ == kDepth) {
    for (size_t i = 1; i < kDepth; ++i) batches_[i - 1] = batches_[i];
    --size_;
  }
  batches_[size_] = batch;
  ++size_;
}

void BatchWindow::drop_before(Offset offset) {
  size_t dropped = 0;
  while (dropped < size_ && batches_[dropped].last_offset < offset) ++dropped;
  std::shift_left(batches_.begin(), batches_.end(), static_cast<ptrdiff_t>(dropped));
  size_ = static_cast<uint8_t>(size_ - dropped);
  std::fill(batches_.begin() + size_, batches_.end(), CachedBatch{});
}

void ProducerEntry::adopt_epoch(ProducerEpoch incoming) {
  if (incoming == epoch) return;
  window.clear();
  epoch = incoming;
}

void ProducerEntry::book_data(const RecordBatch& batch, Offset base_offset) {
  EOSIM_ASSERT(batch.producer.id == id && !batch.control() && batch.count >= 1);
  adopt_epoch(batch.producer.epoch);
  const int32_t delta = batch.count - 1;
  window.push({batch.last_sequence(), base_offset + delta, delta, batch.max_timestamp_ms});
  last_timestamp_ms = batch.max_timestamp_ms;
}

void ProducerEntry::book_marker(const RecordBatch& batch, const Marker& marker) {
  EOSIM_ASSERT(batch.producer.id == id && batch.count == 1);
  adopt_epoch(batch.producer.epoch);
  coordinator_epoch = marker.coordinator_epoch;
  last_timestamp_ms = batch.max_timestamp_ms;
  open_transaction = {};
}

const CachedBatch* find_duplicate(const ProducerEntry& entry, const RecordBatch& batch) {
  EOSIM_ASSERT(entry.id == batch.producer.id && batch.base_sequence.valid());
  if (batch.producer.epoch != entry.epoch) return nullptr;
  for (const CachedBatch& cached : entry.window.batches()) {
    if (cached.first_sequence() == batch.base_sequence &&
        cached.last_sequence == batch.last_sequence()) {
      return &cached;
    }
  }
  return nullptr;
}

Error check_epoch(ProducerEpoch known, ProducerEpoch incoming) {
  return incoming < known ? Error::kInvalidProducerEpoch : Error::kNone;
}

Error check_sequence(SequenceState known, ProducerEpoch epoch, Sequence first,
                     bool unknown_pid_raises) {
  EOSIM_ASSERT(epoch >= known.epoch && first.valid());
  if (epoch != known.epoch) {
    if (first.value == 0) return Error::kNone;                             // row 2
    if (known.epoch.valid()) return Error::kOutOfOrderSequenceNumber;      // row 3
    return unknown_pid_raises ? Error::kUnknownProducerId : Error::kNone;  // row 4
  }
  if (first == sequence_plus(known.last_sequence, 1)) return Error::kNone;  // rows 5 and 6
  if (!known.last_sequence.valid() && unknown_pid_raises) return Error::kUnknownProducerId;  // 7
  return Error::kOutOfOrderSequenceNumber;  // rows 7 and 8
}

Error check_marker(const ProducerEntry* known, ProducerEpoch epoch, CoordinatorEpoch coordinator,
                   bool strict) {
  if (known == nullptr) return Error::kNone;
  if (epoch < known->epoch) return Error::kInvalidProducerEpoch;
  if (strict && epoch == known->epoch && known->open_transaction.valid()) {
    return Error::kInvalidProducerEpoch;
  }
  if (coordinator < known->coordinator_epoch) return Error::kTransactionCoordinatorFenced;
  return Error::kNone;
}

const ProducerEntry* ProducerTable::find(ProducerId id) const {
  const auto at = std::ranges::lower_bound(entries_, id, {}, &ProducerEntry::id);
  return at == entries_.end() || at->id != id ? nullptr : &*at;
}

ProducerEntry& ProducerTable::find_or_create(ProducerId id) {
  EOSIM_ASSERT(id.valid());
  const auto at = std::ranges::lower_bound(entries_, id, {}, &ProducerEntry::id);
  if (at != entries_.end() && at->id == id) return *at;
  ProducerEntry entry;
  entry.id = id;
  return *entries_.insert(at, entry);
}

size_t ProducerTable::expire(int64_t now_ms, int64_t expiration_ms) {
  return std::erase_if(
      entries_, [&](const ProducerEntry& entry) { return entry.expired(now_ms, expiration_ms); });
}

void ProducerTable::push_back(const ProducerEntry& entry) {
  EOSIM_ASSERT(entry.id.valid() && (entries_.empty() || entries_.back().id < entry.id));
  entries_.push_back(entry);
}

std::vector<ProducerEntry> ProducerTable::evict_before(Offset log_start) {
  std::vector<ProducerEntry> evicted;
  for (ProducerEntry& entry : entries_) {
    entry.window.drop_before(log_start);
    if (entry.window.empty()) evicted.push_back(entry);
  }
  std::erase_if(entries_, [](const ProducerEntry& entry) { return entry.window.empty(); });
  return evicted;
}

}  // namespace eosim::kafka
