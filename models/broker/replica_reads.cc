// What clients may read of a partition (groups-streams-replication.md 6.3).
#include <algorithm>

#include "models/broker/replica_manager.h"
#include "sim/assert.h"

namespace eosim::kafka {

// Both sides may be behind: who knows less is told so (KIP-320). Unset: the client does not know.
ReplicaManager::Led ReplicaManager::find_led(TopicPartition partition,
                                             LeaderEpoch known_to_asker) const {
  const Replica* replica = find(partition);
  if (replica == nullptr || !replica->leads()) return {leadership(partition), nullptr};
  if (known_to_asker.valid()) {
    if (known_to_asker < replica->leader_epoch) return {Error::kFencedLeaderEpoch, nullptr};
    if (known_to_asker > replica->leader_epoch) return {Error::kUnknownLeaderEpoch, nullptr};
  }
  return {Error::kNone, replica};
}

ReadableBytes ReplicaManager::readable(const FetchRequest::Partition& asked,
                                       IsolationLevel isolation, int64_t enough) const {
  const Led led = find_led(asked.partition, asked.current_leader_epoch);
  if (led.error != Error::kNone) return {led.error, 0};
  const PartitionLog& log = led.replica->log;
  if (asked.offset < log.log_start_offset() || asked.offset > log.log_end_offset()) {
    return {Error::kOffsetOutOfRange, 0};
  }
  const Offset bound = log.readable_end(isolation);
  ReadableBytes readable;
  if (asked.offset >= bound) return readable;
  const auto entries = log.entries();
  for (size_t i = log.entry_index(asked.offset); i < entries.size(); ++i) {
    if (entries[i].end_offset() > bound || readable.bytes >= enough) break;
    readable.bytes += entries[i].bytes;
  }
  return readable;
}

FetchResponse::Partition ReplicaManager::read(const FetchRequest::Partition& asked,
                                              IsolationLevel isolation, int64_t& room,
                                              bool& first) const {
  FetchResponse::Partition answer;
  answer.partition = asked.partition;
  answer.fetch_offset = asked.offset;
  const Led led = find_led(asked.partition, asked.current_leader_epoch);
  answer.error = led.error;
  if (answer.error != Error::kNone) return answer;
  const PartitionLog& log = led.replica->log;
  answer.high_watermark = log.high_watermark();
  answer.last_stable_offset = log.last_stable_offset();
  answer.log_start_offset = log.log_start_offset();
  const auto limit = static_cast<uint32_t>(std::clamp<int64_t>(room, 0, UINT32_MAX));
  ReadResult result = log.read(asked.offset, isolation, limit);
  answer.error = result.error;
  // The log gives at least one batch; here that holds for the whole answer (KIP-74).
  if (result.batches.empty() || (!first && result.bytes > room)) return answer;
  first = false;
  room -= result.bytes;
  answer.batches = std::move(result.batches);
  answer.aborted = std::move(result.aborted);
  return answer;
}

ListOffsetsResponse::Partition ReplicaManager::list_offset(
    const BatchStore& store, const ListOffsetsRequest::Partition& asked,
    IsolationLevel isolation) const {
  ListOffsetsResponse::Partition answer;
  answer.partition = asked.partition;
  const Led led = find_led(asked.partition, asked.current_leader_epoch);
  answer.error = led.error;
  if (answer.error != Error::kNone) return answer;
  const Replica& replica = *led.replica;
  const Offset bound = replica.log.readable_end(isolation);
  answer.leader_epoch = replica.leader_epoch;
  // A new leader's high watermark may lie below what the one before it has shown; until it has
  // reached the start of the epoch, the end of the log is not known (KIP-207).
  const bool settled = replica.log.high_watermark() >= replica.epoch_start;
  if (asked.timestamp == kLatestTimestamp) {
    answer.offset = settled ? bound : Offset{};
  } else if (asked.timestamp == kEarliestTimestamp) {
    answer.offset = replica.log.log_start_offset();
  } else {
    // The first batch that is late enough; unset if there is none below the bound.
    for (const LogEntry& entry : replica.log.entries()) {
      if (entry.base_offset >= bound) break;
      if (store[entry.batch].max_timestamp_ms < asked.timestamp) continue;
      answer.offset = entry.base_offset;
      break;
    }
  }
  if (!settled && !answer.offset.valid()) answer.error = Error::kOffsetNotAvailable;
  return answer;
}

// Of a leader only, and by its log's end, not by the high watermark: the epoch that goes on ends
// there (groups-streams-replication.md 6.6).
OffsetForLeaderEpochResponse::Partition ReplicaManager::end_of_epoch(
    const OffsetForLeaderEpochRequest::Partition& asked) const {
  OffsetForLeaderEpochResponse::Partition answer;
  answer.partition = asked.partition;
  const Led led = find_led(asked.partition, asked.current_leader_epoch);
  answer.error = led.error;
  if (answer.error != Error::kNone) return answer;
  const PartitionLog& log = led.replica->log;
  if (const auto end =
          log.leader_epochs().end_offset_for(asked.leader_epoch, log.log_end_offset())) {
    answer.leader_epoch = end->epoch;
    answer.end_offset = end->end_offset;
  }
  return answer;
}

}  // namespace eosim::kafka
