// Records of __transaction_state (transactions.md 1.5): how a transition is written, and what a log
// says when it is read again. Only the newest record of an id matters; a tombstone removes it.
#pragma once

#include <span>
#include <vector>

#include "models/protocol/batch.h"
#include "models/protocol/names.h"
#include "models/protocol/switches.h"
#include "models/transaction/transaction_metadata.h"

namespace eosim::kafka {

// What one batch may hold: the default of message.max.bytes.
inline constexpr uint32_t kTransactionBatchBytesMax = 1'048'588;

// Version 0 of the value has no place for the client's transaction version; in both, previous and
// next producer id are left out (KAFKA-20310).
TransactionLogRecord to_record(Name transactional_id, const TransactionTransit& transit,
                               TxnLogValueVersion version);
TransactionLogRecord tombstone_record(Name transactional_id);
uint32_t record_bytes(const Names& names, const TransactionLogRecord& record,
                      TxnLogValueVersion version);
// Written by a coordinator: no producer, not transactional.
RecordBatch make_transaction_log_batch(const Names& names, List<TransactionLogRecord> records,
                                       TxnLogValueVersion version, int64_t now_ms);

// The fold of the newest record per id, by Name::id, with the fields that are not persisted at
// their defaults and no pendingState.
std::vector<TransactionMetadata> fold_transaction_log(const BatchStore& batches,
                                                      std::span<const BatchId> log);

}  // namespace eosim::kafka
