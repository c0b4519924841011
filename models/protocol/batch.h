// Record batches: the unit of append, replication, truncation and power loss. A batch is written
// once into the world's store and named by its id from then on; what the leader stamps on it (base
// offset, leader epoch) stands in the log's entry and in the fetch response (transactions.md 1.7).
#pragma once

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
  Ghost<TransactionInstance> instance;
};

struct Subscription {
  List<TopicId> topics;        // sorted
  List<TopicPartition> owned;  // cooperative protocols report what they own
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
};

using Payload = std::variant<List<Record>, Marker, List<TransactionLogRecord>, List<GroupRecord>,
                             List<OffsetRecord>>;

struct RecordBatch {
  ProducerIdAndEpoch producer;  // (-1, -1): neither idempotent nor transactional
  Sequence base_sequence;       // -1 for control batches and what coordinators write
  bool transactional = false;
  int32_t count = 0;  // records = offsets that it takes
  uint32_t bytes = 0;
  int64_t max_timestamp_ms = 0;
  Payload payload;
  Ghost<TransactionInstance> instance;

  bool control() const { return std::holds_alternative<Marker>(payload); }
  Sequence last_sequence() const {
    return base_sequence.valid() ? sequence_plus(base_sequence, count - 1) : Sequence{};
  }
};

using BatchStore = sim::Store<RecordBatch>;
using BatchId = BatchStore::Id;

inline constexpr uint32_t kBatchOverheadBytes = 61;

}  // namespace eosim::kafka
