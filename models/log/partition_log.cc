// Appending and reading.
#include "models/log/partition_log.h"

#include <algorithm>

#include "models/log/append_checks.h"
#include "models/log/marker.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

AppendResult refused(Error error) {
  AppendResult result;
  result.error = error;
  return result;
}

}  // namespace

AppendResult PartitionLog::append(const Switches& switches, const BatchStore& store, BatchId id,
                                  Origin origin, LeaderEpoch leader_epoch,
                                  const AppendVerification& verification) {
  if (origin == Origin::kReplication) {
    return append_replica(switches, store, {end_, leader_epoch, id});
  }
  const RecordBatch& batch = store[id];
  Error error = check_structure(batch, origin, config_.max_message_bytes);
  if (error != Error::kNone) return refused(error);
  const bool by_producer = batch.producer.id.valid();
  if (by_producer) {
    const KnownProducer known{producers_.find(batch.producer.id),
                              verifications_.find(batch.producer.id)};
    if (origin == Origin::kClient && known.entry != nullptr) {
      if (const CachedBatch* first = find_duplicate(*known.entry, batch)) {
        return {Error::kNone, true, first->base_offset(), first->last_offset};
      }
    }
    error = check_verification(switches, batch, origin, known, verification);
    if (error == Error::kNone) error = check_producer(switches, batch, origin, known);
    if (error != Error::kNone) return refused(error);
  }
  EOSIM_ASSERT(by_producer || (!batch.transactional && !batch.control()));
  EOSIM_ASSERT(origin == Origin::kClient || !batch.control() || batch.transactional);
  const AppendResult result = write(switches, batch, {end_, leader_epoch, id});
  if (batch.transactional) verifications_.appended(batch.producer, batch.control());
  return result;
}

AppendResult PartitionLog::append_replica(const Switches& switches, const BatchStore& store,
                                          const FetchedBatch& fetched) {
  EOSIM_ASSERT(fetched.base_offset >= end_);
  const RecordBatch& batch = store[fetched.batch];
  Error violation = Error::kNone;
  const ProducerEntry* entry =
      batch.producer.id.valid() ? producers_.find(batch.producer.id) : nullptr;
  if (entry != nullptr) {
    const auto* marker = std::get_if<Marker>(&batch.payload);
    violation = marker == nullptr
                    ? check_epoch(entry->epoch, batch.producer.epoch)
                    : check_marker(entry, batch.producer.epoch, marker->coordinator_epoch);
    if (violation == Error::kTransactionCoordinatorFenced &&
        switches.on(Switch::kPlMarkerCoordEpochOnReplication)) {
      return refused(violation);
    }
  }
  AppendResult result = write(switches, batch, fetched);
  if (batch.transactional) verifications_.appended(batch.producer, batch.control());
  result.violation = violation;
  return result;
}

AppendResult PartitionLog::write(const Switches& switches, const RecordBatch& batch,
                                 const FetchedBatch& written) {
  EOSIM_ASSERT(batch.count >= 1);
  const Offset base = written.base_offset;
  const bool rolls = must_roll(batch);
  if (segments_.empty() || rolls) begin_segment(base);
  epochs_.assign(written.leader_epoch, base);
  entries_.push_back({base, written.batch, written.leader_epoch, batch.count, batch.bytes});
  end_ = base + batch.count;
  Segment& segment = segments_.back();
  segment.count(batch.bytes, batch.max_timestamp_ms);
  if (batch.producer.id.valid()) book(switches, batch, base, segment);
  check_invariants();
  return {Error::kNone, false, base, end_ + -1, rolls};
}

// By size, or by the time that the records of a segment span (Kafka's LogSegment.shouldRoll).
bool PartitionLog::must_roll(const RecordBatch& batch) const {
  if (segments_.empty() || segments_.back().bytes == 0) return false;
  const Segment& active = segments_.back();
  return active.bytes > config_.segment_bytes - int64_t{batch.bytes} ||
         batch.max_timestamp_ms - active.first_timestamp_ms > config_.segment_ms;
}

void PartitionLog::begin_segment(Offset base) {
  EOSIM_ASSERT(segments_.empty() || segments_.back().base < base);
  Segment segment;
  segment.base = base;
  segment.first_entry = entries_.size();
  segment.snapshot = take_snapshot(base, producers_.all());
  segments_.push_back(std::move(segment));
}

void PartitionLog::book(const Switches& switches, const RecordBatch& batch, Offset base,
                        Segment& segment) {
  if (const auto* marker = std::get_if<Marker>(&batch.payload)) {
    book_marker(switches, batch, *marker, base, segment);
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
                               const Marker& marker, Offset offset, Segment& segment) {
  ProducerEntry& entry = producers_.find_or_create(batch.producer.id);
  const Offset open = entry.open_transaction;
  entry.book_marker(batch, marker);
  const Offset first = begin_of_ended(switches, open, offset);
  if (!first.valid()) return;
  if (!open.valid()) transactions_.begin(entry.id, first);
  transactions_.decide(entry.id, first, offset);
  if (marker.type == ControlType::kAbort) {
    const Offset stable = transactions_.first_undecided().value_or(offset + 1);
    segment.aborted.append({entry.id, first, offset, stable});
  }
}

VerificationStart PartitionLog::begin_verification(const Switches& switches,
                                                   const VerificationRequest& request) {
  const ProducerEntry* entry = producers_.find(request.producer.id);
  if (stale_before_verification(switches, entry, request.producer.epoch)) {
    return {Error::kInvalidProducerEpoch, {}};
  }
  if (transaction_open(switches, entry, request.producer.epoch)) return {};
  return {Error::kNone, verifications_.begin(request)};
}

bool PartitionLog::raise_high_watermark(Offset offset) {
  EOSIM_ASSERT(offset <= end_);
  if (offset <= high_watermark_) return false;
  // It is somebody's log end, so no batch is cut by it.
  EOSIM_ASSERT(offset == end_ || entries_[entry_index(offset)].base_offset >= offset);
  high_watermark_ = offset;
  transactions_.high_watermark_raised(offset);
  check_invariants();
  return true;
}

ReadResult PartitionLog::read(Offset from, IsolationLevel isolation, uint32_t max_bytes) const {
  ReadResult result = read_until(readable_end(isolation), from, max_bytes);
  if (isolation == IsolationLevel::kReadCommitted && !result.batches.empty()) {
    collect_aborted(from, result.end, result.aborted);
  }
  return result;
}

ReadResult PartitionLog::read_for_follower(Offset from, uint32_t max_bytes) const {
  return read_until(end_, from, max_bytes);
}

ReadResult PartitionLog::read_until(Offset bound, Offset from, uint32_t max_bytes) const {
  ReadResult result;
  if (from < start_ || from > end_) {
    result.error = Error::kOffsetOutOfRange;
    return result;
  }
  if (from >= bound) return result;
  for (size_t i = entry_index(from); i < entries_.size(); ++i) {
    const LogEntry& entry = entries_[i];
    if (entry.end_offset() > bound) break;
    const bool full = entry.bytes > max_bytes || result.bytes > max_bytes - entry.bytes;
    if (full && !result.batches.empty()) break;
    result.batches.push_back({entry.base_offset, entry.leader_epoch, entry.batch});
    result.bytes += entry.bytes;
    result.end = entry.end_offset();
    if (full) break;
  }
  return result;
}

// From the segment that holds the offset on, until an entry says that nothing more can follow
// (4.8).
void PartitionLog::collect_aborted(Offset from, Offset upper,
                                   List<AbortedTransaction>& found) const {
  auto segment = std::ranges::upper_bound(segments_, from, {}, &Segment::base);
  if (segment != segments_.begin()) --segment;
  for (; segment != segments_.end(); ++segment) {
    if (!segment->aborted.collect(from, upper, found)) return;
  }
}

size_t PartitionLog::entry_index(Offset offset) const {
  // Most ask for what has come last: from the end, one by one, and then in growing steps.
  size_t end = entries_.size();
  for (int i = 0; i < 4; ++i, --end) {
    if (end == 0 || entries_[end - 1].end_offset() <= offset) return end;
  }
  size_t step = 1;
  for (; step <= end && entries_[end - step].end_offset() > offset; step *= 2) end -= step;
  const size_t begin = step <= end ? end - step + 1 : 0;
  const std::span candidates = std::span(entries_).subspan(begin, end - begin);
  const auto at = std::ranges::upper_bound(candidates, offset, {}, &LogEntry::end_offset);
  return begin + static_cast<size_t>(at - candidates.begin());
}

std::span<const LogEntry> PartitionLog::entries_of(size_t segment) const {
  const size_t first = segments_.at(segment).first_entry;
  const bool active = segment + 1 == segments_.size();
  const size_t end = active ? entries_.size() : segments_[segment + 1].first_entry;
  return std::span(entries_).subspan(first, end - first);
}

int64_t PartitionLog::bytes() const {
  int64_t bytes = 0;
  for (const Segment& segment : segments_) bytes += segment.bytes;
  return bytes;
}

std::vector<AbortedRange> PartitionLog::aborted_transactions() const {
  std::vector<AbortedRange> all;
  for (const Segment& segment : segments_) {
    all.insert(all.end(), segment.aborted.all().begin(), segment.aborted.all().end());
  }
  return all;
}

void PartitionLog::check_invariants() const {
  const Offset stable = last_stable_offset();
  EOSIM_ASSERT(start_ <= stable && stable <= high_watermark_ && high_watermark_ <= end_);  // P6
}

}  // namespace eosim::kafka
