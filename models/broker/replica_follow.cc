// Copying: what a leader makes of a follower's fetch, and what a follower makes of the answer
// (groups-streams-replication.md 6.3, 6.6; Kafka's Partition.fetchRecords and
// AbstractFetcherThread.processFetchRequest).
#include <algorithm>
#include <utility>

#include "models/broker/replica_manager.h"
#include "models/log/truncation.h"
#include "models/protocol/events.h"
#include "models/protocol/shared.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

void release(sim::Context& context, const Released& released) {
  for (const BatchId batch : released) kafka_shared(context).batches.release(batch);
}

}  // namespace

FollowerView ReplicaManager::look(const FetchRequest::Partition& asked) const {
  FollowerView view;
  const Led led = find_led(asked.partition, asked.current_leader_epoch);
  view.error = led.error;
  if (view.error != Error::kNone) return view;
  view.log = &led.replica->log;
  const PartitionLog& log = *view.log;
  const Offset end = log.log_end_offset();
  const Divergence divergence =
      find_divergence(log.leader_epochs(), end, asked.offset, asked.last_fetched_epoch);
  const bool unknown = divergence.diverges && !divergence.end;
  if (unknown || asked.offset < log.log_start_offset() ||
      (!divergence.diverges && asked.offset > end)) {
    view.error = Error::kOffsetOutOfRange;
    view.diverging_end = end;
  } else if (divergence.diverges) {
    view.diverging_epoch = divergence.end->epoch;
    view.diverging_end = divergence.end->end_offset;
  } else {
    view.data = asked.offset < end;
  }
  return view;
}

Offset ReplicaManager::read_for_follower(const PartitionLog& log, Offset from, int64_t& room,
                                         FetchResponse::Partition& answer) const {
  EOSIM_ASSERT(room > 0);
  const int64_t limit = std::min(room, fetch_max_bytes_);
  ReadResult result = log.read_for_follower(from, static_cast<uint32_t>(limit));
  EOSIM_ASSERT(result.error == Error::kNone);
  room -= result.bytes;
  answer.batches = std::move(result.batches);
  return result.end.valid() ? result.end : from;
}

FetchRequest::Partition ReplicaManager::next_fetch(uint32_t index) const {
  const Replica& replica = replicas_.at(index);
  EOSIM_ASSERT(replica.role == ReplicaRole::kFollower && replica.leader.valid());
  FetchRequest::Partition asked;
  asked.partition = replica.partition;
  asked.offset = replica.log.log_end_offset();
  asked.current_leader_epoch = replica.leader_epoch;
  // Who truncates to its high watermark does not ask where the logs part.
  if (!truncates_to_high_watermark()) {
    asked.last_fetched_epoch = replica.log.latest_leader_epoch().value_or(LeaderEpoch{});
  }
  return asked;
}

Error ReplicaManager::on_fetched(sim::Context& context, uint32_t index,
                                 const FetchResponse::Partition& answer) {
  Replica& replica = replicas_.at(index);
  EOSIM_ASSERT(replica.role == ReplicaRole::kFollower && replica.partition == answer.partition);
  const PartitionLog& log = replica.log;
  EOSIM_ASSERT(answer.fetch_offset == log.log_end_offset());
  if (answer.error == Error::kOffsetOutOfRange) {
    // Kafka asks with ListOffsets where the leader's log begins and ends; the answer says it here.
    if (answer.diverging_end < log.log_end_offset()) {
      truncate(context, replica, answer.diverging_end);
    } else {
      start_over(context, replica, answer.log_start_offset);
    }
    return Error::kNone;
  }
  if (answer.error != Error::kNone) return answer.error;
  if (answer.diverging_epoch.valid()) {
    const EpochEnd diverging{answer.diverging_epoch, answer.diverging_end};
    truncate(context, replica,
             truncation_offset(log.leader_epochs(), log.log_end_offset(), diverging));
    return Error::kNone;
  }
  copy(context, replica, answer);
  return Error::kNone;
}

void ReplicaManager::copy(sim::Context& context, Replica& replica,
                          const FetchResponse::Partition& answer) {
  PartitionLog& log = replica.log;
  BatchStore& store = kafka_shared(context).batches;
  for (const FetchedBatch& fetched : answer.batches) {
    EOSIM_ASSERT(fetched.base_offset >= log.log_end_offset());
    const Offset before = log.log_end_offset();
    const bool new_epoch = log.latest_leader_epoch() != fetched.leader_epoch;
    const AppendResult result = log.append_replica(switches_, store, fetched);
    // Up to 2.3 a follower refused the marker of a deposed coordinator that its leader had taken,
    // and stopped copying (transactions.md 4.6).
    if (!result.appended()) break;
    store.retain(fetched.batch);
    write_entry(context, replica, before, result.rolled);
    if (new_epoch) write_epochs(context, replica);
    context.emit(event_id(Event::kReplicaAppended),
                 {replica.partition.packed(), result.base_offset.value, result.last_offset.value,
                  fetched.batch.index, fetched.leader_epoch.value});
  }
  follow_high_watermark(context, replica, answer.high_watermark);
  if (answer.log_start_offset > log.log_start_offset()) {
    const Offset start = std::min(answer.log_start_offset, log.high_watermark());
    if (log.move_start(switches_, start)) report_start(context, replica);
  }
}

// May also fall: what counts is what the leader says.
void ReplicaManager::follow_high_watermark(sim::Context& context, Replica& replica,
                                           Offset leaders) {
  replica.log.set_high_watermark(switches_, kafka_shared(context).batches, leaders);
}

void ReplicaManager::truncate(sim::Context& context, Replica& replica, Offset end) {
  PartitionLog& log = replica.log;
  const Offset before = log.log_end_offset();
  release(context, log.truncate_to(switches_, kafka_shared(context).batches, end,
                                   expired_producers(context)));
  if (log.log_end_offset() != before) {
    replica.flushed = std::min(replica.flushed, log.log_end_offset());
    rewrite_file(context, replica);
    context.emit(event_id(Event::kLogTruncated),
                 {replica.partition.packed(), log.log_end_offset().value, before.value});
  }
  write_epochs(context, replica);
}

// The leader no longer has what would come next here.
void ReplicaManager::start_over(sim::Context& context, Replica& replica, Offset start) {
  PartitionLog& log = replica.log;
  const Offset before = log.log_end_offset();
  release(context, log.start_at(start));
  replica.flushed = start;
  rewrite_file(context, replica);
  write_epochs(context, replica);
  if (before > start) {
    context.emit(event_id(Event::kLogTruncated),
                 {replica.partition.packed(), start.value, before.value});
  }
  report_start(context, replica);
}

void ReplicaManager::report_start(sim::Context& context, const Replica& replica) const {
  context.emit(event_id(Event::kLogStartMoved),
               {replica.partition.packed(), replica.log.log_start_offset().value});
}

}  // namespace eosim::kafka
