#include "models/app/loop_thread.h"

#include <algorithm>

#include "models/app/client_configs.h"
#include "sim/assert.h"
#include "sim/world.h"

namespace eosim::kafka {

namespace {

constexpr sim::Duration kIdlePoll = sim::milliseconds(500);
constexpr int kPhasesPerStepMax = 10'000;

}  // namespace

bool is_fatal(Thrown thrown) {
  return thrown == Thrown::kProducerFenced || thrown == Thrown::kOutOfOrderSequence ||
         thrown == Thrown::kFencedInstanceId || thrown == Thrown::kFatal ||
         thrown == Thrown::kIllegalState;
}

LoopThread::LoopThread(const AppConfig& config, uint16_t thread)
    : config_(config), thread_(thread), actor_{thread} {}

void LoopThread::start(LoopEnv& env) {
  last_commit_ = env.context.steady();
  // A process starts in one step of its first thread; each other one begins in a step of its own.
  if (env.context.actor() != actor_) return sleep(env, sim::Duration{});
  advance(env);
}

void LoopThread::step(LoopEnv& env, const sim::Step& step) {
  if (finished_) return;
  if (sleeping_) {
    const bool over = step.kind == sim::StepKind::kTimer &&
                      step.tag.kind == static_cast<uint32_t>(ClientTimer::kApplication) &&
                      step.tag.large == sleep_serial_;
    if (!over) return;
    sleeping_ = false;
  } else {
    EOSIM_ASSERT(waited_call_.valid());
    const std::optional<CallResult> done = env.clients.result(waited_component_, waited_call_);
    if (!done) return;
    if (!waits_for_records_) {
      const sim::Duration waited = env.context.steady() - waiting_since_;
      env.shared().counters.blocked(ThreadKind::kApplication, waited);
    }
    result_ = *done;
    waited_call_ = {};
  }
  advance(env);
}

void LoopThread::advance(LoopEnv& env) {
  for (int phases = 0; !finished_ && !sleeping_ && !waited_call_.valid(); ++phases) {
    EOSIM_ASSERT(phases < kPhasesPerStepMax);
    run_phase(env);
  }
}

void LoopThread::wait_for(LoopEnv& env, uint32_t component, CallId call) {
  EOSIM_ASSERT(call.valid() && !waited_call_.valid() && !sleeping_);
  waiting_since_ = env.context.steady();
  waited_component_ = component;
  waited_call_ = call;
  waits_for_records_ = false;
}

void LoopThread::wait_for_records(LoopEnv& env, uint32_t consumer, CallId poll) {
  wait_for(env, consumer, poll);
  waits_for_records_ = true;
}

void LoopThread::sleep(LoopEnv& env, sim::Duration length) {
  EOSIM_ASSERT(!waited_call_.valid() && !sleeping_);
  sleeping_ = true;
  env.context.set_timer(actor_, length, client_tag(ClientTimer::kApplication, 0, ++sleep_serial_));
}

uint32_t LoopThread::create_consumer(LoopEnv& env) {
  ConsumerConfig made =
      consumer_config(config_, env.shared().names,
                      config_.instance_name() + "/" + std::to_string(thread_), thread_);
  made.application = actor_;
  const uint32_t component = env.clients.add_consumer(std::move(made));
  List<TopicId> topics;
  for (const TopicShape& topic : config_.input) topics.push_back(topic.topic);
  std::sort(topics.begin(), topics.end());
  env.clients.consumer(component).subscribe(std::move(topics));
  return component;
}

uint32_t LoopThread::create_producer(LoopEnv& env, const std::string& transactional_id) {
  ProducerConfig made =
      producer_config(config_, env.shared().names,
                      config_.instance_name() + "/" + std::to_string(thread_), transactional_id);
  made.application = actor_;
  const Name id = made.transactional_id;
  const uint32_t component = env.clients.add_producer(std::move(made));
  env.context.emit(event_id(Event::kAppProducerCreated), {id.id});
  return component;
}

CallResult LoopThread::send_outputs(LoopEnv& env, uint32_t producer,
                                    const List<ConsumedRecord>& inputs, Sending& at, size_t end) {
  const auto outputs = static_cast<int32_t>(config_.output.size()) * config_.fan_out;
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

CallResult LoopThread::send_output(LoopEnv& env, uint32_t producer, const ConsumedRecord& input,
                                   int32_t ordinal) {
  const RecordBatch& batch = env.shared().batches[input.batch];
  const Record source = std::get<List<Record>>(batch.payload).at(static_cast<size_t>(input.index));
  const TopicShape& topic = config_.output.at(static_cast<size_t>(ordinal / config_.fan_out));
  RecordTruth truth;
  truth.uid = env.shared().next_record_uid++;
  truth.input = input.partition;
  truth.input_offset = input.offset;
  truth.ordinal = ordinal;
  truth.application = env.shared().names.intern(config_.name);
  Record output;
  output.key = source.key;
  output.bytes = source.bytes;
  output.timestamp_ms = source.timestamp_ms;
  output.truth = Ghost<RecordTruth>(truth);
  const int32_t copy = ordinal % config_.fan_out;
  const TopicPartition to{topic.topic, (source.key + copy) % topic.partitions};
  return env.clients.producer(producer).send(env.context, to, output);
}

std::string LoopThread::thread_transactional_id(const LoopEnv& env) const {
  if (careless(Mistake::kSharedTransactionalId)) return config().name;
  std::string id = config().instance_name();
  return id.append("-").append(std::to_string(thread())).append(suffix_of_start(env));
}

std::string LoopThread::suffix_of_start(const LoopEnv& env) const {
  if (!careless(Mistake::kFreshTransactionalIds)) return {};
  const uint64_t life = env.context.world().incarnation(env.context.process());
  std::string suffix = "-";
  return suffix.append(config().instance_name()).append("-").append(std::to_string(life));
}

void LoopThread::remove_producer(LoopEnv& env, uint32_t producer,
                                 const std::string& transactional_id, Error error) {
  const Name id = transactional_id.empty() ? Name{} : env.shared().names.intern(transactional_id);
  env.context.emit(event_id(Event::kAppProducerClosed), {id.id, static_cast<int64_t>(error)});
  env.clients.remove(producer);
}

OffsetAndEpoch LoopThread::read_up_to(const Consumer& consumer,
                                      const ConsumedRecord& record) const {
  const OffsetAndEpoch behind{record.partition, record.offset + 1, record.leader_epoch};
  OffsetAndEpoch read = consumer.consumed(record.partition).value_or(behind);
  if (careless(Mistake::kOffsetsWithoutEpoch)) read.leader_epoch = {};
  return read;
}

void LoopThread::emit_offsets_sent(LoopEnv& env, TransactionInstance instance, Name group,
                                   const List<OffsetAndEpoch>& offsets) {
  for (const OffsetAndEpoch& offset : offsets) {
    env.context.emit(event_id(Event::kAppOffsetsSent),
                     {static_cast<int64_t>(instance.number), static_cast<int64_t>(group.id),
                      offset.partition.packed(), offset.offset.value});
  }
}

void LoopThread::seek_back(LoopEnv& env, uint32_t consumer, const OffsetAndEpoch& committed) {
  Consumer& reader = env.clients.consumer(consumer);
  if (!reader.assigned(committed.partition)) return;
  if (committed.offset.valid()) {
    reader.seek(env.context, committed);
  } else {
    reader.seek_to_beginning(env.context, committed.partition);
  }
}

sim::Duration LoopThread::transform_time(size_t records) const {
  return config_.transform_cost * static_cast<int64_t>(records);
}

sim::Duration LoopThread::poll_time(const LoopEnv& env, bool work) const {
  if (!work) return kIdlePoll;
  const sim::Duration interval =
      sim::milliseconds(config_.settings.get(SettingId::kCommitIntervalMs));
  const sim::Duration left = last_commit_ + interval - env.context.steady();
  return std::clamp(left, sim::Duration{}, kIdlePoll);
}

bool LoopThread::commit_due(const LoopEnv& env) const {
  const sim::Duration interval =
      sim::milliseconds(config_.settings.get(SettingId::kCommitIntervalMs));
  return env.context.steady() - last_commit_ >= interval;
}

std::string LoopThread::describe() const {
  return config_.instance_name() + "/" + std::to_string(thread_) + " in " + phase_name();
}

}  // namespace eosim::kafka
