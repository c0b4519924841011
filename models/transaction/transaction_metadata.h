// What the coordinator knows of one transactional id, and the transitions it may make
// (transactions.md 1.2, 1.3). A transition is prepared (the transit record is written, pendingState
// is set) and completed only when its record is acknowledged; in between the cache shows the old
// state. Kafka: TransactionMetadata, TxnTransitMetadata.
#pragma once

#include <cstdint>
#include <optional>

#include "models/protocol/batch.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

// The complete proposed copy of the persisted fields that a transition writes to the log.
struct TransactionTransit {
  ProducerIdAndEpoch producer;
  // Memory only: the log's value has tags for both ids, and no release writes them (KAFKA-20310).
  ProducerId previous_producer_id;
  ProducerId next_producer_id;
  ProducerEpoch last_producer_epoch;  // memory only
  int32_t timeout_ms = 0;
  TransactionState state = TransactionState::kEmpty;
  List<TopicPartition> partitions;  // sorted
  int64_t start_ms = -1;
  int64_t last_update_ms = -1;
  int16_t client_transaction_version = 0;
  Ghost<TransactionInstance> instance;
};

struct TransactionMetadata {
  Name transactional_id;
  ProducerIdAndEpoch producer;        // epoch -1: never acknowledged, "does not exist" to a reader
  ProducerId previous_producer_id;    // memory only
  ProducerId next_producer_id;        // memory only: promised to the client of an overflow (3.9)
  ProducerEpoch last_producer_epoch;  // memory only: recognises a repeated InitProducerId
  int32_t timeout_ms = 0;
  TransactionState state = TransactionState::kEmpty;
  std::optional<TransactionState> pending;  // memory only: the mutex of the transactional id
  List<TopicPartition> partitions;          // sorted; shrinks in memory during Prepare*
  int64_t start_ms = -1;
  int64_t last_update_ms = -1;
  int16_t client_transaction_version = 0;  // under which the last transition was made (6.7)
  bool failed_epoch_fence = false;         // memory only (transactions.md 3.6)
  Ghost<TransactionInstance> instance;

  // For checkers; nothing here is decided by it. Which record the cached state is of, which later
  // ones may stand in the log although they were taken back (3.4, indeterminate appends), and
  // whether a fence has raised the epoch without a record (3.6 step 4).
  BatchId record;
  List<BatchId> taken_back;
  bool epoch_ahead_of_log = false;

  bool preparing() const {
    return state == TransactionState::kPrepareCommit || state == TransactionState::kPrepareAbort;
  }
  // Empty, CompleteCommit, CompleteAbort: no transaction, the id may expire.
  bool idle() const {
    return state == TransactionState::kEmpty || state == TransactionState::kCompleteCommit ||
           state == TransactionState::kCompleteAbort;
  }
};

// The version under which an end raises the epoch (KIP-890 part 2, "TV2").
inline constexpr int16_t kBumpingTransactionVersion = 2;

// The table of transactions.md 1.3. Under version 2 a client may abort what it never began.
bool is_legal_transition(TransactionState from, TransactionState to,
                         int16_t transaction_version = 0);

// Each sets pendingState and returns what to append. No pendingState may be set before.
TransactionTransit prepare_empty(TransactionMetadata& metadata, ProducerIdAndEpoch producer,
                                 ProducerEpoch last_producer_epoch, int32_t timeout_ms,
                                 int64_t now_ms);
TransactionTransit prepare_ongoing(TransactionMetadata& metadata,
                                   const List<TopicPartition>& partitions, int64_t now_ms,
                                   const Ghost<TransactionInstance>& instance,
                                   int16_t transaction_version = 0);
TransactionTransit prepare_end(TransactionMetadata& metadata, ControlType result, int64_t now_ms);
// Version 2 (transactions.md 3.5): the epoch is raised. `next_producer_id` is what the client goes
// on with when that used up the last epoch. What is ended may be no transaction at all: an abort of
// an idle id, by that run of beginTransaction().
TransactionTransit prepare_bumping_end(TransactionMetadata& metadata, ControlType result,
                                       ProducerId next_producer_id, int64_t now_ms,
                                       const Ghost<TransactionInstance>& instance);
TransactionTransit prepare_complete(TransactionMetadata& metadata, int64_t now_ms);
void prepare_dead(TransactionMetadata& metadata);

// The record is acknowledged: the transit becomes the cached state, pendingState is cleared.
void complete_transition(TransactionMetadata& metadata, const TransactionTransit& transit,
                         BatchId record);

// A marker is written there. Legal in Prepare* only.
void remove_partition(TransactionMetadata& metadata, TopicPartition partition);

// Sorted union, duplicates removed.
List<TopicPartition> united(const List<TopicPartition>& sorted, const List<TopicPartition>& added);
bool contains_all(const List<TopicPartition>& sorted, const List<TopicPartition>& wanted);

}  // namespace eosim::kafka
