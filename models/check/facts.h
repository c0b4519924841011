// A trace event with the fields of its kind by name: what the ledger and the checkers read instead
// of numbered fields. One struct an event, in the order of models/protocol/events.h, its members in
// the order of the event's fields; read<T>(event) opens it.
#pragma once

#include "models/check/field_reader.h"
#include "models/protocol/batch.h"
#include "models/protocol/errors.h"
#include "models/protocol/events.h"
#include "models/protocol/partition_map.h"
#include "models/protocol/rpc.h"
#include "models/protocol/types.h"

namespace eosim::check {

using kafka::BatchId;
using kafka::CommitOutcome;
using kafka::Error;
using kafka::Event;
using kafka::Generation;
using kafka::GroupState;
using kafka::IsolationLevel;
using kafka::Name;
using kafka::Offset;
using kafka::PartitionMap;
using kafka::ProducerClientState;
using kafka::ProducerEpoch;
using kafka::ProducerId;
using kafka::ProducerIdAndEpoch;
using kafka::RemovalReason;
using kafka::Rpc;
using kafka::TopicPartition;

// "Does not exist" for a transactional id or a group (Field::kTxnState: -1).
inline constexpr int kNoState = -1;

struct LogAppended {
  static constexpr Event kEvent = Event::kLogAppended;
  TopicPartition partition;
  Offset base;
  Offset last;
  BatchId batch;
  ProducerIdAndEpoch producer;
  int64_t base_sequence;
  int64_t leader_epoch;
  bool transactional;
};

struct LogMarkerAppended {
  static constexpr Event kEvent = Event::kLogMarkerAppended;
  TopicPartition partition;
  Offset offset;
  BatchId batch;
  ProducerIdAndEpoch producer;
  int64_t coordinator_epoch;
  bool commit;
  int64_t leader_epoch;
};

struct LogOffset {  // log.high_watermark, log.last_stable_offset
  TopicPartition partition;
  Offset offset;
  int64_t leader_epoch;
};

struct LogDuplicate {
  static constexpr Event kEvent = Event::kLogDuplicate;
  TopicPartition partition;
  Offset base;
  BatchId batch;
  ProducerIdAndEpoch producer;
};

struct TransactionTransition {
  static constexpr Event kEvent = Event::kTransactionTransition;
  Name tid;
  int from;
  int to;
  ProducerIdAndEpoch producer;
  BatchId record;
};

struct TransactionFenced {
  static constexpr Event kEvent = Event::kTransactionFenced;
  Name tid;
  ProducerId id;
  ProducerEpoch old_epoch;
  ProducerEpoch new_epoch;
  bool timed_out;
};

struct TransactionExpired {
  static constexpr Event kEvent = Event::kTransactionExpired;
  Name tid;
  ProducerId id;
};

struct TransactionRefused {
  static constexpr Event kEvent = Event::kTransactionRefused;
  Name tid;
  Rpc rpc;
  Error error;
  ProducerIdAndEpoch producer;
};

struct TransactionLoaded {
  static constexpr Event kEvent = Event::kTransactionLoaded;
  Name tid;
  int state;
  ProducerIdAndEpoch producer;
};

struct GroupTransition {
  static constexpr Event kEvent = Event::kGroupTransition;
  Name group;
  int from;
  int to;
  Generation generation;
};

struct GroupMemberJoined {
  static constexpr Event kEvent = Event::kGroupMemberJoined;
  Name group;
  Name member;
  Name client;
};

struct GroupMemberRemoved {
  static constexpr Event kEvent = Event::kGroupMemberRemoved;
  Name group;
  Name member;
  RemovalReason reason;
};

struct GroupGeneration {
  static constexpr Event kEvent = Event::kGroupGeneration;
  Name group;
  Generation generation;
  int64_t members;
  Name leader;
};

struct GroupAssigned {
  static constexpr Event kEvent = Event::kGroupAssigned;
  Name group;
  Generation generation;
  Name member;
  TopicPartition partition;
};

struct ConsumerAssigned {
  static constexpr Event kEvent = Event::kConsumerAssigned;
  Name group;
  Generation generation;
  Name member;
  TopicPartition partition;
};

struct ConsumerGeneration {
  static constexpr Event kEvent = Event::kConsumerGeneration;
  Name group;
  Generation generation;
  Name member;
};

struct GroupLoaded {
  static constexpr Event kEvent = Event::kGroupLoaded;
  Name group;
  Generation generation;
  int64_t members;
};

struct OffsetPending {
  static constexpr Event kEvent = Event::kOffsetPending;
  Name group;
  TopicPartition partition;
  Offset offset;
  Offset position;
  ProducerIdAndEpoch producer;
  Generation generation;
  Name member;
};

struct OffsetCommitted {
  static constexpr Event kEvent = Event::kOffsetCommitted;
  Name group;
  TopicPartition partition;
  Offset offset;
  Offset position;
  ProducerId producer;
};

struct OffsetDropped {
  static constexpr Event kEvent = Event::kOffsetDropped;
  Name group;
  TopicPartition partition;
  Offset offset;
  ProducerId producer;
};

struct OffsetExpired {
  static constexpr Event kEvent = Event::kOffsetExpired;
  Name group;
  TopicPartition partition;
  Offset offset;
};

struct OffsetRefused {
  static constexpr Event kEvent = Event::kOffsetRefused;
  Name group;
  Error error;
  ProducerId producer;
  Generation generation;
  Name member;
};

struct OffsetFetched {
  static constexpr Event kEvent = Event::kOffsetFetched;
  Name group;
  TopicPartition partition;
  Offset offset;
  Error error;
  bool stable;
};

struct ProducerInitialized {
  static constexpr Event kEvent = Event::kProducerInitialized;
  Name tid;
  ProducerIdAndEpoch producer;
};

struct ProducerTransition {
  static constexpr Event kEvent = Event::kProducerTransition;
  Name tid;
  ProducerIdAndEpoch producer;
  ProducerClientState from;
  ProducerClientState to;
  Error error;
};

struct ProducerAcknowledged {
  static constexpr Event kEvent = Event::kProducerAcknowledged;
  TopicPartition partition;
  Offset base;
  BatchId batch;
};

struct ProducerFailed {
  static constexpr Event kEvent = Event::kProducerFailed;
  TopicPartition partition;
  BatchId batch;
  Error error;
};

struct TransactionBegan {
  static constexpr Event kEvent = Event::kTransactionBegan;
  uint64_t instance;
  Name tid;
  ProducerIdAndEpoch producer;
};

struct TransactionEndSent {
  static constexpr Event kEvent = Event::kTransactionEndSent;
  uint64_t instance;
  Name tid;
  bool commit;
};

struct TransactionEnded {
  static constexpr Event kEvent = Event::kTransactionEnded;
  uint64_t instance;
  Name tid;
  CommitOutcome outcome;
  Error error;
};

struct ConsumerRevoked {
  static constexpr Event kEvent = Event::kConsumerRevoked;
  Name group;
  Name member;
  TopicPartition partition;
  bool lost;
};

struct ConsumerPosition {
  static constexpr Event kEvent = Event::kConsumerPosition;
  Name group;
  TopicPartition partition;
  Offset offset;
  bool reset;
};

struct ConsumerDelivered {
  static constexpr Event kEvent = Event::kConsumerDelivered;
  Offset first() const { return base + first_index; }
  Offset end() const { return base + (first_index + count); }
  Name group;
  TopicPartition partition;
  Offset base;
  BatchId batch;
  int64_t first_index;
  int64_t count;
  IsolationLevel isolation;
};

struct AppOffsetsSent {
  static constexpr Event kEvent = Event::kAppOffsetsSent;
  uint64_t instance;
  Name group;
  TopicPartition partition;
  Offset offset;
};

struct StreamsStoreEntry {
  static constexpr Event kEvent = Event::kStreamsStoreEntry;
  TopicPartition changelog;
  int32_t key;
  int64_t value;
};

struct StreamsRestored {
  static constexpr Event kEvent = Event::kStreamsRestored;
  TopicPartition changelog;
  Offset position;
  Offset target;
  int64_t entries;
};

}  // namespace eosim::check
