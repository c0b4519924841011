// What a partition knows of its producers: the memory behind idempotence and fencing
// (transactions.md 1.9, 4.2-4.6; Kafka's ProducerStateManager and ProducerStateEntry).
//
// The checks are functions of plain state and change nothing; a batch that passed them is then
// booked. So a refused append leaves no trace (invariant P18).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/protocol/batch.h"
#include "models/protocol/errors.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

// One of the last batches of a producer; enough to answer a resend of it.
struct CachedBatch {
  Sequence last_sequence;  // unset: written by a coordinator
  Offset last_offset;
  int32_t offset_delta = 0;
  int64_t timestamp_ms = -1;

  Sequence first_sequence() const {
    return last_sequence.valid() ? sequence_minus(last_sequence, offset_delta) : Sequence{};
  }
  Offset base_offset() const { return last_offset + -offset_delta; }
  friend bool operator==(const CachedBatch&, const CachedBatch&) = default;
};

// The last five batches of a producer's epoch, oldest first.
class BatchWindow {
 public:
  static constexpr size_t kDepth = 5;

  void push(const CachedBatch& batch);
  void clear() { *this = {}; }
  // Those that end below the offset (transactions.md 4.9, up to 2.3).
  void drop_before(Offset offset);
  bool empty() const { return size_ == 0; }
  std::span<const CachedBatch> batches() const { return {batches_.data(), size_}; }
  Sequence last_sequence() const {
    return empty() ? Sequence{} : batches_[size_ - 1u].last_sequence;
  }
  friend bool operator==(const BatchWindow&, const BatchWindow&) = default;

 private:
  std::array<CachedBatch, kDepth> batches_{};  // beyond size_: as made, so that == compares values
  uint8_t size_ = 0;
};

struct ProducerEntry {
  ProducerId id;
  ProducerEpoch epoch;
  CoordinatorEpoch coordinator_epoch;  // of the last marker
  int64_t last_timestamp_ms = -1;      // of the last data batch or marker
  Offset open_transaction;             // first offset; unset: none is open
  BatchWindow window;

  Sequence last_sequence() const { return window.last_sequence(); }
  bool expired(int64_t now_ms, int64_t expiration_ms) const {
    return !open_transaction.valid() && now_ms - last_timestamp_ms >= expiration_ms;
  }
  // 4.5 and 4.6 item 3; the transaction is booked by the log.
  void book_data(const RecordBatch& batch, Offset base_offset);
  void book_marker(const RecordBatch& batch, const Marker& marker);
  friend bool operator==(const ProducerEntry&, const ProducerEntry&) = default;

 private:
  void adopt_epoch(ProducerEpoch epoch);
};

// The cached batch that this one repeats, or null: same epoch and exactly the same range of
// sequences (4.2). A resend that was split or merged otherwise is no duplicate.
const CachedBatch* find_duplicate(const ProducerEntry& entry, const RecordBatch& batch);

// 4.3. An epoch of -1: no entry.
Error check_epoch(ProducerEpoch known, ProducerEpoch incoming);

// What 4.4 compares a batch with; as made: no entry.
struct SequenceState {
  ProducerEpoch epoch;
  Sequence last_sequence;
};

// Rows 2 to 8 of 4.4. The epoch has passed check_epoch. `unknown_pid_raises` is
// variant A: what this partition cannot judge is UNKNOWN_PRODUCER_ID.
Error check_sequence(SequenceState known, ProducerEpoch epoch, Sequence first,
                     bool unknown_pid_raises);

// 4.6 items 1 and 2, as the leader applies them. `known` may be null. `strict` (KIP-1228): the
// epoch of a marker is above that of the data, but for a repeat, which finds nothing open.
Error check_marker(const ProducerEntry* known, ProducerEpoch epoch, CoordinatorEpoch coordinator,
                   bool strict = false);

// The entries of a partition, sorted by producer id: producers are few, so a vector it is.
class ProducerTable {
 public:
  const ProducerEntry* find(ProducerId id) const;
  ProducerEntry& find_or_create(ProducerId id);
  // Forgets producers without an open transaction that have been silent for so long (4.9). Gives
  // the number of the forgotten.
  size_t expire(int64_t now_ms, int64_t expiration_ms);
  // An entry of a higher id than all others.
  void push_back(const ProducerEntry& entry);
  // Forgets data below the start of the log, and producers of which none is left (4.9, up to 2.3).
  // Gives the entries that went.
  std::vector<ProducerEntry> evict_before(Offset log_start);
  std::span<const ProducerEntry> all() const { return entries_; }
  void clear() { entries_.clear(); }
  friend bool operator==(const ProducerTable&, const ProducerTable&) = default;

 private:
  std::vector<ProducerEntry> entries_;
};

}  // namespace eosim::kafka
