// The control batch that ends a transaction in one partition (transactions.md 1.8).
#pragma once

#include "models/protocol/batch.h"

namespace eosim::kafka {

// Key and value of the one record, in Kafka's layout.
inline constexpr uint32_t kMarkerBytes = kBatchOverheadBytes + 17;

inline RecordBatch make_marker(ProducerIdAndEpoch producer, Marker marker, int64_t timestamp_ms,
                               Ghost<TransactionInstance> instance = {}) {
  RecordBatch batch;
  batch.producer = producer;
  batch.transactional = true;
  batch.count = 1;
  batch.bytes = kMarkerBytes;
  batch.max_timestamp_ms = timestamp_ms;
  batch.payload = marker;
  batch.instance = instance;
  return batch;
}

}  // namespace eosim::kafka
