// The log cleaner (Kafka's LogCleaner and Cleaner; transactions.md 4.9): of every key it keeps the
// newest record.
//
// It takes whole segments that are not active and end at or below the last stable offset, so every
// transaction in them is decided. Of these
//  - aborted records go, and make no older record of their key obsolete;
//  - a committed record goes if a later one has its key; a tombstone also goes once its delete
//    horizon is over, which is set when the cleaner sees it first (KIP-534);
//  - a marker goes when nothing of its transaction was left and its delete horizon is over. Its key
//    is never looked up (KAFKA-14055);
//  - the last batch of a producer that the log still knows stays, empty if need be, so that its
//    sequences can be had again from the log.
// What stays keeps its offset: a batch keeps its range of offsets, and an emptied batch leaves a
// hole. The producers, the open transactions and the offsets of the log do not change.
//
// Simpler than Kafka: markers of empty transactions that are the last of their producer stay whole
// (Kafka empties them), and every pass has memory for all keys.
#pragma once

#include <cstdint>

#include "models/log/partition_log.h"

namespace eosim::kafka {

// How much of what could be cleaned is dirty, in permille of its bytes; 0: there is nothing to do.
int32_t dirty_permille(const PartitionLog& log, int64_t now_ms);
inline bool wants_cleaning(const PartitionLog& log, int64_t now_ms) {
  const int32_t dirty = dirty_permille(log, now_ms);
  return log.config().compacts && dirty > 0 && dirty >= log.config().min_cleanable_dirty_permille;
}

struct CleanResult {
  PartitionLog log;
  Released released;         // in the old log, not in the new one
  std::vector<BatchId> put;  // new in the store, with one reference: that of the new log
};
CleanResult clean(const PartitionLog& log, BatchStore& store, int64_t now_ms);

}  // namespace eosim::kafka
