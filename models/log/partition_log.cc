#include "models/log/partition_log.h"

#include <algorithm>
#include <utility>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// The rules for a batch as such (transactions.md 1.7, 4.1 step 1).
Error check_structure(const RecordBatch& batch, Origin origin, uint32_t max_message_bytes) {
  if (batch.bytes > max_message_bytes) return Error::kMessageTooLarge;
  if (origin != Origin::kClient) return Error::kNone;
  const auto* records = std::get_if<List<Record>>(&batch.payload);
  if (records == nullptr || batch.count < 1) return Error::kInvalidRecord;
  if (records->size() != static_cast<size_t>(batch.count)) return Error::kInvalidRecord;
  if (batch.producer.id.valid() && batch.base_sequence.value < 0) return Error::kInvalidRecord;
  if (batch.transactional && !batch.producer.id.valid()) return Error::kInvalidRecord;
  return Error::kNone;
}

// The producer's part of a leader's checks (4.3-4.6), in Kafka's order. Reads and decides; the
// entry may be null.
Error check_producer(const Switches& switches, const RecordBatch& batch, Origin origin,
                     const ProducerEntry* entry) {
  if (const auto* marker = std::get_if<Marker>(&batch.payload)) {
    return check_marker(entry, batch.producer.epoch, marker->coordinator_epoch);
  }
  const SequenceState known =
      entry == nullptr ? SequenceState{} : SequenceState{entry->epoch, entry->last_sequence()};
  if (const Error error = check_epoch(known.epoch, batch.producer.epoch); error != Error::kNone) {
    return error;
  }
  if (origin == Origin::kClient) {
    const bool raises = switches.on(Switch::kPlUnknownPidRaises);
    const Error error = check_sequence(known, batch.producer.epoch, batch.base_sequence, raises);
    if (error != Error::kNone) return error;
  }
  const bool open = entry != nullptr && entry->open_transaction.valid();
  return open && !batch.transactional ? Error::kInvalidTxnState : Error::kNone;
}

AppendResult refused(Error error) { return {error, false, {}, {}}; }

}  // namespace

AppendResult PartitionLog::append(const Switches& switches, const BatchStore& store, BatchId id,
                                  Origin origin, LeaderEpoch leader_epoch,
                                  uint32_t max_message_bytes) {
  const RecordBatch& batch = store[id];
  if (origin != Origin::kReplication) {
    if (const Error error = check_structure(batch, origin, max_message_bytes);
        error != Error::kNone) {
      return refused(error);
    }
    if (batch.producer.id.valid()) {
      const ProducerEntry* entry = producers_.find(batch.producer.id);
      if (origin == Origin::kClient && entry != nullptr) {
        if (const CachedBatch* first = find_duplicate(*entry, batch)) {
          return {Error::kNone, true, first->base_offset(), first->last_offset};
        }
      }
      if (const Error error = check_producer(switches, batch, origin, entry);
          error != Error::kNone) {
        return refused(error);
      }
    }
  }
  EOSIM_ASSERT(batch.count >= 1);
  EOSIM_ASSERT(batch.producer.id.valid() || (!batch.transactional && !batch.control()));
  EOSIM_ASSERT(origin == Origin::kClient || !batch.control() || batch.transactional);

  const Offset base = end_;
  epochs_.assign(leader_epoch, base);
  entries_.push_back({base, id, leader_epoch, batch.count, batch.bytes});
  end_ = base + batch.count;
  if (batch.producer.id.valid()) book(switches, batch, base);
  check_invariants();
  return {Error::kNone, false, base, end_ + -1};
}

void PartitionLog::book(const Switches& switches, const RecordBatch& batch, Offset base) {
  if (const auto* marker = std::get_if<Marker>(&batch.payload)) {
    book_marker(switches, batch, *marker, base);
    return;
  }
  ProducerEntry& entry = producers_.find_or_create(batch.producer.id);
  entry.book_data(batch, base);
  // A higher epoch closes nothing: its records join the transaction that is open (4.5).
  if (batch.transactional && !entry.open_transaction.valid()) {
    entry.open_transaction = base;
    transactions_.begin(entry.id, base);
  }
}

void PartitionLog::book_marker(const Switches& switches, const RecordBatch& batch,
                               const Marker& marker, Offset offset) {
  ProducerEntry& entry = producers_.find_or_create(batch.producer.id);
  Offset first = entry.open_transaction;
  entry.book_marker(batch, marker);
  if (!first.valid()) {
    // Before 2.8 a marker that ends nothing was a transaction of its own (4.6 item 4).
    if (!switches.on(Switch::kEmptyMarkerBooksTxn)) return;
    first = offset;
    transactions_.begin(entry.id, first);
  }
  transactions_.decide(entry.id, first, offset);
  if (marker.type == ControlType::kAbort) {
    const Offset stable = transactions_.first_undecided().value_or(offset + 1);
    aborted_.append({entry.id, first, offset, stable});
  }
}

bool PartitionLog::raise_high_watermark(Offset offset) {
  EOSIM_ASSERT(offset <= end_);
  if (offset <= high_watermark_) return false;
  // It is somebody's log end, so no batch is cut by it.
  EOSIM_ASSERT(offset == end_ || entries_[entry_index(offset)].base_offset == offset);
  high_watermark_ = offset;
  transactions_.high_watermark_raised(offset);
  check_invariants();
  return true;
}

Offset PartitionLog::last_stable_offset() const {
  const std::optional<Offset> unstable = transactions_.first_unstable();
  if (!unstable) return high_watermark_;
  return std::min(std::max(*unstable, start_), high_watermark_);
}

ReadResult PartitionLog::read(Offset from, IsolationLevel isolation, uint32_t max_bytes) const {
  ReadResult result;
  if (from < start_ || from > end_) {
    result.error = Error::kOffsetOutOfRange;
    return result;
  }
  const Offset bound = readable_end(isolation);
  if (from >= bound) return result;
  Offset upper = from;
  for (size_t i = entry_index(from); i < entries_.size(); ++i) {
    const LogEntry& entry = entries_[i];
    if (entry.end_offset() > bound) break;
    const bool full = entry.bytes > max_bytes || result.bytes > max_bytes - entry.bytes;
    if (full && !result.batches.empty()) break;
    result.batches.push_back({entry.base_offset, entry.leader_epoch, entry.batch});
    result.bytes += entry.bytes;
    upper = entry.end_offset();
    if (full) break;
  }
  if (isolation == IsolationLevel::kReadCommitted) result.aborted = aborted_.collect(from, upper);
  return result;
}

size_t PartitionLog::entry_index(Offset offset) const {
  const auto at = std::ranges::upper_bound(entries_, offset, {}, &LogEntry::end_offset);
  return static_cast<size_t>(at - entries_.begin());
}

void PartitionLog::rebuild(const Switches& switches, const BatchStore& store,
                           std::span<const StoredBatch> stored) {
  PartitionLog fresh;
  fresh.entries_.reserve(stored.size());
  for (const StoredBatch& batch : stored) {
    fresh.append(switches, store, batch.batch, Origin::kReplication, batch.leader_epoch);
  }
  *this = std::move(fresh);
}

void PartitionLog::recover(const Switches& switches, const BatchStore& store, Offset end) {
  std::vector<StoredBatch> stored;
  for (const LogEntry& entry : entries_) {
    if (entry.end_offset() > end) break;
    stored.push_back({entry.batch, entry.leader_epoch});
  }
  rebuild(switches, store, stored);
}

void PartitionLog::check_invariants() const {
  const Offset stable = last_stable_offset();
  EOSIM_ASSERT(start_ <= stable && stable <= high_watermark_ && high_watermark_ <= end_);  // P6
}

}  // namespace eosim::kafka
