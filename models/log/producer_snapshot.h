// What a log's producers were at an offset, as Kafka writes it beside a segment (transactions.md
// 1.9, 4.10): of the five known batches only the newest. State is had again from the newest
// snapshot at or below an offset and the batches after it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/log/open_transactions.h"
#include "models/log/producer_state.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

struct SnapshotEntry {
  ProducerId id;
  ProducerEpoch epoch;
  CoordinatorEpoch coordinator_epoch;
  int64_t last_timestamp_ms = -1;
  Offset open_transaction;
  CachedBatch last_batch;  // no last offset: none is known
  friend bool operator==(const SnapshotEntry&, const SnapshotEntry&) = default;
};

struct ProducerSnapshot {
  Offset offset{0};                    // of the first batch that is not in it
  std::vector<SnapshotEntry> entries;  // by id
  friend bool operator==(const ProducerSnapshot&, const ProducerSnapshot&) = default;
};

// Who is forgotten when a snapshot is read (transactions.md 4.10); as made: nobody.
struct ExpiredProducers {
  int64_t now_ms = 0;
  int64_t expiration_ms = INT64_MAX;
};

ProducerSnapshot take_snapshot(Offset offset, std::span<const ProducerEntry> producers);
// Both become what the snapshot says; what was decided and not replicated stays.
void restore_snapshot(const ProducerSnapshot& snapshot, const ExpiredProducers& expiry,
                      ProducerTable& producers, OpenTransactions& transactions);

}  // namespace eosim::kafka
