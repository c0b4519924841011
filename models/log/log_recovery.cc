// What is derived, had again from a snapshot and the batches after it (transactions.md 4.10): after
// a crash, and when a follower's log is cut.
#include <algorithm>
#include <utility>

#include "models/log/marker.h"
#include "models/log/partition_log.h"
#include "sim/assert.h"

namespace eosim::kafka {

void PartitionLog::rebuild(const Switches& switches, const BatchStore& store,
                           std::span<const StoredBatch> stored) {
  StoredLog log;
  if (!stored.empty() && stored.front().base_offset.valid()) {
    log.start = stored.front().base_offset;
  }
  log.batches.assign(stored.begin(), stored.end());
  rebuild(switches, store, log);
}

void PartitionLog::rebuild(const Switches& switches, const BatchStore& store,
                           const StoredLog& stored, const ExpiredProducers& expired) {
  PartitionLog fresh(config_);
  fresh.entries_.reserve(stored.batches.size());
  // A segment may begin below the start of the log, so the log starts there until all is read.
  Offset first = stored.start;
  if (!stored.batches.empty() && stored.batches.front().base_offset.valid()) {
    first = std::min(first, stored.batches.front().base_offset);
  }
  fresh.start_ = fresh.end_ = fresh.high_watermark_ = first;
  auto snapshot = stored.snapshots.begin();
  const ProducerSnapshot* closing = stored.closing ? &*stored.closing : nullptr;
  const auto restore = [&](const ProducerSnapshot& from) {
    restore_snapshot(from, expired, fresh.producers_, fresh.transactions_);
  };
  for (const StoredBatch& batch : stored.batches) {
    const Offset base = batch.base_offset.valid() ? batch.base_offset : fresh.end_;
    EOSIM_ASSERT(base >= fresh.end_);
    auto beside = stored.snapshots.end();
    for (; snapshot != stored.snapshots.end() && snapshot->offset <= base; ++snapshot) {
      beside = snapshot;
    }
    const bool begins = beside != stored.snapshots.end();
    if (begins) {
      restore(*beside);
      fresh.begin_segment(base);
    }
    if (closing != nullptr && closing->offset <= base) {
      if (!begins || beside->offset < closing->offset) restore(*closing);
      closing = nullptr;
    }
    fresh.write(switches, store[batch.batch], {base, batch.leader_epoch, batch.batch});
  }
  if (stored.end.valid()) {
    EOSIM_ASSERT(stored.end >= fresh.end_);
    fresh.end_ = stored.end;
  }
  // Nothing came after the newest one.
  if (closing != nullptr && closing->offset <= fresh.end_) {
    restore(*closing);
  } else if (snapshot != stored.snapshots.end() && stored.snapshots.back().offset <= fresh.end_) {
    restore(stored.snapshots.back());
  }
  EOSIM_ASSERT(stored.start <= fresh.end_);
  fresh.start_ = stored.start;
  fresh.high_watermark_ = stored.start;
  fresh.first_dirty_ = stored.start;
  fresh.transactions_.log_start_moved(stored.start);
  if (!stored.epochs.empty()) fresh.epochs_.load(stored.epochs, fresh.end_);
  fresh.check_invariants();
  *this = std::move(fresh);
}

ProducerSnapshot PartitionLog::closing_snapshot() const {
  return take_snapshot(end_, producers_.all());
}

std::vector<ProducerSnapshot> PartitionLog::snapshots() const {
  std::vector<ProducerSnapshot> snapshots;
  for (const Segment& segment : segments_) {
    const bool nothing = segment.base == Offset{0};
    if (!nothing) snapshots.push_back(segment.snapshot);
  }
  return snapshots;
}

Released PartitionLog::truncate_to(const Switches& switches, const BatchStore& store, Offset offset,
                                   const ExpiredProducers& expired) {
  epochs_.truncate_end(offset);
  if (offset >= end_) return {};
  if (segments_.empty() || offset <= segments_.front().base) return start_at(offset);
  Released released;
  cut_end(offset, released);
  // A batch that the cut would part goes as a whole; no epoch may begin above what is left.
  epochs_.truncate_end(end_);
  start_ = std::min(start_, end_);
  high_watermark_ = std::clamp(high_watermark_, start_, end_);
  first_dirty_ = std::min(first_dirty_, end_);
  replay_newest_segment(switches, store, expired);
  check_invariants();
  return released;
}

// Segments that begin above the cut go with what they hold. One that begins at it stays, empty: its
// snapshot is the state that is wanted.
void PartitionLog::cut_end(Offset offset, Released& released) {
  const size_t kept = entry_index(offset);
  for (size_t i = kept; i < entries_.size(); ++i) released.push_back(entries_[i].batch);
  const bool parted = kept < entries_.size() && entries_[kept].base_offset < offset;
  end_ = parted ? entries_[kept].base_offset : offset;
  entries_.resize(kept);
  while (segments_.size() > 1 && segments_.back().base > end_) segments_.pop_back();
}

void PartitionLog::replay_newest_segment(const Switches& switches, const BatchStore& store,
                                         const ExpiredProducers& expired) {
  EOSIM_ASSERT(!segments_.empty());
  Segment& segment = segments_.back();
  transactions_.clear();
  restore_snapshot(segment.snapshot, expired, producers_, transactions_);
  segment.aborted.clear();
  segment.bytes = 0;
  segment.first_timestamp_ms = segment.max_timestamp_ms = -1;
  for (const LogEntry& entry : entries_of(segments_.size() - 1)) {
    const RecordBatch& batch = store[entry.batch];
    segment.count(batch.bytes, batch.max_timestamp_ms);
    if (batch.producer.id.valid()) book(switches, batch, entry.base_offset, segment);
  }
  transactions_.high_watermark_raised(high_watermark_);
  reopen_decided(switches, store, high_watermark_, segment.base);
}

bool PartitionLog::set_high_watermark(const Switches& switches, const BatchStore& store,
                                      Offset offset) {
  offset = std::clamp(offset, start_, end_);
  if (offset != end_) {
    const size_t at = entry_index(offset);
    if (at < entries_.size()) {
      offset = std::max(start_, std::min(offset, entries_[at].base_offset));
    }
  }
  if (offset >= high_watermark_) return raise_high_watermark(offset);
  const Offset before = std::exchange(high_watermark_, offset);
  reopen_decided(switches, store, offset, before);
  check_invariants();
  return true;
}

// Transactions whose markers are in [from, to) count again as decided and not replicated (P7).
void PartitionLog::reopen_decided(const Switches& switches, const BatchStore& store, Offset from,
                                  Offset to) {
  for (size_t i = entry_index(from); i < entries_.size(); ++i) {
    const LogEntry& entry = entries_[i];
    if (entry.base_offset >= to) break;
    const RecordBatch& batch = store[entry.batch];
    if (!batch.control()) continue;
    const Offset first =
        begin_of_ended(switches, begin_of_transaction(store, i), entry.base_offset);
    if (!first.valid()) continue;
    transactions_.reopen({batch.producer.id, first, entry.base_offset});
  }
}

// The first batch of what this marker ends; unset: it ends nothing.
Offset PartitionLog::begin_of_transaction(const BatchStore& store, size_t marker) const {
  const ProducerId producer = store[entries_[marker].batch].producer.id;
  Offset first;
  for (size_t i = marker; i-- > 0;) {
    const RecordBatch& batch = store[entries_[i].batch];
    if (batch.producer.id != producer) continue;
    if (batch.control()) break;
    if (batch.transactional) first = entries_[i].base_offset;
  }
  return first;
}

Released PartitionLog::start_at(Offset offset) {
  EOSIM_ASSERT(offset.valid());
  Released released;
  released.reserve(entries_.size());
  for (const LogEntry& entry : entries_) released.push_back(entry.batch);
  PartitionLog fresh(config_);
  fresh.start_ = fresh.end_ = fresh.high_watermark_ = fresh.first_dirty_ = offset;
  fresh.verifications_ = std::move(verifications_);
  *this = std::move(fresh);
  return released;
}

}  // namespace eosim::kafka
