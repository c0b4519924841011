// Marker rounds (transactions.md 3.10): from the acknowledged decision to the Complete record.
#include <utility>

#include "models/transaction/transaction_coordinator.h"
#include "sim/assert.h"

namespace eosim::kafka {

namespace {

enum class Verdict : uint8_t { kWritten, kRetry, kForget, kIllegal };

// What the leader's answer for one partition means.
Verdict verdict(Error error) {
  switch (error) {
    case Error::kNone:
    case Error::kUnsupportedVersion:
      return Verdict::kWritten;
    case Error::kUnknownTopicOrPartition:
    case Error::kNotLeaderOrFollower:
    case Error::kNotEnoughReplicas:
    case Error::kNotEnoughReplicasAfterAppend:
    case Error::kRequestTimedOut:
    case Error::kKafkaStorageError:
      return Verdict::kRetry;
    case Error::kInvalidProducerEpoch:
    case Error::kTransactionCoordinatorFenced:
      return Verdict::kForget;
    default:
      return Verdict::kIllegal;
  }
}

}  // namespace

EmittedEvent stuck_event(Name transactional_id, ProducerIdAndEpoch producer, Error error) {
  return make_event(Event::kTransactionStuck, {transactional_id.id, producer.id.value,
                                               producer.epoch.value, static_cast<int64_t>(error)});
}

void TransactionCoordinator::start_markers(const CoordinatorEnv& env, int32_t partition,
                                           CoordinatorEpoch epoch,
                                           const TransactionMetadata& metadata,
                                           const TransactionTransit& complete, Effects& effects) {
  EOSIM_ASSERT(metadata.preparing() && metadata.pending == complete.state);
  const uint64_t number = next_completion_++;
  MarkerEntry entry;
  entry.transactional_id = metadata.transactional_id;
  entry.completion = number;
  entry.transaction_partition = partition;
  entry.marker.producer = metadata.producer;
  entry.marker.coordinator_epoch = epoch;
  entry.marker.result = metadata.state == TransactionState::kPrepareCommit ? ControlType::kCommit
                                                                           : ControlType::kAbort;
  // For leaders that tell the marker of an end from that of the next by its epoch (KIP-1228).
  entry.marker.transaction_version = metadata.client_transaction_version;
  entry.marker.partitions = metadata.partitions;
  entry.marker.instance = metadata.instance;
  PendingCompletion pending;
  pending.number = number;
  pending.transactional_id = metadata.transactional_id;
  pending.partition = partition;
  pending.epoch = epoch;
  pending.transit = complete;
  completions_.insert_or_assign(pending.transactional_id.id, std::move(pending));
  const Name tid = metadata.transactional_id;
  enqueue_markers(env, std::move(entry), effects);
  maybe_complete(env, tid, number, effects);
}

void TransactionCoordinator::enqueue_markers(const CoordinatorEnv& env, MarkerEntry entry,
                                             Effects& effects) {
  const Name tid = entry.transactional_id;
  const uint64_t completion = entry.completion;
  const int32_t partition = entry.transaction_partition;
  const CoordinatorEpoch epoch = entry.marker.coordinator_epoch;
  const List<TopicPartition> deleted = channel_.enqueue(env.metadata, std::move(entry));
  if (deleted.empty()) return;
  const TransactionCache::Found found = cache_.find_same_epoch(partition, tid, epoch);
  if (found.error != Error::kNone) {
    forget_completion(tid, completion);
    return;
  }
  for (const TopicPartition& gone : deleted) remove_partition(*found.metadata, gone);
  maybe_complete(env, tid, completion, effects);
}

void TransactionCoordinator::maybe_complete(const CoordinatorEnv& env, Name transactional_id,
                                            uint64_t completion, Effects& effects) {
  const auto at = completions_.find(transactional_id.id);
  if (at == completions_.end() || at->second.number != completion) return;
  const TransactionCache::Found found =
      cache_.find_same_epoch(at->second.partition, transactional_id, at->second.epoch);
  if (found.error == Error::kNone && !found.metadata->partitions.empty()) return;
  PendingCompletion pending = std::move(at->second);
  completions_.erase(at);
  if (found.error != Error::kNone) return;  // whoever leads the partition now goes on
  effects.push_back(make_event(Event::kTransactionMarkersDone,
                               {transactional_id.id, pending.transit.producer.id.value,
                                pending.transit.producer.epoch.value}));
  append_complete(env, std::move(pending), effects);
}

void TransactionCoordinator::append_complete(const CoordinatorEnv& env, PendingCompletion pending,
                                             Effects& effects) {
  // 3.4 step 1: the partition may have been lost between two attempts.
  const TransactionCache::Found found =
      cache_.find_same_epoch(pending.partition, pending.transactional_id, pending.epoch);
  if (found.error != Error::kNone) return;
  PendingAppend append_pending;
  append_pending.purpose = AppendPurpose::kComplete;
  append_pending.partition = pending.partition;
  append_pending.epoch = pending.epoch;
  append_pending.transactional_id = pending.transactional_id;
  append_pending.transit = pending.transit;
  append_pending.completion = std::move(pending);
  append(env, std::move(append_pending), effects);
}

bool TransactionCoordinator::forget_completion(Name transactional_id, uint64_t completion) {
  const auto at = completions_.find(transactional_id.id);
  if (at == completions_.end() || at->second.number != completion) return false;
  completions_.erase(at);
  return true;
}

// The transaction partition is led under the epoch that the marker names; if not, nobody here waits
// for it any more.
bool TransactionCoordinator::still_ours(const MarkerEntry& entry) {
  const TransactionCache::Found found = cache_.find_same_epoch(
      entry.transaction_partition, entry.transactional_id, entry.marker.coordinator_epoch);
  if (found.error == Error::kNone) return true;
  forget_completion(entry.transactional_id, entry.completion);
  return false;
}

void TransactionCoordinator::on_markers_done(const CoordinatorEnv& env, uint64_t token,
                                             const WriteTxnMarkersResponse* response,
                                             Effects& effects) {
  if (response == nullptr) {
    // The lost request may still be carried out: leaders will see the same marker twice.
    for (MarkerEntry& entry : channel_.fail(token, env.clock.steady)) {
      if (still_ours(entry)) enqueue_markers(env, std::move(entry), effects);
    }
    return wake_sender(env, effects);
  }
  const std::vector<MarkerEntry> entries = channel_.finish(token);
  EOSIM_ASSERT(entries.size() == response->markers.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    const Error illegal = on_marker_answer(env, entries[i], response->markers[i], effects);
    if (illegal == Error::kNone) continue;
    // Kafka's handler dies of an illegal state: this entry and the later ones are never seen again.
    for (size_t lost = i; lost < entries.size(); ++lost) {
      if (forget_completion(entries[lost].transactional_id, entries[lost].completion)) {
        effects.push_back(
            stuck_event(entries[lost].transactional_id, entries[lost].marker.producer, illegal));
      }
    }
    break;
  }
  wake_sender(env, effects);
}

// NONE, or the error that leaves Kafka in an illegal state.
Error TransactionCoordinator::on_marker_answer(const CoordinatorEnv& env, const MarkerEntry& entry,
                                               const WriteTxnMarkersResponse::Marker& answer,
                                               Effects& effects) {
  EOSIM_ASSERT(answer.producer_id == entry.marker.producer.id);
  if (!still_ours(entry)) return Error::kNone;
  TransactionMetadata& metadata =
      *cache_.find(entry.transaction_partition, entry.transactional_id).metadata;
  List<TopicPartition> retry;
  Error refused = Error::kNone;
  for (const PartitionError& result : answer.partitions) {
    switch (verdict(result.error)) {
      case Verdict::kWritten:
        remove_partition(metadata, result.partition);
        break;
      case Verdict::kRetry:
        retry.push_back(result.partition);
        break;
      case Verdict::kForget:
        refused = result.error;
        break;
      case Verdict::kIllegal:
        return result.error;
    }
  }
  if (refused != Error::kNone) {
    // Stays in Prepare* with pendingState Complete* until the partition is loaded again.
    if (forget_completion(entry.transactional_id, entry.completion)) {
      effects.push_back(stuck_event(entry.transactional_id, entry.marker.producer, refused));
    }
    return Error::kNone;
  }
  if (retry.empty()) {
    maybe_complete(env, entry.transactional_id, entry.completion, effects);
  } else {
    MarkerEntry again = entry;
    again.marker.partitions = std::move(retry);
    enqueue_markers(env, std::move(again), effects);
  }
  return Error::kNone;
}

// One iteration of the sender thread: appends that failed, markers without a destination, requests.
void TransactionCoordinator::wake_sender(const CoordinatorEnv& env, Effects& effects) {
  last_wake_ = env.clock.steady;
  for (PendingCompletion& pending : std::exchange(append_retries_, {})) {
    append_complete(env, std::move(pending), effects);
  }
  const sim::Duration timeout = sim::milliseconds(config_.request_timeout_ms);
  for (MarkerEntry& entry : channel_.take_for_lookup(env.clock.steady, timeout)) {
    if (still_ours(entry)) enqueue_markers(env, std::move(entry), effects);
  }
  for (SendMarkersEffect& send : channel_.drain(env.clock.steady, next_marker_token_)) {
    effects.push_back(std::move(send));
  }
}

void TransactionCoordinator::on_metadata(const CoordinatorEnv& env, Effects& effects) {
  if (channel_.has_unresolved()) wake_sender(env, effects);
}

}  // namespace eosim::kafka
