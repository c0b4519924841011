// What a coordinator keeps while it waits: for an append, for markers (transactions.md 1.4). All of
// it is data, so that a copied world goes on by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/protocol/effects.h"
#include "models/transaction/end_txn.h"
#include "models/transaction/transaction_metadata.h"

namespace eosim::kafka {

// Who asked for a transition and what it said. The coordinator's own scan owes nobody an answer.
struct Caller {
  bool is_client = false;
  Rpc rpc = Rpc::kEndTxn;
  int16_t version = 0;
  RequestToken token;
  ProducerIdAndEpoch producer;      // as in the request
  List<TopicPartition> partitions;  // AddPartitionsToTxn: one error for each
  // AddPartitionsToTxn of a partition leader: which request, and the transaction's place in it.
  uint64_t batch = 0;  // 0: none
  size_t slot = 0;
};

// AddPartitionsToTxn v4+ asks for several transactions at once and gets one answer for all.
struct PendingBatch {
  RequestToken request;
  AddPartitionsToTxnResponse response;
  size_t undecided = 0;
};

enum class AppendPurpose : uint8_t { kInit, kAddPartitions, kPrepare, kComplete, kTombstones };

// Markers of this transaction are on their way, or its Complete record is. `number` tells a round
// from a later one of the same id (KAFKA-16352, KAFKA-10080).
struct PendingCompletion {
  uint64_t number = 0;
  Name transactional_id;
  int32_t partition = -1;
  CoordinatorEpoch epoch;
  TransactionTransit transit;  // to Complete*
};

struct ExpiringId {
  Name transactional_id;
  ProducerEpoch epoch;
};

struct PendingAppend {
  AppendPurpose purpose = AppendPurpose::kInit;
  int32_t partition = -1;
  CoordinatorEpoch epoch;
  Name transactional_id;
  TransactionTransit transit;
  BatchId batch;
  Caller caller;
  // kPrepare: the pair that the end was asked for, by which table, whether it is the abort of a
  // fence, and whether that has raised the cached epoch already (3.6 step 4).
  ProducerIdAndEpoch ended;
  EndPath path = EndPath::kPlain;
  bool fence = false;
  bool fence_raised_epoch = false;
  PendingCompletion completion;      // kComplete
  std::vector<ExpiringId> expiring;  // kTombstones
};

enum class TransactionWait : uint8_t {
  kClientOrTimeout,   // Ongoing
  kAppend,            // a record of it is being appended
  kAppendRetry,       // the Complete record is to be appended again
  kMarkers,           // queued or sent
  kUnresolvedLeader,  // some marker has no leader to go to
  kNothing,           // stuck until its partition is loaded again (3.5 step 9, 3.8, 3.10)
};

// An id that is not idle, and what it waits for.
struct TransactionDebt {
  Name transactional_id;
  ProducerIdAndEpoch producer;
  TransactionState state = TransactionState::kEmpty;
  std::optional<TransactionState> pending;
  TransactionWait waits_for = TransactionWait::kNothing;
  List<TopicPartition> partitions;  // registered (Ongoing) or without an acknowledged marker
  List<BrokerId> destinations;      // kMarkers: where the markers are queued or sent
  int64_t overdue_ms = 0;           // kClientOrTimeout: a scan has found it by then (wall clock)
};

}  // namespace eosim::kafka
