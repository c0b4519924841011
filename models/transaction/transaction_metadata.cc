#include "models/transaction/transaction_metadata.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

namespace {

using enum TransactionState;

TransactionTransit prepare(TransactionMetadata& metadata, TransactionState to, int64_t now_ms,
                           int16_t transaction_version) {
  EOSIM_ASSERT(!metadata.pending);
  EOSIM_ASSERT(is_legal_transition(metadata.state, to, transaction_version));
  metadata.pending = to;
  return {.producer = metadata.producer,
          .previous_producer_id = metadata.previous_producer_id,
          .next_producer_id = metadata.next_producer_id,
          .last_producer_epoch = metadata.last_producer_epoch,
          .timeout_ms = metadata.timeout_ms,
          .state = to,
          .partitions = metadata.partitions,
          .start_ms = metadata.start_ms,
          .last_update_ms = now_ms,
          .client_transaction_version = transaction_version,
          .instance = metadata.instance};
}

TransactionState prepared_by(ControlType result) {
  return result == ControlType::kCommit ? kPrepareCommit : kPrepareAbort;
}

// What a transition may do to the pair (Kafka: TransactionMetadata.completeTransitionTo).
bool pair_follows(const TransactionMetadata& from, const TransactionTransit& to) {
  if (to.state == kEmpty) return true;  // table "assign" of 2.3
  const ProducerIdAndEpoch bumped{from.producer.id, next_epoch(from.producer.epoch)};
  if (to.state == kPrepareCommit || to.state == kPrepareAbort) {
    const bool bumps = to.client_transaction_version >= kBumpingTransactionVersion;
    return to.producer == (bumps ? bumped : from.producer);
  }
  return to.producer == from.producer ||
         (from.next_producer_id.valid() &&
          to.producer == ProducerIdAndEpoch{from.next_producer_id, ProducerEpoch{0}});
}

}  // namespace

bool is_legal_transition(TransactionState from, TransactionState to, int16_t transaction_version) {
  const bool from_idle = from == kEmpty || from == kCompleteCommit || from == kCompleteAbort;
  switch (to) {
    case kEmpty:
    case kDead:
      return from_idle;
    case kOngoing:
      return from_idle || from == kOngoing;
    case kPrepareCommit:
    case kPrepareEpochFence:
      return from == kOngoing;
    case kPrepareAbort:
      return from == kOngoing || from == kPrepareEpochFence ||
             (from_idle && transaction_version >= kBumpingTransactionVersion);
    case kCompleteCommit:
      return from == kPrepareCommit;
    case kCompleteAbort:
      return from == kPrepareAbort;
  }
  return false;
}

TransactionTransit prepare_empty(TransactionMetadata& metadata, ProducerIdAndEpoch producer,
                                 ProducerEpoch last_producer_epoch, int32_t timeout_ms,
                                 int64_t now_ms) {
  TransactionTransit transit =
      prepare(metadata, kEmpty, now_ms, metadata.client_transaction_version);
  transit.previous_producer_id = metadata.producer.id;
  transit.next_producer_id = {};
  transit.producer = producer;
  transit.last_producer_epoch = last_producer_epoch;
  transit.timeout_ms = timeout_ms;
  transit.partitions.clear();
  transit.start_ms = -1;
  transit.instance = {};
  return transit;
}

TransactionTransit prepare_ongoing(TransactionMetadata& metadata,
                                   const List<TopicPartition>& partitions, int64_t now_ms,
                                   const Ghost<TransactionInstance>& instance,
                                   int16_t transaction_version) {
  const bool first = metadata.idle();
  TransactionTransit transit = prepare(metadata, kOngoing, now_ms, transaction_version);
  // The timeout counts from the first registration (transactions.md 2.4).
  if (first) transit.start_ms = now_ms;
  transit.partitions = united(metadata.partitions, partitions);
  // A late registration of an older run joins; it does not make the transaction its own.
  transit.instance = first ? instance : newer(transit.instance, instance);
  return transit;
}

TransactionTransit prepare_end(TransactionMetadata& metadata, ControlType result, int64_t now_ms) {
  EOSIM_ASSERT(metadata.state == kOngoing);
  return prepare(metadata, prepared_by(result), now_ms, 0);
}

TransactionTransit prepare_bumping_end(TransactionMetadata& metadata, ControlType result,
                                       ProducerId next_producer_id, int64_t now_ms,
                                       const Ghost<TransactionInstance>& instance) {
  EOSIM_ASSERT(metadata.producer.epoch.value < INT16_MAX);
  const bool empty = metadata.state != kOngoing;
  EOSIM_ASSERT(!empty || (result == ControlType::kAbort && metadata.partitions.empty()));
  TransactionTransit transit =
      prepare(metadata, prepared_by(result), now_ms, kBumpingTransactionVersion);
  transit.next_producer_id = next_producer_id;
  transit.last_producer_epoch = metadata.producer.epoch;
  transit.producer.epoch = next_epoch(metadata.producer.epoch);
  if (empty) {
    transit.start_ms = now_ms;
    transit.instance = instance;
  }
  return transit;
}

// The last epoch that the client saw stays in last_producer_epoch also when the id changes (3.9).
TransactionTransit prepare_complete(TransactionMetadata& metadata, int64_t now_ms) {
  EOSIM_ASSERT(metadata.preparing());
  TransactionTransit transit =
      prepare(metadata, metadata.state == kPrepareCommit ? kCompleteCommit : kCompleteAbort, now_ms,
              metadata.client_transaction_version);
  transit.partitions.clear();
  if (metadata.client_transaction_version < kBumpingTransactionVersion) return transit;
  transit.previous_producer_id = metadata.producer.id;
  transit.next_producer_id = {};
  if (metadata.next_producer_id.valid()) {
    transit.producer = {metadata.next_producer_id, ProducerEpoch{0}};
  }
  return transit;
}

void prepare_dead(TransactionMetadata& metadata) {
  EOSIM_ASSERT(!metadata.pending && is_legal_transition(metadata.state, kDead));
  metadata.pending = kDead;
}

void complete_transition(TransactionMetadata& metadata, const TransactionTransit& transit,
                         BatchId record) {
  EOSIM_ASSERT(metadata.pending == transit.state);
  EOSIM_ASSERT(transit.state != kDead && transit.state != kPrepareEpochFence);
  EOSIM_ASSERT(
      is_legal_transition(metadata.state, transit.state, transit.client_transaction_version));
  EOSIM_ASSERT(pair_follows(metadata, transit));
  EOSIM_ASSERT(transit.producer.epoch.valid());
  const bool holds_partitions = transit.state == kOngoing || transit.state == kPrepareCommit ||
                                transit.state == kPrepareAbort;
  EOSIM_ASSERT(holds_partitions || transit.partitions.empty());
  metadata.producer = transit.producer;
  metadata.previous_producer_id = transit.previous_producer_id;
  metadata.next_producer_id = transit.next_producer_id;
  metadata.last_producer_epoch = transit.last_producer_epoch;
  metadata.timeout_ms = transit.timeout_ms;
  metadata.state = transit.state;
  metadata.partitions = transit.partitions;
  metadata.start_ms = transit.start_ms;
  metadata.last_update_ms = transit.last_update_ms;
  metadata.client_transaction_version = transit.client_transaction_version;
  metadata.instance = transit.instance;
  metadata.pending.reset();
  metadata.record = record;
  metadata.taken_back.clear();
  metadata.epoch_ahead_of_log = false;
}

void remove_partition(TransactionMetadata& metadata, TopicPartition partition) {
  EOSIM_ASSERT(metadata.preparing());
  std::erase(metadata.partitions, partition);
}

List<TopicPartition> united(const List<TopicPartition>& sorted, const List<TopicPartition>& added) {
  List<TopicPartition> result = sorted;
  result.insert(result.end(), added.begin(), added.end());
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

bool contains_all(const List<TopicPartition>& sorted, const List<TopicPartition>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](TopicPartition partition) {
    return std::binary_search(sorted.begin(), sorted.end(), partition);
  });
}

}  // namespace eosim::kafka
