#include "models/protocol/events.h"

#include <algorithm>
#include <string_view>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using enum Field;
using enum Event;

struct FieldRow {
  std::string_view name;
  Field type = kInteger;
};

struct Row {
  Event event;
  std::string_view name;
  std::array<FieldRow, sim::kFieldsMax> fields;  // a field without a name ends the list
};

// Fields that mean the same in many events.
constexpr FieldRow kPartitionField = {"partition", kPartition};
constexpr FieldRow kBaseOffset = {"base_offset"};
constexpr FieldRow kOffset = {"offset"};
constexpr FieldRow kPosition = {"position"};
constexpr FieldRow kBatchField = {"batch", kBatch};
constexpr FieldRow kPid = {"producer_id"};
constexpr FieldRow kEpoch = {"producer_epoch"};
constexpr FieldRow kBaseSequence = {"base_sequence"};
constexpr FieldRow kErrorField = {"error", kError};
constexpr FieldRow kTid = {"transactional_id", kName};
constexpr FieldRow kInstance = {"instance"};
constexpr FieldRow kCommit = {"commit", kBool};
constexpr FieldRow kGroup = {"group", kName};
constexpr FieldRow kGeneration = {"generation"};
constexpr FieldRow kMember = {"member_id", kName};
constexpr FieldRow kTask = {"task", kName};
constexpr FieldRow kLeaderEpoch = {"leader_epoch"};
constexpr FieldRow kLastOffset = {"last_offset"};
constexpr FieldRow kBroker = {"broker"};
constexpr FieldRow kBrokerEpochField = {"broker_epoch"};

constexpr Row kTable[] = {
    {kLogAppended,
     "log.appended",
     {{kPartitionField,
       kBaseOffset,
       {"last_offset"},
       kBatchField,
       kPid,
       kEpoch,
       kBaseSequence,
       kLeaderEpoch,
       {"transactional", kBool}}}},
    {kLogMarkerAppended,
     "log.marker_appended",
     {{kPartitionField,
       kOffset,
       kBatchField,
       kPid,
       kEpoch,
       {"coordinator_epoch"},
       kCommit,
       kLeaderEpoch}}},
    {kLogDuplicate,
     "log.duplicate",
     {{kPartitionField, kBaseOffset, kBatchField, kPid, kEpoch, kBaseSequence}}},
    {kLogRefused,
     "log.refused",
     {{kPartitionField, kErrorField, kBatchField, kPid, kEpoch, kBaseSequence}}},
    {kLogHighWatermark, "log.high_watermark", {{kPartitionField, kOffset, kLeaderEpoch}}},
    {kLogLastStableOffset, "log.last_stable_offset", {{kPartitionField, kOffset, kLeaderEpoch}}},
    {kLogLoaded,
     "log.loaded",
     {{kPartitionField, {"end_offset"}, {"high_watermark"}, {"last_stable_offset"}}}},
    {kLeaderStarted,
     "replica.leader_started",
     {{kPartitionField, kLeaderEpoch, {"high_watermark"}, {"end_offset"}}}},
    {kLogTail,
     "log.tail",
     {{kPartitionField, kBaseOffset, kLastOffset, kBatchField, kLeaderEpoch}}},
    {kFollowerStarted,
     "replica.follower_started",
     {{kPartitionField, kLeaderEpoch, {"leader"}, {"end_offset"}}}},
    {kReplicaAppended,
     "replica.appended",
     {{kPartitionField, kBaseOffset, kLastOffset, kBatchField, kLeaderEpoch}}},
    {kLogTruncated, "log.truncated", {{kPartitionField, kOffset, {"from"}}}},
    {kLogStartMoved, "log.start_moved", {{kPartitionField, kOffset}}},
    {kLogCleaned, "log.cleaned", {{kPartitionField, {"entries"}, {"up_to"}}}},
    {kPartitionChanged,
     "controller.partition_changed",
     {{kPartitionField, {"leader"}, kLeaderEpoch, {"partition_epoch"}, {"isr"}}}},
    {kUncleanElection,
     "controller.unclean_election",
     {{kPartitionField, {"leader"}, kLeaderEpoch}}},
    {kBrokerRegistered, "controller.broker_registered", {{kBroker, kBrokerEpochField}}},
    {kBrokerFenced, "controller.broker_fenced", {{kBroker, kBrokerEpochField}}},
    {kBrokerUnfenced, "controller.broker_unfenced", {{kBroker, kBrokerEpochField}}},
    {kMetadataApplied, "broker.metadata_applied", {{{"version"}}}},

    {kTransactionTransition,
     "transaction.transition",
     {{kTid, {"from", kTxnState}, {"to", kTxnState}, kPid, kEpoch, {"record", kBatch}}}},
    {kTransactionFenced,
     "transaction.fenced",
     {{kTid, kPid, {"old_epoch"}, {"new_epoch"}, {"timed_out", kBool}}}},
    {kTransactionExpired, "transaction.expired", {{kTid, kPid}}},
    {kTransactionRefused,
     "transaction.refused",
     {{kTid, {"rpc", kRpc}, kErrorField, kPid, kEpoch}}},
    {kTransactionMarkersDone, "transaction.markers_done", {{kTid, kPid, kEpoch}}},
    {kTransactionStuck, "transaction.stuck", {{kTid, kPid, kEpoch, kErrorField}}},
    {kTransactionLoaded, "transaction.loaded", {{kTid, {"state", kTxnState}, kPid, kEpoch}}},

    {kGroupTransition,
     "group.transition",
     {{kGroup, {"from", kGroupState}, {"to", kGroupState}, kGeneration}}},
    {kGroupMemberJoined, "group.member_joined", {{kGroup, kMember, {"client_id", kName}}}},
    {kGroupMemberRemoved, "group.member_removed", {{kGroup, kMember, {"reason", kRemovalReason}}}},
    {kGroupGeneration, "group.generation", {{kGroup, kGeneration, {"members"}, {"leader", kName}}}},
    {kGroupAssigned, "group.assigned", {{kGroup, kGeneration, kMember, kPartitionField}}},
    {kGroupLoaded, "group.loaded", {{kGroup, kGeneration, {"members"}}}},
    {kOffsetPending,
     "offset.pending",
     {{kGroup, kPartitionField, kOffset, kPosition, kPid, kEpoch, kGeneration, kMember}}},
    {kOffsetCommitted, "offset.committed", {{kGroup, kPartitionField, kOffset, kPosition, kPid}}},
    {kOffsetDropped, "offset.dropped", {{kGroup, kPartitionField, kOffset, kPid}}},
    {kOffsetRefused, "offset.refused", {{kGroup, kErrorField, kPid, kGeneration, kMember}}},
    {kOffsetFetched,
     "offset.fetched",
     {{kGroup, kPartitionField, kOffset, kErrorField, {"stable", kBool}}}},
    {kOffsetExpired, "offset.expired", {{kGroup, kPartitionField, kOffset}}},

    {kProducerInitialized, "producer.initialized", {{kTid, kPid, kEpoch}}},
    {kProducerTransition,
     "producer.transition",
     {{kTid, kPid, kEpoch, {"from", kProducerState}, {"to", kProducerState}, kErrorField}}},
    {kProducerAcknowledged, "producer.acknowledged", {{kPartitionField, kBaseOffset, kBatchField}}},
    {kProducerFailed, "producer.failed", {{kPartitionField, kBatchField, kErrorField}}},
    {kTransactionBegan, "transaction.began", {{kInstance, kTid, kPid, kEpoch}}},
    {kTransactionEndSent, "transaction.end_sent", {{kInstance, kTid, kCommit}}},
    {kTransactionEnded,
     "transaction.ended",
     {{kInstance, kTid, {"outcome", kOutcome}, kErrorField}}},

    {kConsumerAssigned, "consumer.assigned", {{kGroup, kGeneration, kMember, kPartitionField}}},
    {kConsumerRevoked, "consumer.revoked", {{kGroup, kMember, kPartitionField, {"lost", kBool}}}},
    {kConsumerGeneration, "consumer.generation", {{kGroup, kGeneration, kMember}}},
    {kConsumerPosition,
     "consumer.position",
     {{kGroup, kPartitionField, kOffset, {"reset", kBool}}}},
    {kConsumerDelivered,
     "consumer.delivered",
     {{kGroup,
       kPartitionField,
       kBaseOffset,
       kBatchField,
       {"first_index"},
       {"count"},
       {"isolation", kIsolation}}}},

    {kAppProducerCreated, "app.producer_created", {{kTid}}},
    {kAppProducerClosed, "app.producer_closed", {{kTid, kErrorField}}},
    {kAppOffsetsSent, "app.offsets_sent", {{kInstance, kGroup, kPartitionField, kOffset}}},
    {kSourceFinished, "source.finished", {{{"records"}}}},
    {kOperatorAborted, "operator.aborted", {{kPartitionField, kPid, kEpoch, kErrorField}}},

    {kFeaturesFinalised,
     "controller.features_finalised",
     {{{"transaction_version"}, {"eligible_leader_replicas"}}}},
    {kStreamsTask, "streams.task", {{kGroup, kTask, {"state", kName}, {"active", kBool}}}},
    {kStreamsCommit, "streams.commit", {{kGroup, {"tasks"}, {"why", kName}}}},
    {kStreamsPrepared, "streams.prepared", {{kGroup, kTask}}},
    {kStreamsStoreEntry, "streams.store_entry", {{kPartitionField, {"key"}, {"value"}}}},
    {kStreamsRestored, "streams.restored", {{kPartitionField, kPosition, {"target"}, {"entries"}}}},
    {kStreamsCheckpoint, "streams.checkpoint", {{kGroup, kTask, kPartitionField, kOffset}}},
    {kStreamsWiped, "streams.wiped", {{kGroup, kTask}}},
    {kStreamsMigrated, "streams.migrated", {{kGroup, kErrorField}}},
    {kStreamsCorrupted, "streams.corrupted", {{kGroup, kTask, kErrorField}}},
};

consteval bool in_order() {
  for (size_t i = 0; i < std::size(kTable); ++i) {
    if (static_cast<size_t>(kTable[i].event) != i) return false;
  }
  return std::size(kTable) == kEventCount;
}
static_assert(in_order());

sim::EventKind kind_of(const Row& row) {
  sim::EventKind kind;
  kind.name = row.name;
  for (const FieldRow& field : row.fields) {
    if (field.name.empty()) break;
    kind.fields[kind.field_count] = {field.name, static_cast<sim::FieldType>(field.type)};
    ++kind.field_count;
  }
  return kind;
}

}  // namespace

const std::vector<sim::EventKind>& event_kinds() {
  static const std::vector<sim::EventKind> kinds = [] {
    std::vector<sim::EventKind> all;
    for (const Row& row : kTable) all.push_back(kind_of(row));
    return all;
  }();
  return kinds;
}

EmittedEvent make_event(Event event, std::initializer_list<int64_t> values) {
  EOSIM_ASSERT(values.size() == event_kinds()[static_cast<size_t>(event)].field_count);
  EmittedEvent emitted{event, static_cast<uint8_t>(values.size()), {}};
  std::ranges::copy(values, emitted.values.begin());
  return emitted;
}

}  // namespace eosim::kafka
