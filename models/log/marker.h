// The control batch that ends a transaction in one partition (transactions.md 1.8).
#pragma once

#include "models/protocol/batch.h"
#include "models/protocol/switches.h"

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

// Where the transaction begins that a marker at `marker` ends, `open` being the one that the log
// has; unset: the marker ends nothing. Before 2.8 such a marker was a transaction of its own
// (4.6 item 4).
inline Offset begin_of_ended(const Switches& switches, Offset open, Offset marker) {
  if (open.valid() || !switches.on(Switch::kEmptyMarkerBooksTxn)) return open;
  return marker;
}

}  // namespace eosim::kafka
