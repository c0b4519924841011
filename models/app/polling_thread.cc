#include "models/app/polling_thread.h"

#include <algorithm>

#include "models/app/client_configs.h"

namespace eosim::kafka {

namespace {

constexpr sim::Duration kIdlePoll = sim::milliseconds(500);

void emit_offsets_sent(LoopEnv& env, TransactionInstance instance, Name group,
                       const List<OffsetAndEpoch>& offsets) {
  for (const OffsetAndEpoch& offset : offsets) {
    env.context.emit(event_id(Event::kAppOffsetsSent),
                     {static_cast<int64_t>(instance.number), static_cast<int64_t>(group.id),
                      offset.partition.packed(), offset.offset.value});
  }
}

}  // namespace

void PollingThread::create_consumer(LoopEnv& env) {
  ConsumerConfig made = consumer_config(config(), env.shared().names, client_id(), thread());
  made.application = actor();
  consumer_ = env.clients.add_consumer(std::move(made));
  List<TopicId> topics;
  for (const TopicShape& topic : config().input) topics.push_back(topic.topic);
  std::sort(topics.begin(), topics.end());
  consumer(env).subscribe(std::move(topics));
}

void PollingThread::start_poll(LoopEnv& env, sim::Duration longest) {
  if (rejoin_) consumer(env).enforce_rebalance();
  rejoin_ = false;
  wait_for_records(env, consumer_, consumer(env).poll(env.context, longest));
}

void PollingThread::take_poll(LoopEnv& env) {
  polled_ = consumer(env).take_poll();
  in_callback_ = polled_.callback();
}

void PollingThread::resume_poll(LoopEnv& env) {
  in_callback_ = false;
  wait_for_records(env, consumer_, consumer(env).resume_poll(env.context));
}

void PollingThread::ask_committed(LoopEnv& env, List<TopicPartition> partitions) {
  wait_for(env, consumer_, consumer(env).committed(env.context, std::move(partitions)));
}

void PollingThread::close_consumer(LoopEnv& env) {
  wait_for(env, consumer_, consumer(env).close(env.context));
}

void PollingThread::remove_consumer(LoopEnv& env) {
  env.clients.remove(consumer_);
  in_callback_ = false;
}

CallResult PollingThread::send_outputs(LoopEnv& env, uint32_t producer,
                                       const List<ConsumedRecord>& inputs, Sending& at,
                                       size_t end) {
  const auto outputs = static_cast<int32_t>(config().output.size()) * config().fan_out;
  while (at.record < end && !waits()) {
    const CallResult sent = send_output(env, producer, inputs[at.record], at.output);
    if (!sent.ok()) return sent;
    if (++at.output == outputs) {
      at.output = 0;
      ++at.record;
    }
    const CallId blocked = env.clients.producer(producer).blocked_send();
    if (blocked.valid()) wait_for(env, producer, blocked);
  }
  return {};
}

CallResult PollingThread::send_output(LoopEnv& env, uint32_t producer, const ConsumedRecord& input,
                                      int32_t ordinal) {
  const RecordBatch& batch = env.shared().batches[input.batch];
  const Record source = std::get<List<Record>>(batch.payload).at(static_cast<size_t>(input.index));
  const TopicShape& topic = config().output.at(static_cast<size_t>(ordinal / config().fan_out));
  RecordTruth truth;
  truth.uid = env.shared().next_record_uid++;
  truth.input = input.partition;
  truth.input_offset = input.offset;
  truth.ordinal = ordinal;
  truth.application = env.shared().names.intern(config().name);
  Record output;
  output.key = source.key;
  output.bytes = source.bytes;
  output.timestamp_ms = source.timestamp_ms;
  output.truth = Ghost<RecordTruth>(truth);
  const int32_t copy = ordinal % config().fan_out;
  const TopicPartition to{topic.topic, (source.key + copy) % topic.partitions};
  return env.clients.producer(producer).send(env.context, to, output);
}

OffsetAndEpoch PollingThread::read_up_to(LoopEnv& env, const ConsumedRecord& record) {
  const OffsetAndEpoch behind{record.partition, record.offset + 1, record.leader_epoch};
  OffsetAndEpoch read = consumer(env).consumed(record.partition).value_or(behind);
  if (careless(Mistake::kOffsetsWithoutEpoch)) read.leader_epoch = {};
  return read;
}

void PollingThread::commit_plain_offsets(LoopEnv& env, const List<OffsetAndEpoch>& offsets) {
  emit_offsets_sent(env, {}, consumer(env).group_metadata().group, offsets);
  wait_for(env, consumer_, consumer(env).commit_sync(env.context, offsets));
}

void PollingThread::send_offsets_to_transaction(LoopEnv& env, uint32_t producer,
                                                const List<OffsetAndEpoch>& offsets,
                                                GroupMetadata group, bool tells_membership) {
  if (!tells_membership) group = {group.group, {}, {}, {}};
  Producer& writer = env.clients.producer(producer);
  emit_offsets_sent(env, writer.instance(), group.group, offsets);
  wait_for(env, producer, writer.send_offsets_to_transaction(env.context, offsets, group));
}

bool PollingThread::seek_back(LoopEnv& env) {
  if (!result().ok()) return false;
  Consumer& reader = consumer(env);
  const List<OffsetAndEpoch> committed = reader.committed_offsets();
  for (const OffsetAndEpoch& entry : committed) {
    if (!reader.assigned(entry.partition)) continue;
    if (entry.offset.valid()) {
      reader.seek(env.context, entry);
    } else {
      reader.seek_to_beginning(env.context, entry.partition);
    }
  }
  return true;
}

void PollingThread::take_time_for(LoopEnv& env, size_t records) {
  const sim::Duration cost = config().transform_cost * static_cast<int64_t>(records);
  if (cost.ns > 0) sleep(env, cost);
}

sim::Duration PollingThread::poll_time(const LoopEnv& env, bool work) const {
  if (!work) return kIdlePoll;
  const sim::Duration interval =
      sim::milliseconds(config().settings.get(SettingId::kCommitIntervalMs));
  const sim::Duration left = last_commit_ + interval - env.context.steady();
  return std::clamp(left, sim::Duration{}, kIdlePoll);
}

bool PollingThread::commit_due(const LoopEnv& env) const {
  const sim::Duration interval =
      sim::milliseconds(config().settings.get(SettingId::kCommitIntervalMs));
  return env.context.steady() - last_commit_ >= interval;
}

List<OffsetAndEpoch> PollingThread::listed(const Positions& positions) {
  List<OffsetAndEpoch> all;
  for (const auto& [partition, position] : positions) all.push_back(position);
  return all;
}

}  // namespace eosim::kafka
