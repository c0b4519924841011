// Record batches: the unit of append, replication, truncation and power loss. A batch is written
// once into the world's store and named by its id from then on; what the leader stamps on it (base
// offset, leader epoch) stands in the log's entry and in the fetch response (transactions.md 1.7).
#pragma once

#include <algorithm>
#include <cstdint>
#include <variant>

#include "models/protocol/ghost.h"
#include "models/protocol/types.h"
#include "sim/store.h"

namespace eosim::kafka {

struct Record {
  int32_t key = 0;
  uint32_t bytes = 0;
  int64_t timestamp_ms = 0;
  int64_t value = 0;  // of tables and what is computed from them
  Ghost<RecordTruth> truth;
};

// States of a transactional id (transactions.md 1.3), with Kafka's numbers in the log.
enum class TransactionState : uint8_t {
  kEmpty = 0,
  kOngoing = 1,
  kPrepareCommit = 2,
  kPrepareAbort = 3,
  kCompleteCommit = 4,
  kCompleteAbort = 5,
  kDead = 6,
  kPrepareEpochFence = 7,
};

// A record of __transaction_state (transactions.md 1.5).
struct TransactionLogRecord {
  Name transactional_id;
  bool tombstone = false;
  ProducerIdAndEpoch producer;
  int32_t timeout_ms = 0;
  TransactionState state = TransactionState::kEmpty;
  List<TopicPartition> partitions;  // sorted; empty when the state is Empty or Complete*
  int64_t last_update_ms = -1;
  int64_t start_ms = -1;
  int16_t client_transaction_version = 0;  // value v1 only
  Ghost<TransactionInstance> instance;
};

// What an assignor tells itself through the group, opaque to everybody else.
using UserData = List<int64_t>;

struct Subscription {
  List<TopicId> topics;        // sorted
  List<TopicPartition> owned;  // v1: cooperative protocols report what they own (KIP-429)
  UserData user_data;
  Generation generation;  // v2: in which it was obtained (KIP-792); unset: not told
  friend bool operator==(const Subscription&, const Subscription&) = default;
};

struct GroupMemberRecord {
  Name member_id;
  Name instance_id;
  Name client_id;
  int32_t session_timeout_ms = 0;
  int32_t rebalance_timeout_ms = 0;
  Subscription subscription;
  List<TopicPartition> assignment;
  UserData assignment_user_data;
};

// A group record of __consumer_offsets (groups-streams-replication.md 1.13). No members: the empty
// group record.
struct GroupRecord {
  Name group;
  bool tombstone = false;
  Generation generation;
  Name protocol_type;
  Name protocol;
  Name leader;
  List<GroupMemberRecord> members;  // in join order
  int64_t state_ms = -1;            // when the group came into its state
};

// An offset record of __consumer_offsets.
struct OffsetRecord {
  Name group;
  TopicPartition partition;
  bool tombstone = false;
  Offset offset;
  LeaderEpoch leader_epoch;
  int64_t commit_ms = -1;
};

enum class ControlType : uint8_t { kAbort = 0, kCommit = 1 };

struct Marker {
  ControlType type = ControlType::kAbort;
  CoordinatorEpoch coordinator_epoch;
  // Of the request that brought it, for the leader's check; not in the record
  // (transactions.md 4.6).
  int16_t transaction_version = 0;
};

using Payload = std::variant<List<Record>, Marker, List<TransactionLogRecord>, List<GroupRecord>,
                             List<OffsetRecord>>;

struct RecordBatch {
  ProducerIdAndEpoch producer;  // (-1, -1): neither idempotent nor transactional
  Sequence base_sequence;       // -1 for control batches and what coordinators write
  bool transactional = false;
  int32_t count = 0;  // offsets that it takes = records, until the cleaner drops some
  uint32_t bytes = 0;
  int64_t max_timestamp_ms = 0;
  Payload payload;
  // Of a cleaned batch that lost records, parallel to the rest of them: where each stands, from the
  // base offset on. Empty: one after the other (transactions.md 4.9).
  List<int32_t> offset_deltas;
  int64_t delete_horizon_ms = -1;  // tombstones and an empty transaction's marker go then; -1: none
  Ghost<TransactionInstance> instance;

  bool control() const { return std::holds_alternative<Marker>(payload); }
  Sequence last_sequence() const {
    return base_sequence.valid() ? sequence_plus(base_sequence, count - 1) : Sequence{};
  }
};

// Where the record with this index in the payload stands, from the batch's base offset on.
inline int32_t record_delta(const RecordBatch& batch, size_t index) {
  return batch.offset_deltas.empty() ? static_cast<int32_t>(index) : batch.offset_deltas[index];
}

// The index in the payload of the record that stands there; the number of records if the cleaner
// has taken it.
inline size_t record_index(const RecordBatch& batch, int32_t delta) {
  if (batch.offset_deltas.empty()) return static_cast<size_t>(delta);
  const auto at = std::lower_bound(batch.offset_deltas.begin(), batch.offset_deltas.end(), delta);
  const bool found = at != batch.offset_deltas.end() && *at == delta;
  return static_cast<size_t>((found ? at : batch.offset_deltas.end()) -
                             batch.offset_deltas.begin());
}

// Next to each other in the store are batches of all logs: those that retention takes with the
// others of their time, and the few that a compacted log keeps for as long as their key is not
// written again.
using BatchStore = sim::Store<RecordBatch, 16>;
using BatchId = BatchStore::Id;

inline constexpr uint32_t kBatchOverheadBytes = 61;

}  // namespace eosim::kafka
