#include "models/log/cleaner.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "models/log/cleaned_transactions.h"
#include "models/log/record_keys.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// The segments from the start of the log on that may be cleaned.
size_t cleanable(const PartitionLog& log, int64_t now_ms) {
  const auto segments = log.segments();
  const Offset stable = log.last_stable_offset();
  size_t count = 0;
  while (count + 1 < segments.size() && segments[count + 1].base <= stable) {
    const bool dirty = segments[count].base >= log.first_dirty_offset();
    const int64_t lag = log.config().min_compaction_lag_ms;
    if (dirty && lag > 0 && now_ms - segments[count].max_timestamp_ms < lag) break;
    ++count;
  }
  return count;
}

std::vector<AbortedRange> aborted_below(const PartitionLog& log, Offset end) {
  std::vector<AbortedRange> ranges = log.aborted_transactions();
  std::erase_if(ranges, [&](const AbortedRange& range) { return range.first_offset >= end; });
  return ranges;
}

// Where each key was written last. It is looked up and never gone through.
class OffsetMap {
 public:
  void put(const RecordKey& key, Offset offset) { newest_.emplace_back(key, offset); }
  void close() { std::ranges::stable_sort(newest_, {}, &std::pair<RecordKey, Offset>::first); }
  // Unset: not in the dirty part.
  Offset find(const RecordKey& key) const {
    const auto after =
        std::ranges::upper_bound(newest_, key, {}, &std::pair<RecordKey, Offset>::first);
    if (after == newest_.begin() || std::prev(after)->first != key) return {};
    return std::prev(after)->second;
  }

 private:
  std::vector<std::pair<RecordKey, Offset>> newest_;  // in the order of offsets, then by key
};

class Cleaning {
 public:
  Cleaning(const PartitionLog& log, BatchStore& store, int64_t now_ms)
      : log_(log),
        store_(store),
        now_ms_(now_ms),
        count_(cleanable(log, now_ms)),
        end_(count_ == 0 ? Offset{0} : log.segments()[count_].base) {}

  CleanResult run() {
    CleanResult result;
    result.log = log_;
    if (count_ == 0) return result;
    read_keys();
    CleanedTransactions transactions(aborted_below(log_, end_));
    std::vector<Segment> segments;
    int64_t bytes_before = 0;  // of the segments that went into the newest one
    for (size_t i = 0; i < count_; ++i) {
      const Segment& old = log_.segments()[i];
      // Neighbours become one as long as they would have fitted into one.
      if (segments.empty() || bytes_before + old.bytes > log_.config().segment_bytes) {
        Segment& fresh = segments.emplace_back();
        fresh.base = old.base;
        fresh.first_entry = entries_.size();
        fresh.snapshot = old.snapshot;
        bytes_before = 0;
      }
      bytes_before += old.bytes;
      for (const LogEntry& entry : log_.entries_of(i)) {
        clean(entry, transactions, segments.back());
      }
    }
    result.log.replace_cleaned(count_, std::move(segments), std::move(entries_));
    result.released = std::move(released_);
    result.put = std::move(put_);
    return result;
  }

 private:
  void read_keys() {
    CleanedTransactions transactions(aborted_below(log_, end_));
    for (size_t i = 0; i < count_; ++i) {
      const bool dirty = log_.segments()[i].base >= log_.first_dirty_offset();
      for (const LogEntry& entry : log_.entries_of(i)) {
        const RecordBatch& batch = store_[entry.batch];
        if (const auto* marker = std::get_if<Marker>(&batch.payload)) {
          transactions.on_marker(batch, *marker, entry.base_offset);
          continue;
        }
        const bool aborted = transactions.on_data(batch, entry.end_offset() + -1);
        if (aborted || !dirty) continue;
        for (size_t r = 0; r < record_count(batch); ++r) {
          keys_.put(record_key(batch, r), entry.base_offset + record_delta(batch, r));
        }
      }
    }
    keys_.close();
  }

  void clean(const LogEntry& entry, CleanedTransactions& transactions, Segment& segment) {
    const RecordBatch& batch = store_[entry.batch];
    if (const auto* marker = std::get_if<Marker>(&batch.payload)) {
      const auto seen = transactions.on_marker(batch, *marker, entry.base_offset);
      if (seen.aborted != nullptr) segment.aborted.append(*seen.aborted);
      return clean_marker(entry, batch, seen.ends_nothing, segment);
    }
    const bool aborted = transactions.on_data(batch, entry.end_offset() + -1);
    List<size_t> kept;
    bool tombstones = false;
    const size_t records = record_count(batch);
    for (size_t r = 0; r < records && !aborted; ++r) {
      if (!keeps(batch, r, entry.base_offset + record_delta(batch, r))) continue;
      kept.push_back(r);
      tombstones = tombstones || is_tombstone(batch, r);
    }
    if (kept.empty() && !is_last_of_producer(entry, batch)) {
      released_.push_back(entry.batch);
      return;
    }
    const bool sets_horizon = tombstones && batch.delete_horizon_ms < 0;
    if (kept.size() == records && !sets_horizon) return keep(entry, batch, segment);
    RecordBatch cleaned = kept.size() == records ? batch : with_records(batch, kept);
    if (sets_horizon) cleaned.delete_horizon_ms = horizon();
    replace(entry, std::move(cleaned), segment);
  }

  bool keeps(const RecordBatch& batch, size_t record, Offset offset) const {
    const Offset newest = keys_.find(record_key(batch, record));
    if (newest > offset) return false;
    if (!is_tombstone(batch, record)) return true;
    return batch.delete_horizon_ms < 0 || now_ms_ < batch.delete_horizon_ms;
  }

  void clean_marker(const LogEntry& entry, const RecordBatch& batch, bool ends_nothing,
                    Segment& segment) {
    if (!ends_nothing) return keep(entry, batch, segment);
    if (batch.delete_horizon_ms < 0) {
      RecordBatch marked = batch;
      marked.delete_horizon_ms = horizon();
      return replace(entry, std::move(marked), segment);
    }
    if (now_ms_ < batch.delete_horizon_ms || is_last_of_producer(entry, batch)) {
      return keep(entry, batch, segment);
    }
    released_.push_back(entry.batch);
  }

  // Kafka's lastRecordsOfActiveProducers: the last data, or else the marker that gave the epoch.
  bool is_last_of_producer(const LogEntry& entry, const RecordBatch& batch) const {
    if (!batch.producer.id.valid()) return false;
    const ProducerEntry* producer = log_.find_producer(batch.producer.id);
    if (producer == nullptr) return false;
    if (producer->window.empty()) {
      return batch.control() && batch.producer.epoch == producer->epoch;
    }
    return producer->window.batches().back().last_offset == entry.end_offset() + -1;
  }

  int64_t horizon() const { return now_ms_ + log_.config().delete_retention_ms; }

  void keep(const LogEntry& entry, const RecordBatch& batch, Segment& segment) {
    entries_.push_back(entry);
    segment.count(batch.bytes, batch.max_timestamp_ms);
  }

  void replace(LogEntry entry, RecordBatch batch, Segment& segment) {
    segment.count(batch.bytes, batch.max_timestamp_ms);
    released_.push_back(entry.batch);
    entry.bytes = batch.bytes;
    entry.batch = store_.put(std::move(batch));
    put_.push_back(entry.batch);
    entries_.push_back(entry);
  }

  const PartitionLog& log_;
  BatchStore& store_;
  int64_t now_ms_;
  size_t count_;
  Offset end_;
  OffsetMap keys_;
  std::vector<LogEntry> entries_;
  Released released_;
  std::vector<BatchId> put_;
};

}  // namespace

int32_t dirty_permille(const PartitionLog& log, int64_t now_ms) {
  const size_t count = cleanable(log, now_ms);
  int64_t clean_bytes = 0;
  int64_t dirty_bytes = 0;
  for (size_t i = 0; i < count; ++i) {
    const Segment& segment = log.segments()[i];
    (segment.base < log.first_dirty_offset() ? clean_bytes : dirty_bytes) += segment.bytes;
  }
  if (dirty_bytes == 0) return 0;
  return static_cast<int32_t>(dirty_bytes * 1000 / (clean_bytes + dirty_bytes));
}

CleanResult clean(const PartitionLog& log, BatchStore& store, int64_t now_ms) {
  return Cleaning(log, store, now_ms).run();
}

}  // namespace eosim::kafka
