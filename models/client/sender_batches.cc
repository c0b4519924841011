// The batches' side of the I/O thread: sending, completing, failing and expiring them
// (transactions.md 5.5-5.8).
#include <algorithm>
#include <utility>

#include "models/client/retry_count.h"
#include "models/client/sender.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// From 12 on a transactional request is one of TV2 (transactions.md 2.1).
constexpr int16_t kProduceMaxBeforeV2 = 11;

// Puts the batch into the world's store when it is sent first, and again when its sequence changed:
// what is in the store never does.
BatchId store(KafkaShared& shared, ProducerBatch& batch, bool transactional) {
  if (batch.stored.valid() && !batch.stored_stale) return batch.stored;
  RecordBatch stored;
  if (batch.stored.valid()) {
    stored = shared.batches[batch.stored];
  } else {
    stored.transactional = transactional;
    stored.count = batch.count;
    stored.bytes = batch.bytes;
    stored.instance = batch.instance;
    for (const Record& record : batch.records) {
      stored.max_timestamp_ms = std::max(stored.max_timestamp_ms, record.timestamp_ms);
    }
    stored.payload = std::exchange(batch.records, {});
  }
  stored.producer = batch.producer;
  stored.base_sequence = batch.base_sequence;
  if (batch.stored.valid()) shared.batches.release(batch.stored);
  batch.stored = shared.batches.put(std::move(stored));
  batch.stored_stale = false;
  return batch.stored;
}

}  // namespace

bool Sender::send_batches(sim::Context& context, ProducerCore& core) {
  const sim::SteadyTime now = context.steady();
  const bool flush = core.flush || core.manager.is_completing();
  const Accumulator::Ready ready = core.accumulator.ready(core.metadata, now, flush);
  if (ready.unknown_leaders) core.metadata.request_update();
  bool sent = false;
  for (const BrokerId broker : ready.brokers) {
    if (!core.network.ready(context, broker, Lane::kData)) continue;
    const uint32_t in_flight = core.network.in_flight(broker, Lane::kData);
    if (in_flight >= static_cast<uint32_t>(core.config.max_in_flight)) continue;
    const BatchNumbers numbers = core.accumulator.drain(broker, core.metadata, core.manager, now);
    if (numbers.empty()) continue;
    send_produce(context, core, broker, numbers);
    sent = true;
  }
  const bool expired = expire_batches(context, core);
  // Kafka's loop comes back at once: a partition's next batch goes into a request of its own.
  return sent || expired;
}

void Sender::send_produce(sim::Context& context, ProducerCore& core, BrokerId broker,
                          const BatchNumbers& numbers) {
  KafkaShared& shared = kafka_shared(context);
  ProduceRequest request;
  request.transactional_id = core.config.transactional_id;
  request.acks = static_cast<int16_t>(core.config.acks);
  request.timeout_ms = core.config.request_timeout_ms;
  for (const uint64_t number : numbers) {
    ProducerBatch& batch = core.accumulator.batch(number);
    if (batch.attempts > 0) count_retry(context, Rpc::kProduce);
    const BatchId id = store(shared, batch, core.manager.transactional());
    request.partitions.push_back({batch.partition, id});
  }
  const uint64_t tag = next_tag_++;
  produce_requests_.push_back({tag, numbers});
  const bool v1 = core.config.transactional() && !core.manager.in_v2_transaction();
  core.network.send(context, broker, Lane::kData, std::move(request), tag, 0,
                    v1 ? kProduceMaxBeforeV2 : INT16_MAX);
}

void Sender::on_produced(sim::Context& context, ProducerCore& core, const Completion& completion) {
  const auto place = std::ranges::find(produce_requests_, completion.tag, &ProduceInFlight::tag);
  EOSIM_ASSERT(place != produce_requests_.end());
  const BatchNumbers numbers = std::move(place->batches);
  produce_requests_.erase(place);
  ProduceResponse response;
  ProduceResponse::Partition silence;
  switch (completion.kind) {
    case Completion::Kind::kResponse:
      response = kafka_shared(context).bodies.get<ProduceResponse>(completion.body);
      silence.error = Error::kUnknownServerError;
      break;
    case Completion::Kind::kDisconnected:
      silence.error = Error::kNetworkException;
      break;
    case Completion::Kind::kTimedOut:
      silence.error = Error::kRequestTimedOut;
      break;
    case Completion::Kind::kUnsupportedVersion:
      silence.error = Error::kUnsupportedVersion;
      break;
  }
  for (const uint64_t number : numbers) {
    const TopicPartition partition = core.accumulator.batch(number).partition;
    const auto answer =
        std::find_if(response.partitions.begin(), response.partitions.end(),
                     [&](const auto& answered) { return answered.partition == partition; });
    settle(context, core, number, answer == response.partitions.end() ? silence : *answer);
  }
  for (const auto& answer : response.partitions) {
    core.metadata.learn(answer.partition, {answer.leader, answer.leader_epoch});
  }
}

// Not a retry: it has no pause, counts no attempt, and asks neither for time nor for attempts left.
// Where the piece is as large as before, it ends when the batch expires.
void Sender::split_batch(sim::Context& context, ProducerCore& core, uint64_t number) {
  const ProducerBatch batch = core.accumulator.batch(number);
  const RecordBatch& stored = kafka_shared(context).batches[batch.stored];
  const List<Record> records = std::get<List<Record>>(stored.payload);
  core.manager.batch_split(batch, core.accumulator.split(number, records));
}

void Sender::settle(sim::Context& context, ProducerCore& core, uint64_t number,
                    const ProduceResponse::Partition& answer) {
  Accumulator& accumulator = core.accumulator;
  accumulator.answered(number);
  ProducerBatch& batch = accumulator.batch(number);
  if (wants_metadata_refresh(answer.error)) core.metadata.request_update();
  if (answer.error == Error::kNone || answer.error == Error::kDuplicateSequenceNumber) {
    // Also of a batch that has expired: its sequences are taken after all.
    core.manager.acknowledged(batch, answer.base_offset);
    if (!batch.done) {
      if (answer.base_offset.valid()) {
        Offset& last = core.acknowledged[answer.partition];
        last = std::max(last, answer.base_offset + (batch.count - 1));
      }
      context.emit(event_id(Event::kProducerAcknowledged),
                   {answer.partition.packed(), answer.base_offset.value,
                    static_cast<int64_t>(batch.stored.index)});
    }
    accumulator.finish(number);
    return;
  }
  if (batch.done) {
    accumulator.finish(number);
    return;
  }
  if (answer.error == Error::kMessageTooLarge && batch.count > 1) {
    split_batch(context, core, number);
    return;
  }
  const sim::SteadyTime now = context.steady();
  const bool attempts_left = batch.attempts < core.config.retries;
  const bool in_time = now < batch.created + sim::milliseconds(core.config.delivery_timeout_ms);
  if (in_time && attempts_left && !core.manager.has_fatal_error() &&
      core.manager.may_retry(batch, answer.error, answer.log_start_offset, accumulator.batches())) {
    if (jitter_ == sim::StreamId{} && backoff_grows(core.config.switches)) {
      const Names& names = kafka_shared(context).names;
      jitter_ = context.choices().stream("retry " + std::string(names.text(core.config.client_id)));
    }
    const int32_t attempt = batch.attempts + 1;
    accumulator.reenqueue(number, now,
                          retry_backoff(core.config, attempt, context.choices(), jitter_));
    return;
  }
  fail_batch(context, core, number, answer.error, attempts_left);
}

void Sender::fail_batch(sim::Context& context, ProducerCore& core, uint64_t number, Error error,
                        bool adjust) {
  core.manager.batch_failed(core.accumulator.batch(number), error, adjust,
                            core.accumulator.batches());
  emit_events(context, core);
  tell_failed(context, core, number, error);
}

void Sender::tell_failed(sim::Context& context, ProducerCore& core, uint64_t number, Error error) {
  const ProducerBatch& batch = core.accumulator.batch(number);
  EOSIM_ASSERT(!batch.done);
  core.failed_records += static_cast<uint64_t>(batch.count);
  context.emit(event_id(Event::kProducerFailed),
               {batch.partition.packed(), static_cast<int64_t>(batch.stored.index),
                static_cast<int64_t>(error)});
  core.accumulator.finish(number);
}

void Sender::fail_batches(sim::Context& context, ProducerCore& core, Error error) {
  for (const uint64_t number : core.accumulator.incomplete_numbers()) {
    tell_failed(context, core, number, error);
  }
}

void Sender::give_back_settled(KafkaShared& shared, ProducerCore& core) {
  for (const BatchId batch : core.accumulator.take_settled()) shared.batches.release(batch);
}

bool Sender::expire_batches(sim::Context& context, ProducerCore& core) {
  const std::vector<uint64_t> expired = core.accumulator.expired(context.steady());
  for (const uint64_t number : expired) {
    const ProducerBatch batch = core.accumulator.batch(number);
    // TimeoutException has no code of its own. Whether it was appended is unknown: the sequences
    // after it must not close the gap.
    fail_batch(context, core, number, Error::kRequestTimedOut, false);
    if (batch.attempts > 0) core.manager.mark_unresolved(batch);
    if (core.manager.has_fatal_error()) break;
  }
  return !expired.empty();
}

}  // namespace eosim::kafka
