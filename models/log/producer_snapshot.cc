#include "models/log/producer_snapshot.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

ProducerSnapshot take_snapshot(Offset offset, std::span<const ProducerEntry> producers) {
  ProducerSnapshot snapshot;
  snapshot.offset = offset;
  snapshot.entries.reserve(producers.size());
  for (const ProducerEntry& entry : producers) {
    SnapshotEntry& kept = snapshot.entries.emplace_back();
    kept.id = entry.id;
    kept.epoch = entry.epoch;
    kept.coordinator_epoch = entry.coordinator_epoch;
    kept.last_timestamp_ms = entry.last_timestamp_ms;
    kept.open_transaction = entry.open_transaction;
    if (!entry.window.empty()) kept.last_batch = entry.window.batches().back();
  }
  return snapshot;
}

void restore_snapshot(const ProducerSnapshot& snapshot, const ExpiredProducers& expiry,
                      ProducerTable& producers, OpenTransactions& transactions) {
  producers.clear();
  transactions.clear_undecided();
  std::vector<OpenTransaction> open;
  for (const SnapshotEntry& kept : snapshot.entries) {
    ProducerEntry entry;
    entry.id = kept.id;
    entry.epoch = kept.epoch;
    entry.coordinator_epoch = kept.coordinator_epoch;
    entry.last_timestamp_ms = kept.last_timestamp_ms;
    entry.open_transaction = kept.open_transaction;
    if (kept.last_batch.last_offset.valid()) entry.window.push(kept.last_batch);
    if (entry.expired(expiry.now_ms, expiry.expiration_ms)) continue;
    if (entry.open_transaction.valid()) open.push_back({entry.id, entry.open_transaction});
    producers.push_back(entry);
  }
  std::ranges::sort(open, {}, &OpenTransaction::first_offset);
  for (const OpenTransaction& transaction : open) {
    transactions.begin(transaction.producer, transaction.first_offset);
  }
}

}  // namespace eosim::kafka
