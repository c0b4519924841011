#include "models/log/coverage.h"

#include <variant>

namespace eosim::kafka {
namespace {

enum Row : uint8_t {
  kData,     // of an idempotent producer
  kTxnData,  // of a transactional one
  kOffsets,  // a transaction's, by the group coordinator
  kCommitMarker,
  kAbortMarker,
  kRecords,  // of no producer: what coordinators keep
};
constexpr std::string_view kRows[] = {
    "data",           "data(transactional)", "offsets(transactional)",
    "marker(commit)", "marker(abort)",       "records"};

// What the partition knows of the producer, and how the batch's epoch is to that: older, the same
// or newer. `fresh`: the same, and no batch of it is known: a marker has begun it.
constexpr std::string_view kStates[] = {"not-leader", "unknown-producer", "idle-older",
                                        "idle-same",  "idle-fresh",       "idle-newer",
                                        "open-older", "open-same",        "open-newer"};
constexpr std::string_view kHeads[] = {"-", "?", "i<", "i=", "if", "i>", "o<", "o=", "o>"};

constexpr CoverageLine kLines[] = {
    // ?<=f><=>
    {".x.xxx...", kData, Error::kNone},
    {"..x...x..", kData, Error::kInvalidProducerEpoch},
    {"...xxx.xx", kData, Error::kOutOfOrderSequenceNumber},
    {".x..x....", kData, Error::kUnknownProducerId},
    {".......xx", kData, Error::kInvalidTxnState},
    {"xx.xxx...", kData, Error::kNotLeaderOrFollower},
    {".xxxxxxxx", kData, Error::kNotEnoughReplicas},
    {".x.xxx...", kData, Error::kNotEnoughReplicasAfterAppend},
    {".x.xxx...", kData, Error::kRequestTimedOut},
    {"*", kData, Error::kUnknownTopicOrPartition},
    {"*", kData, Error::kMessageTooLarge},
    {"*", kData, Error::kInvalidRecord},

    {".x.xxx.xx", kTxnData, Error::kNone},
    {"xxxxxxxxx", kTxnData, Error::kInvalidProducerEpoch},
    {".x.xxx.xx", kTxnData, Error::kOutOfOrderSequenceNumber},
    {".x..x....", kTxnData, Error::kUnknownProducerId},
    {"xxxxxxxxx", kTxnData, Error::kInvalidTxnState},
    {"xxxxxxxxx", kTxnData, Error::kTransactionAbortable},
    {"xxxxxxxxx", kTxnData, Error::kInvalidProducerIdMapping},
    {"xxxxxxxxx", kTxnData, Error::kConcurrentTransactions},
    {"xxxxxxxxx", kTxnData, Error::kNetworkException},
    {"xx.xxx.xx", kTxnData, Error::kNotLeaderOrFollower},
    {"xxxxxxxxx", kTxnData, Error::kNotEnoughReplicas},
    {".x.xxx.xx", kTxnData, Error::kNotEnoughReplicasAfterAppend},
    {".x.xxx.xx", kTxnData, Error::kRequestTimedOut},
    {"*", kTxnData, Error::kUnknownTopicOrPartition},
    {"*", kTxnData, Error::kMessageTooLarge},
    {"*", kTxnData, Error::kInvalidRecord},

    {".x.xxx.xx", kOffsets, Error::kNone},
    {"..x...x..", kOffsets, Error::kInvalidProducerEpoch},
    // Nothing is verified while the transaction is open. And no group has a coordinator where its
    // log is not led: they come and go in one step.
    {".xxxxxx.x", kOffsets, Error::kInvalidTxnState},
    {".x.xxx.xx", kOffsets, Error::kNotLeaderOrFollower},
    {".xxxxxxxx", kOffsets, Error::kNotEnoughReplicas},
    {".x.xxx.xx", kOffsets, Error::kNotEnoughReplicasAfterAppend},
    {".x.xxx.xx", kOffsets, Error::kRequestTimedOut},
    {"*", kOffsets, Error::kMessageTooLarge},

    // ?<=f><=>
    {".x.xxx.xx", kCommitMarker, Error::kNone},
    {"..x...xx.", kCommitMarker, Error::kInvalidProducerEpoch},
    {"...xxx.xx", kCommitMarker, Error::kTransactionCoordinatorFenced},
    {"xx.xxx.xx", kCommitMarker, Error::kNotLeaderOrFollower},
    {".xxxxxxxx", kCommitMarker, Error::kNotEnoughReplicas},
    {".x.xxx.xx", kCommitMarker, Error::kNotEnoughReplicasAfterAppend},
    {".x.xxx.xx", kCommitMarker, Error::kRequestTimedOut},
    {"*", kCommitMarker, Error::kMessageTooLarge},
    {"*", kCommitMarker, Error::kInvalidRecord},

    {".x.xxx.xx", kAbortMarker, Error::kNone},
    {"..x...xx.", kAbortMarker, Error::kInvalidProducerEpoch},
    {"...xxx.xx", kAbortMarker, Error::kTransactionCoordinatorFenced},
    {"xx.xxx.xx", kAbortMarker, Error::kNotLeaderOrFollower},
    {".xxxxxxxx", kAbortMarker, Error::kNotEnoughReplicas},
    {".x.xxx.xx", kAbortMarker, Error::kNotEnoughReplicasAfterAppend},
    {".x.xxx.xx", kAbortMarker, Error::kRequestTimedOut},
    {"*", kAbortMarker, Error::kMessageTooLarge},
    {"*", kAbortMarker, Error::kInvalidRecord},

    {".x.......", kRecords, Error::kNone},
    {"xx.......", kRecords, Error::kNotLeaderOrFollower},
    {".x.......", kRecords, Error::kNotEnoughReplicas},
    {".x.......", kRecords, Error::kNotEnoughReplicasAfterAppend},
    {".x.......", kRecords, Error::kRequestTimedOut},
    {"*", kRecords, Error::kMessageTooLarge},
    {"*", kRecords, Error::kInvalidRecord},
    {"*", kRecords, Error::kUnknownTopicOrPartition},
};

constexpr CoverageTable kTable{
    CoverageRole::kLeader, "leader", "partition leader", kRows, kStates, kHeads, kLines};

Row row_of(const RecordBatch& batch, Origin origin) {
  if (const auto* marker = std::get_if<Marker>(&batch.payload)) {
    return marker->type == ControlType::kCommit ? kCommitMarker : kAbortMarker;
  }
  if (!batch.producer.id.valid()) return kRecords;
  if (!batch.transactional) return kData;
  return origin == Origin::kCoordinator ? kOffsets : kTxnData;
}

size_t column_of(const PartitionLog* led, const RecordBatch& batch) {
  enum Column : uint8_t { kNotLeader, kUnknown, kOlder, kSame, kFresh, kNewer, kOpenOlder };
  if (led == nullptr) return kNotLeader;
  const ProducerEntry* entry =
      batch.producer.id.valid() ? led->find_producer(batch.producer.id) : nullptr;
  if (entry == nullptr) return kUnknown;
  const int order = (batch.producer.epoch > entry->epoch) - (batch.producer.epoch < entry->epoch);
  if (entry->open_transaction.valid()) return static_cast<size_t>(kOpenOlder + 1 + order);
  if (order != 0) return order < 0 ? kOlder : kNewer;
  return entry->window.empty() ? kFresh : kSame;
}

}  // namespace

const CoverageTable& leader_coverage() { return kTable; }

Encounter met_by(const PartitionLog* led, const RecordBatch& batch, Origin origin) {
  return {CoverageRole::kLeader, row_of(batch, origin), column_of(led, batch)};
}

}  // namespace eosim::kafka
