#include "models/app/source_process.h"

#include <algorithm>

#include "models/app/client_configs.h"

namespace eosim::kafka {

SourceProcess::SourceProcess(SourceConfig config) : config_(std::move(config)), clients_(1) {}

std::unique_ptr<sim::Process> SourceProcess::clone() const {
  return std::make_unique<SourceProcess>(*this);
}

// A source that crashed goes on with new records; what it had not sent is nobody's.
std::unique_ptr<sim::Process> SourceProcess::restarted() const {
  return std::make_unique<SourceProcess>(config_);
}

void SourceProcess::step(sim::Context& context, const sim::Step& step) {
  if (step.kind == sim::StepKind::kStart) {
    auto& names = kafka_shared(context).names;
    ProducerConfig made = producer_config(config_.client, names, config_.client.name, "");
    made.kind = ClientKind::kSource;
    producer_ = clients_.add_producer(std::move(made));
    arrivals_ = context.choices().stream("arrivals " + config_.client.name);
    started_ = context.steady();
    due_ = started_;
    return schedule(context);
  }
  const bool timer = step.kind == sim::StepKind::kTimer;
  if (timer && step.tag.kind == static_cast<uint32_t>(ClientTimer::kApplication)) {
    return send_next(context);
  }
  if (timer && step.tag.kind == static_cast<uint32_t>(ClientTimer::kCallDone)) {
    // A send() that blocked: what was due meanwhile follows at once.
    if (sending_.valid() && clients_.result(producer_, sending_)) schedule(context);
    return;
  }
  clients_.step(context, step);
}

void SourceProcess::schedule(sim::Context& context) {
  const bool enough = config_.count >= 0 && sent_ >= config_.count;
  const int64_t rate = config_.records_per_1000s;
  if (!enough && rate > 0) {
    const sim::Duration gap{1'000'000'000'000 / rate};
    due_ = due_ + (config_.poisson ? context.choices().exponential(arrivals_, gap, gap) : gap);
    if (due_ - started_ < config_.length) {
      const sim::Duration wait = std::max(due_ - context.steady(), sim::Duration{});
      context.set_timer(context.actor(), wait, client_tag(ClientTimer::kApplication, 0));
      return;
    }
  }
  finished_ = true;
  context.emit(event_id(Event::kSourceFinished), {sent_});
}

void SourceProcess::send_next(sim::Context& context) {
  auto& shared = kafka_shared(context);
  const TopicShape& topic = config_.client.output.front();
  RecordTruth truth;
  truth.uid = shared.next_record_uid++;
  Record record;
  record.key = static_cast<int32_t>(sent_ % INT32_MAX);
  record.bytes = config_.record_bytes;
  record.timestamp_ms = context.wall().ms();
  record.truth = Ghost<RecordTruth>(truth);
  const TopicPartition to{topic.topic, static_cast<int32_t>(sent_ % topic.partitions)};
  ++sent_;
  Producer& producer = clients_.producer(producer_);
  producer.send(context, to, record);
  sending_ = producer.blocked_send();
  if (!sending_.valid()) schedule(context);
}

std::string SourceProcess::describe() const {
  return config_.client.name + (finished_ ? " finished after " : " sent ") + std::to_string(sent_) +
         " records [" + clients_.describe() + "]";
}

}  // namespace eosim::kafka
