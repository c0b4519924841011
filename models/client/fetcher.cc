#include "models/client/fetcher.h"

#include <algorithm>
#include <tuple>

#include "models/client/consumed_record.h"
#include "models/client/offset_resetter.h"
#include "models/protocol/events.h"

namespace eosim::kafka {

void Fetcher::begin_poll(sim::Context& context) { release_held(kafka_shared(context)); }

void Fetcher::release_held(KafkaShared& shared) {
  for (const BatchId batch : held_) shared.batches.release(batch);
  held_.clear();
}

void Fetcher::drop_all(KafkaShared& shared) {
  for (const CompletedFetch& fetch : completed_) {
    for (const FetchedBatch& fetched : fetch.batches) held_.push_back(fetched.batch);
  }
  completed_.clear();
  release_held(shared);
}

bool Fetcher::buffered(TopicPartition partition) const {
  return std::any_of(completed_.begin(), completed_.end(),
                     [&](const CompletedFetch& fetch) { return fetch.partition == partition; });
}

bool Fetcher::busy(BrokerId broker) const {
  return std::any_of(in_flight_.begin(), in_flight_.end(),
                     [&](const InFlight& request) { return request.broker == broker; });
}

void Fetcher::send(sim::Context& context, ConsumerCore& core) {
  asked_.clear();
  const sim::SteadyTime now = context.steady();
  core.subscriptions.meet_leaders(core.metadata);
  for (const PartitionPosition& entry : core.subscriptions.partitions()) {
    // The next round of the poll asks the leader (pollForFetches waits no longer for that).
    if (entry.state == PositionState::kAwaitValidation) {
      core.wake_at(std::max(entry.retry_at, core.backoff_end(context)));
    }
    if (entry.state != PositionState::kFetching || entry.paused) continue;
    if (buffered(entry.partition)) continue;
    if (now < entry.retry_at) {
      core.wake_at(entry.retry_at);
      continue;
    }
    const MetadataCache::Leader leader = core.usable(context, entry.leader);
    if (!leader.broker.valid() || busy(leader.broker)) continue;
    asked_.push_back({leader.broker, {entry.partition, entry.position, leader.epoch}});
  }
  // A request for each leader, by broker; in it the partitions in their order.
  std::sort(asked_.begin(), asked_.end(), [](const Asked& a, const Asked& b) {
    return std::tie(a.broker, a.what.partition) < std::tie(b.broker, b.what.partition);
  });
  for (auto asked = asked_.begin(); asked != asked_.end();) {
    const BrokerId broker = asked->broker;
    FetchRequest request;
    for (; asked != asked_.end() && asked->broker == broker; ++asked) {
      request.partitions.push_back(asked->what);
    }
    request.isolation = core.config.isolation;
    request.max_wait_ms = core.config.fetch_max_wait_ms;
    request.min_bytes = core.config.fetch_min_bytes;
    const uint64_t tag = core.next_tag();
    in_flight_.push_back({tag, broker, core.subscriptions.assignment_number()});
    core.network.send(context, broker, Lane::kData, std::move(request), tag);
  }
}

void Fetcher::on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply) {
  const std::optional<InFlight> request = take_request(in_flight_, reply.how.tag);
  EOSIM_ASSERT(request.has_value());
  if (reply.transport_error() != Error::kNone) {
    core.metadata.request_update();
    return;
  }
  for (const auto& answer : reply.get<FetchResponse>().partitions) {
    take(context, core, answer, request->assignment_number);
  }
}

void Fetcher::take(sim::Context& context, ConsumerCore& core,
                   const FetchResponse::Partition& answer, uint64_t assignment_number) {
  const PartitionPosition* entry = core.subscriptions.find(answer.partition);
  const bool wanted = entry != nullptr && assignment_number >= entry->assigned_at &&
                      entry->state == PositionState::kFetching &&
                      entry->position == answer.fetch_offset;
  if (wanted && answer.error == Error::kNone && !answer.batches.empty()) {
    CompletedFetch& fetch = completed_.emplace_back();
    fetch.partition = answer.partition;
    fetch.assignment_number = assignment_number;
    fetch.next = answer.fetch_offset;
    fetch.batches = answer.batches;
    fetch.filter = ReadCommittedFilter(core.config.isolation, answer.aborted);
    return;
  }
  for (const FetchedBatch& fetched : answer.batches) held_.push_back(fetched.batch);
  if (wanted && answer.error != Error::kNone) {
    on_error(context, core, answer.partition, answer.error);
  }
}

void Fetcher::on_error(sim::Context& context, ConsumerCore& core, TopicPartition partition,
                       Error error) {
  if (error == Error::kOffsetOutOfRange) {
    if (core.config.auto_offset_reset == OffsetReset::kNone) {
      failure_ = {Thrown::kFatal, error};
    } else {
      core.subscriptions.request_reset(partition, core.config.auto_offset_reset);
    }
    return;
  }
  // UNKNOWN_LEADER_EPOCH: the broker is behind us, so newer metadata would not help.
  if (error != Error::kUnknownLeaderEpoch) core.metadata.request_update();
  core.back_off(context, partition);
}

bool Fetcher::current(const ConsumerCore& core, const CompletedFetch& fetch) const {
  const PartitionPosition* entry = core.subscriptions.find(fetch.partition);
  return entry != nullptr && fetch.assignment_number >= entry->assigned_at &&
         entry->state == PositionState::kFetching && entry->position == fetch.next;
}

bool Fetcher::collect(sim::Context& context, ConsumerCore& core, List<ConsumedRecord>& records) {
  const auto max_records = static_cast<size_t>(core.config.max_poll_records);
  bool moved = false;
  size_t next = 0;
  while (next < completed_.size() && records.size() < max_records) {
    CompletedFetch& fetch = completed_[next];
    if (current(core, fetch)) {
      if (core.subscriptions.find(fetch.partition)->paused) {
        ++next;
        continue;
      }
      const Offset before = fetch.next;
      drain(context, core, fetch, records);
      if (fetch.next > before) {
        core.subscriptions.advance(fetch.partition, fetch.next, fetch.last_epoch);
        moved = true;
      }
      if (fetch.batch < fetch.batches.size()) break;  // stopped at max.poll.records
    }
    for (const FetchedBatch& fetched : fetch.batches) held_.push_back(fetched.batch);
    completed_.erase(completed_.begin() + static_cast<ptrdiff_t>(next));
  }
  return moved;
}

void Fetcher::drain(sim::Context& context, const ConsumerCore& core, CompletedFetch& fetch,
                    List<ConsumedRecord>& records) {
  const auto max_records = static_cast<size_t>(core.config.max_poll_records);
  const BatchStore& store = kafka_shared(context).batches;
  while (fetch.batch < fetch.batches.size() && records.size() < max_records) {
    const FetchedBatch& fetched = fetch.batches[fetch.batch];
    const BatchSummary batch = summarize(fetched, store[fetched.batch]);
    if (!fetch.judged) fetch.delivers = fetch.filter.delivers(batch);
    fetch.judged = true;
    fetch.last_epoch = fetched.leader_epoch;
    if (fetch.delivers && fetch.next <= batch.last) {
      hand_out(context, core, fetch, batch, records);
    } else {
      fetch.next = std::max(fetch.next, batch.last + 1);
    }
    if (fetch.next > batch.last) {
      ++fetch.batch;
      fetch.judged = false;
    }
  }
}

// A run of records of the current batch, from fetch.next on: a batch may begin before the position.
void Fetcher::hand_out(sim::Context& context, const ConsumerCore& core, CompletedFetch& fetch,
                       const BatchSummary& batch, List<ConsumedRecord>& records) {
  const Offset first = std::max(fetch.next, batch.base);
  const int64_t room = int64_t{core.config.max_poll_records} - static_cast<int64_t>(records.size());
  const int64_t count = std::min(batch.last - first + 1, room);
  EOSIM_ASSERT(count > 0);
  const BatchId id = fetch.batches[fetch.batch].batch;
  const RecordBatch& stored = kafka_shared(context).batches[id];
  const auto* all = std::get_if<List<Record>>(&stored.payload);
  if (all != nullptr && all->size() < static_cast<size_t>(stored.count)) {
    return hand_out_cleaned(context, core, fetch, batch, records);
  }
  const int64_t first_index = first - batch.base;
  for (int64_t i = 0; i < count; ++i) {
    records.push_back(
        {fetch.partition, first + i, id, static_cast<int32_t>(first_index + i), fetch.last_epoch});
  }
  fetch.next = first + count;
  tell_delivered(context, core, fetch, batch, first_index, count);
}

// The same for a batch that the log cleaner took records from: what is left keeps its offsets.
void Fetcher::hand_out_cleaned(sim::Context& context, const ConsumerCore& core,
                               CompletedFetch& fetch, const BatchSummary& batch,
                               List<ConsumedRecord>& records) {
  const BatchId id = fetch.batches[fetch.batch].batch;
  const RecordBatch& stored = kafka_shared(context).batches[id];
  const auto max_records = static_cast<size_t>(core.config.max_poll_records);
  for (size_t i = 0; i < stored.offset_deltas.size(); ++i) {
    const int32_t delta = stored.offset_deltas[i];
    const Offset offset = batch.base + delta;
    if (offset < fetch.next) continue;
    if (records.size() == max_records) return;
    records.push_back({fetch.partition, offset, id, static_cast<int32_t>(i), fetch.last_epoch});
    fetch.next = offset + 1;
    tell_delivered(context, core, fetch, batch, delta, 1);
  }
  fetch.next = batch.last + 1;
}

void Fetcher::tell_delivered(sim::Context& context, const ConsumerCore& core,
                             const CompletedFetch& fetch, const BatchSummary& batch,
                             int64_t first_index, int64_t count) {
  const BatchId id = fetch.batches[fetch.batch].batch;
  context.emit(event_id(Event::kConsumerDelivered),
               {name_field(core.config.group), fetch.partition.packed(), batch.base.value,
                static_cast<int64_t>(id.index), first_index, count,
                static_cast<int64_t>(core.config.isolation)});
}

}  // namespace eosim::kafka
