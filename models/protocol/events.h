// The trace's vocabulary: every durable or visible change of a model's state is an event with a
// stable name (design.md section 2, Trace). The table of fields is in events.cc; X-list here so
// that
// the enum and the table cannot part. E(enumerator, "name", fact?, fields...).
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "sim/trace.h"

namespace eosim::kafka {

// Model types of fields; formatted and hashed by KafkaShared.
enum class Field : uint8_t {
  kInteger = static_cast<uint8_t>(sim::FieldType::kInteger),
  kDuration = static_cast<uint8_t>(sim::FieldType::kDuration),
  kProcess = static_cast<uint8_t>(sim::FieldType::kProcess),
  kBatch = static_cast<uint8_t>(sim::FieldType::kStoreId),  // BatchId
  kName = static_cast<uint8_t>(sim::FieldType::kModel),     // Name
  kPartition,                                               // TopicPartition::packed
  kError,                                                   // Error
  kTxnState,                                                // TransactionState, -1: does not exist
  kGroupState,                                              // GroupState
  kBool,                                                    //
  kProducerState,                                           // ProducerClientState
  kIsolation,                                               // IsolationLevel
  kOutcome,                                                 // CommitOutcome
  kRemovalReason,                                           // RemovalReason
  kRpc,                                                     // Rpc
};

enum class GroupState : uint8_t {
  kEmpty,
  kPreparingRebalance,
  kCompletingRebalance,
  kStable,
  kDead
};

// Client states of a producer (transactions.md 5.1).
enum class ProducerClientState : uint8_t {
  kUninitialized,
  kInitializing,
  kReady,
  kInTransaction,
  kCommittingTransaction,
  kAbortingTransaction,
  kAbortableError,
  kFatalError,
};

// What a client was told of its transaction.
enum class CommitOutcome : uint8_t { kCommitted, kAborted, kUnknown, kFailed };

enum class RemovalReason : uint8_t {
  kSessionExpired,
  kLeft,
  kNotRejoined,
  kNeverSynced,
  kReplaced
};

// clang-format off
enum class Event : uint16_t {
  // Partition leader (broker).
  // partition, base_offset, last_offset, batch, producer_id, producer_epoch, base_sequence,
  // leader_epoch, transactional
  kLogAppended,
  // partition, offset, batch, producer_id, producer_epoch, coordinator_epoch, commit, leader_epoch
  kLogMarkerAppended,
  // partition, base_offset, batch, producer_id, producer_epoch, base_sequence
  kLogDuplicate,
  kLogRefused,            // partition, error, batch, producer_id, producer_epoch, base_sequence
  kLogHighWatermark,      // partition, offset, leader_epoch (the leader's only)
  kLogLastStableOffset,   // partition, offset, leader_epoch (the leader's only)
  kLogLoaded,             // partition, end_offset, high_watermark, last_stable_offset
  // Replication. A broker starts to lead: what is in its log from its high watermark on follows,
  // entry by entry, in kLogTail.
  kLeaderStarted,         // partition, leader_epoch, high_watermark, end_offset
  kLogTail,               // partition, base_offset, last_offset, batch, leader_epoch (of the term)
  kFollowerStarted,       // partition, leader_epoch, leader (broker id, -1: none), end_offset
  kReplicaAppended,       // partition, base_offset, last_offset, batch, leader_epoch (of the batch)
  kLogTruncated,          // partition, offset (the new end), from (the old end)
  kLogStartMoved,         // partition, offset
  kLogCleaned,            // partition, entries (kept), up_to
  // Controller.
  kPartitionChanged,      // partition, leader (-1: none), leader_epoch, partition_epoch, isr (bits)
  kUncleanElection,       // partition, leader, leader_epoch
  kBrokerRegistered,      // broker, broker_epoch
  kBrokerFenced,          // broker, broker_epoch
  kBrokerUnfenced,        // broker, broker_epoch
  kMetadataApplied,       // version (by a broker)
  // Transaction coordinator.
  // transactional_id, from, to, producer_id, producer_epoch, record (batch of __transaction_state)
  kTransactionTransition,
  kTransactionFenced,     // transactional_id, producer_id, old_epoch, new_epoch, timed_out
  kTransactionExpired,    // transactional_id, producer_id
  kTransactionRefused,    // transactional_id, rpc, error, producer_id, producer_epoch
  kTransactionMarkersDone,// transactional_id, producer_id, producer_epoch
  // transactional_id, producer_id, producer_epoch, error (markers refused: 3.10)
  kTransactionStuck,
  kTransactionLoaded,     // transactional_id, state, producer_id, producer_epoch
  // Group coordinator.
  kGroupTransition,       // group, from, to, generation
  kGroupMemberJoined,     // group, member_id, client_id
  kGroupMemberRemoved,    // group, member_id, reason
  kGroupGeneration,       // group, generation, members, leader
  kGroupAssigned,         // group, generation, member_id, partition
  kGroupLoaded,           // group, generation, members
  // group, partition, offset, position, producer_id, producer_epoch, generation, member_id
  kOffsetPending,
  kOffsetCommitted,       // group, partition, offset, position, producer_id (-1: plain)
  kOffsetDropped,         // group, partition, offset, producer_id
  kOffsetRefused,         // group, error, producer_id, generation, member_id
  kOffsetFetched,         // group, partition, offset, error, stable
  kOffsetExpired,         // group, partition, offset
  // Producer client.
  kProducerInitialized,   // transactional_id, producer_id, producer_epoch
  kProducerTransition,    // transactional_id, producer_id, producer_epoch, from, to, error
  kProducerAcknowledged,  // partition, base_offset, batch
  kProducerFailed,        // partition, batch, error
  kTransactionBegan,      // instance, transactional_id, producer_id, producer_epoch
  kTransactionEndSent,    // instance, transactional_id, commit
  // instance, transactional_id, outcome, error: what the application was told
  kTransactionEnded,
  // Consumer client.
  kConsumerAssigned,      // group, generation, member_id, partition
  kConsumerRevoked,       // group, member_id, partition, lost
  // group, generation, member_id: the end of a completed rebalance at the client
  kConsumerGeneration,
  // group, partition, offset, reset (start of reading: committed offset, seek or reset policy)
  kConsumerPosition,
  kConsumerDelivered,     // group, partition, base_offset, batch, first_index, count, isolation
  // Applications.
  kAppProducerCreated,    // transactional_id
  kAppProducerClosed,     // transactional_id, error
  kAppOffsetsSent,        // instance, group, partition, offset
  kSourceFinished,        // records
  // An operator. partition, producer_id, producer_epoch, error: of its marker (KIP-664)
  kOperatorAborted,
  // Controller.
  kFeaturesFinalised,     // transaction_version, eligible_leader_replicas
  // Streams (groups-streams-replication.md 5).
  kStreamsTask,        // group, task, state, active: a task came into this state
  kStreamsCommit,      // group, tasks (that take part), why
  kStreamsPrepared,    // group, task: flushed, and its offsets are known
  kStreamsStoreEntry,  // partition (of the changelog), key, value: of a table that is restored
  // partition (of the changelog), position (what it reflects), target, entries: follows its entries
  kStreamsRestored,
  kStreamsCheckpoint,  // group, task, partition (of the changelog), offset (-1: deleted)
  kStreamsWiped,       // group, task: its state directory was deleted
  kStreamsMigrated,    // group, error
  kStreamsCorrupted,   // group, task, error
};
inline constexpr size_t kEventCount = static_cast<size_t>(Event::kStreamsCorrupted) + 1;
// clang-format on

const std::vector<sim::EventKind>& event_kinds();
inline sim::EventKindId event_id(Event event) { return {static_cast<uint16_t>(event)}; }

// A fact on its way out of a handler that does not know the kernel.
struct EmittedEvent {
  Event event;
  uint8_t count = 0;
  std::array<int64_t, sim::kFieldsMax> values{};
};
EmittedEvent make_event(Event event, std::initializer_list<int64_t> values);

}  // namespace eosim::kafka
