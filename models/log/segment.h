// A stretch of a log that is deleted or cleaned as a whole (Kafka's LogSegment). Its entries stand
// with those of all other segments in one vector of the log, so that a log of one segment costs
// nothing more; what is its own is the index of the aborted transactions whose markers it holds
// (transactions.md 1.10) and the producers as they were where it begins (1.9, 4.10).
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/log/producer_snapshot.h"
#include "models/log/transaction_index.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

struct Segment {
  Offset base;
  size_t first_entry = 0;  // in the log's entries
  int64_t bytes = 0;
  int64_t first_timestamp_ms = -1;  // of the first batch, by which it is rolled
  int64_t max_timestamp_ms = -1;    // of all, by which it is kept
  TransactionIndex aborted;
  ProducerSnapshot snapshot;

  void count(uint32_t batch_bytes, int64_t timestamp_ms) {
    if (bytes == 0) first_timestamp_ms = timestamp_ms;
    bytes += batch_bytes;
    if (timestamp_ms > max_timestamp_ms) max_timestamp_ms = timestamp_ms;
  }
  friend bool operator==(const Segment&, const Segment&) = default;
};

}  // namespace eosim::kafka
