#include "models/transaction/transaction_metadata.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

namespace {

using enum TransactionState;

TransactionTransit prepare(TransactionMetadata& metadata, TransactionState to, int64_t now_ms) {
  EOSIM_ASSERT(!metadata.pending);
  EOSIM_ASSERT(is_legal_transition(metadata.state, to));
  metadata.pending = to;
  return {.producer = metadata.producer,
          .previous_producer_id = metadata.previous_producer_id,
          .last_producer_epoch = metadata.last_producer_epoch,
          .timeout_ms = metadata.timeout_ms,
          .state = to,
          .partitions = metadata.partitions,
          .start_ms = metadata.start_ms,
          .last_update_ms = now_ms,
          .instance = metadata.instance};
}

}  // namespace

bool is_legal_transition(TransactionState from, TransactionState to) {
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
      return from == kOngoing || from == kPrepareEpochFence;
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
  TransactionTransit transit = prepare(metadata, kEmpty, now_ms);
  transit.previous_producer_id = metadata.producer.id;
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
                                   const Ghost<TransactionInstance>& instance) {
  const bool first = metadata.idle();
  TransactionTransit transit = prepare(metadata, kOngoing, now_ms);
  // The timeout counts from the first registration (transactions.md 2.4).
  if (first) transit.start_ms = now_ms;
  transit.partitions = united(metadata.partitions, partitions);
  // A late registration of an older run joins; it does not make the transaction its own.
  transit.instance = first ? instance : newer(transit.instance, instance);
  return transit;
}

TransactionTransit prepare_end(TransactionMetadata& metadata, ControlType result, int64_t now_ms) {
  EOSIM_ASSERT(metadata.state == kOngoing);
  return prepare(metadata, result == ControlType::kCommit ? kPrepareCommit : kPrepareAbort, now_ms);
}

TransactionTransit prepare_complete(TransactionMetadata& metadata, int64_t now_ms) {
  EOSIM_ASSERT(metadata.preparing());
  TransactionTransit transit = prepare(
      metadata, metadata.state == kPrepareCommit ? kCompleteCommit : kCompleteAbort, now_ms);
  transit.partitions.clear();
  return transit;
}

void prepare_dead(TransactionMetadata& metadata) {
  EOSIM_ASSERT(!metadata.pending && is_legal_transition(metadata.state, kDead));
  metadata.pending = kDead;
}

void complete_transition(TransactionMetadata& metadata, const TransactionTransit& transit) {
  EOSIM_ASSERT(metadata.pending == transit.state);
  EOSIM_ASSERT(transit.state != kDead && transit.state != kPrepareEpochFence);
  EOSIM_ASSERT(is_legal_transition(metadata.state, transit.state));
  EOSIM_ASSERT(transit.state == kEmpty || transit.producer == metadata.producer);
  EOSIM_ASSERT(transit.producer.epoch.valid());
  const bool holds_partitions = transit.state == kOngoing || transit.state == kPrepareCommit ||
                                transit.state == kPrepareAbort;
  EOSIM_ASSERT(holds_partitions || transit.partitions.empty());
  metadata.producer = transit.producer;
  metadata.previous_producer_id = transit.previous_producer_id;
  metadata.last_producer_epoch = transit.last_producer_epoch;
  metadata.timeout_ms = transit.timeout_ms;
  metadata.state = transit.state;
  metadata.partitions = transit.partitions;
  metadata.start_ms = transit.start_ms;
  metadata.last_update_ms = transit.last_update_ms;
  metadata.instance = transit.instance;
  metadata.pending.reset();
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
