// A trace event with the fields of its kind by name: what the ledger and the checkers read instead
// of numbered fields. One struct an event, in the order of models/protocol/events.h; read<T>(event)
// opens it.
#pragma once

#include "models/protocol/batch.h"
#include "models/protocol/errors.h"
#include "models/protocol/events.h"
#include "models/protocol/messages.h"
#include "models/protocol/partition_map.h"
#include "models/protocol/types.h"
#include "sim/trace.h"

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

class FieldReader {
 public:
  explicit FieldReader(const sim::TraceEvent& event) : event_(event) {}
  int64_t integer() { return event_.fields.at(next_++); }
  bool flag() { return integer() != 0; }
  Name name() { return {static_cast<uint32_t>(integer())}; }
  TopicPartition partition() { return TopicPartition::unpacked(integer()); }
  Offset offset() { return {integer()}; }
  BatchId batch() { return {static_cast<uint32_t>(integer())}; }
  ProducerId producer_id() { return {integer()}; }
  ProducerEpoch epoch() { return {static_cast<int16_t>(integer())}; }
  Generation generation() { return {static_cast<int32_t>(integer())}; }
  ProducerIdAndEpoch producer() {
    const ProducerId id = producer_id();
    return {id, epoch()};
  }
  Error error() { return static_cast<Error>(integer()); }
  template <class E>
  E as() {
    return static_cast<E>(integer());
  }

 private:
  const sim::TraceEvent& event_;
  size_t next_ = 0;
};

struct LogAppended {
  static constexpr Event kEvent = Event::kLogAppended;
  explicit LogAppended(FieldReader f)
      : partition(f.partition()),
        base(f.offset()),
        last(f.offset()),
        batch(f.batch()),
        producer(f.producer()),
        base_sequence(f.integer()),
        leader_epoch(f.integer()),
        transactional(f.flag()) {}
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
  explicit LogMarkerAppended(FieldReader f)
      : partition(f.partition()),
        offset(f.offset()),
        batch(f.batch()),
        producer(f.producer()),
        coordinator_epoch(f.integer()),
        commit(f.flag()),
        leader_epoch(f.integer()) {}
  TopicPartition partition;
  Offset offset;
  BatchId batch;
  ProducerIdAndEpoch producer;
  int64_t coordinator_epoch;
  bool commit;
  int64_t leader_epoch;
};

struct LogOffset {  // log.high_watermark, log.last_stable_offset
  explicit LogOffset(FieldReader f)
      : partition(f.partition()), offset(f.offset()), leader_epoch(f.integer()) {}
  TopicPartition partition;
  Offset offset;
  int64_t leader_epoch;
};

struct LogDuplicate {
  static constexpr Event kEvent = Event::kLogDuplicate;
  explicit LogDuplicate(FieldReader f)
      : partition(f.partition()), base(f.offset()), batch(f.batch()), producer(f.producer()) {}
  TopicPartition partition;
  Offset base;
  BatchId batch;
  ProducerIdAndEpoch producer;
};

struct TransactionTransition {
  static constexpr Event kEvent = Event::kTransactionTransition;
  explicit TransactionTransition(FieldReader f)
      : tid(f.name()),
        from(static_cast<int>(f.integer())),
        to(static_cast<int>(f.integer())),
        producer(f.producer()),
        record(f.batch()) {}
  Name tid;
  int from;
  int to;
  ProducerIdAndEpoch producer;
  BatchId record;
};

struct TransactionFenced {
  static constexpr Event kEvent = Event::kTransactionFenced;
  explicit TransactionFenced(FieldReader f)
      : tid(f.name()),
        id(f.producer_id()),
        old_epoch(f.epoch()),
        new_epoch(f.epoch()),
        timed_out(f.flag()) {}
  Name tid;
  ProducerId id;
  ProducerEpoch old_epoch;
  ProducerEpoch new_epoch;
  bool timed_out;
};

struct TransactionExpired {
  static constexpr Event kEvent = Event::kTransactionExpired;
  explicit TransactionExpired(FieldReader f) : tid(f.name()), id(f.producer_id()) {}
  Name tid;
  ProducerId id;
};

struct TransactionRefused {
  static constexpr Event kEvent = Event::kTransactionRefused;
  explicit TransactionRefused(FieldReader f)
      : tid(f.name()), rpc(f.as<Rpc>()), error(f.error()), producer(f.producer()) {}
  Name tid;
  Rpc rpc;
  Error error;
  ProducerIdAndEpoch producer;
};

struct TransactionLoaded {
  static constexpr Event kEvent = Event::kTransactionLoaded;
  explicit TransactionLoaded(FieldReader f)
      : tid(f.name()), state(static_cast<int>(f.integer())), producer(f.producer()) {}
  Name tid;
  int state;
  ProducerIdAndEpoch producer;
};

struct GroupTransition {
  static constexpr Event kEvent = Event::kGroupTransition;
  explicit GroupTransition(FieldReader f)
      : group(f.name()),
        from(static_cast<int>(f.integer())),
        to(static_cast<int>(f.integer())),
        generation(f.generation()) {}
  Name group;
  int from;
  int to;
  Generation generation;
};

struct GroupMemberJoined {
  static constexpr Event kEvent = Event::kGroupMemberJoined;
  explicit GroupMemberJoined(FieldReader f) : group(f.name()), member(f.name()), client(f.name()) {}
  Name group;
  Name member;
  Name client;
};

struct GroupMemberRemoved {
  static constexpr Event kEvent = Event::kGroupMemberRemoved;
  explicit GroupMemberRemoved(FieldReader f)
      : group(f.name()), member(f.name()), reason(f.as<RemovalReason>()) {}
  Name group;
  Name member;
  RemovalReason reason;
};

struct GroupGeneration {
  static constexpr Event kEvent = Event::kGroupGeneration;
  explicit GroupGeneration(FieldReader f)
      : group(f.name()), generation(f.generation()), members(f.integer()), leader(f.name()) {}
  Name group;
  Generation generation;
  int64_t members;
  Name leader;
};

struct GroupAssigned {
  static constexpr Event kEvent = Event::kGroupAssigned;
  explicit GroupAssigned(FieldReader f)
      : group(f.name()), generation(f.generation()), member(f.name()), partition(f.partition()) {}
  Name group;
  Generation generation;
  Name member;
  TopicPartition partition;
};

struct ConsumerAssigned {
  static constexpr Event kEvent = Event::kConsumerAssigned;
  explicit ConsumerAssigned(FieldReader f)
      : group(f.name()), generation(f.generation()), member(f.name()), partition(f.partition()) {}
  Name group;
  Generation generation;
  Name member;
  TopicPartition partition;
};

struct ConsumerGeneration {
  static constexpr Event kEvent = Event::kConsumerGeneration;
  explicit ConsumerGeneration(FieldReader f)
      : group(f.name()), generation(f.generation()), member(f.name()) {}
  Name group;
  Generation generation;
  Name member;
};

struct GroupLoaded {
  static constexpr Event kEvent = Event::kGroupLoaded;
  explicit GroupLoaded(FieldReader f)
      : group(f.name()), generation(f.generation()), members(f.integer()) {}
  Name group;
  Generation generation;
  int64_t members;
};

struct OffsetPending {
  static constexpr Event kEvent = Event::kOffsetPending;
  explicit OffsetPending(FieldReader f)
      : group(f.name()),
        partition(f.partition()),
        offset(f.offset()),
        position(f.offset()),
        producer(f.producer()),
        generation(f.generation()),
        member(f.name()) {}
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
  explicit OffsetCommitted(FieldReader f)
      : group(f.name()),
        partition(f.partition()),
        offset(f.offset()),
        position(f.offset()),
        producer(f.producer_id()) {}
  Name group;
  TopicPartition partition;
  Offset offset;
  Offset position;
  ProducerId producer;
};

struct OffsetDropped {
  static constexpr Event kEvent = Event::kOffsetDropped;
  explicit OffsetDropped(FieldReader f)
      : group(f.name()), partition(f.partition()), offset(f.offset()), producer(f.producer_id()) {}
  Name group;
  TopicPartition partition;
  Offset offset;
  ProducerId producer;
};

struct OffsetExpired {
  static constexpr Event kEvent = Event::kOffsetExpired;
  explicit OffsetExpired(FieldReader f)
      : group(f.name()), partition(f.partition()), offset(f.offset()) {}
  Name group;
  TopicPartition partition;
  Offset offset;
};

struct OffsetRefused {
  static constexpr Event kEvent = Event::kOffsetRefused;
  explicit OffsetRefused(FieldReader f)
      : group(f.name()),
        error(f.error()),
        producer(f.producer_id()),
        generation(f.generation()),
        member(f.name()) {}
  Name group;
  Error error;
  ProducerId producer;
  Generation generation;
  Name member;
};

struct OffsetFetched {
  static constexpr Event kEvent = Event::kOffsetFetched;
  explicit OffsetFetched(FieldReader f)
      : group(f.name()),
        partition(f.partition()),
        offset(f.offset()),
        error(f.error()),
        stable(f.flag()) {}
  Name group;
  TopicPartition partition;
  Offset offset;
  Error error;
  bool stable;
};

struct ProducerInitialized {
  static constexpr Event kEvent = Event::kProducerInitialized;
  explicit ProducerInitialized(FieldReader f) : tid(f.name()), producer(f.producer()) {}
  Name tid;
  ProducerIdAndEpoch producer;
};

struct ProducerTransition {
  static constexpr Event kEvent = Event::kProducerTransition;
  explicit ProducerTransition(FieldReader f)
      : tid(f.name()),
        producer(f.producer()),
        from(f.as<ProducerClientState>()),
        to(f.as<ProducerClientState>()),
        error(f.error()) {}
  Name tid;
  ProducerIdAndEpoch producer;
  ProducerClientState from;
  ProducerClientState to;
  Error error;
};

struct ProducerAcknowledged {
  static constexpr Event kEvent = Event::kProducerAcknowledged;
  explicit ProducerAcknowledged(FieldReader f)
      : partition(f.partition()), base(f.offset()), batch(f.batch()) {}
  TopicPartition partition;
  Offset base;
  BatchId batch;
};

struct ProducerFailed {
  static constexpr Event kEvent = Event::kProducerFailed;
  explicit ProducerFailed(FieldReader f)
      : partition(f.partition()), batch(f.batch()), error(f.error()) {}
  TopicPartition partition;
  BatchId batch;
  Error error;
};

struct TransactionBegan {
  static constexpr Event kEvent = Event::kTransactionBegan;
  explicit TransactionBegan(FieldReader f)
      : instance(static_cast<uint64_t>(f.integer())), tid(f.name()), producer(f.producer()) {}
  uint64_t instance;
  Name tid;
  ProducerIdAndEpoch producer;
};

struct TransactionEndSent {
  static constexpr Event kEvent = Event::kTransactionEndSent;
  explicit TransactionEndSent(FieldReader f)
      : instance(static_cast<uint64_t>(f.integer())), tid(f.name()), commit(f.flag()) {}
  uint64_t instance;
  Name tid;
  bool commit;
};

struct TransactionEnded {
  static constexpr Event kEvent = Event::kTransactionEnded;
  explicit TransactionEnded(FieldReader f)
      : instance(static_cast<uint64_t>(f.integer())),
        tid(f.name()),
        outcome(f.as<CommitOutcome>()),
        error(f.error()) {}
  uint64_t instance;
  Name tid;
  CommitOutcome outcome;
  Error error;
};

struct ConsumerRevoked {
  static constexpr Event kEvent = Event::kConsumerRevoked;
  explicit ConsumerRevoked(FieldReader f)
      : group(f.name()), member(f.name()), partition(f.partition()), lost(f.flag()) {}
  Name group;
  Name member;
  TopicPartition partition;
  bool lost;
};

struct ConsumerPosition {
  static constexpr Event kEvent = Event::kConsumerPosition;
  explicit ConsumerPosition(FieldReader f)
      : group(f.name()), partition(f.partition()), offset(f.offset()), reset(f.flag()) {}
  Name group;
  TopicPartition partition;
  Offset offset;
  bool reset;
};

struct ConsumerDelivered {
  static constexpr Event kEvent = Event::kConsumerDelivered;
  explicit ConsumerDelivered(FieldReader f)
      : group(f.name()),
        partition(f.partition()),
        base(f.offset()),
        batch(f.batch()),
        first_index(f.integer()),
        count(f.integer()),
        isolation(f.as<IsolationLevel>()) {}
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
  explicit AppOffsetsSent(FieldReader f)
      : instance(static_cast<uint64_t>(f.integer())),
        group(f.name()),
        partition(f.partition()),
        offset(f.offset()) {}
  uint64_t instance;
  Name group;
  TopicPartition partition;
  Offset offset;
};

struct StreamsStoreEntry {
  static constexpr Event kEvent = Event::kStreamsStoreEntry;
  explicit StreamsStoreEntry(FieldReader f)
      : changelog(f.partition()), key(static_cast<int32_t>(f.integer())), value(f.integer()) {}
  TopicPartition changelog;
  int32_t key;
  int64_t value;
};

struct StreamsRestored {
  static constexpr Event kEvent = Event::kStreamsRestored;
  explicit StreamsRestored(FieldReader f)
      : changelog(f.partition()), position(f.offset()), target(f.offset()), entries(f.integer()) {}
  TopicPartition changelog;
  Offset position;
  Offset target;
  int64_t entries;
};

template <class T>
T read(const sim::TraceEvent& event) {
  return T(FieldReader(event));
}

}  // namespace eosim::check
