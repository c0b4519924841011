#include "models/app/auditor_process.h"

#include "models/app/client_configs.h"

namespace eosim::kafka {

namespace {

// Longer than fetch.max.wait.ms, so that an idle auditor costs no more than its fetches.
constexpr sim::Duration kPoll = sim::seconds(5);

}  // namespace

std::unique_ptr<sim::Process> AuditorProcess::clone() const {
  return std::make_unique<AuditorProcess>(*this);
}

std::unique_ptr<sim::Process> AuditorProcess::restarted() const {
  return std::make_unique<AuditorProcess>(config_);
}

void AuditorProcess::start(sim::Context& context) {
  auto& names = kafka_shared(context).names;
  ConsumerConfig made = consumer_config(config_.client, names, config_.client.name);
  made.kind = ClientKind::kAuditor;
  made.group = Name{};
  made.isolation = config_.isolation;
  made.auto_offset_reset = OffsetReset::kEarliest;
  made.application = context.actor();
  consumer_ = clients_.add_consumer(std::move(made));
  List<TopicPartition> all;
  for (const TopicShape& topic : config_.client.input) {
    for (int32_t p = 0; p < topic.partitions; ++p) all.push_back({topic.topic, p});
  }
  clients_.consumer(consumer_).assign(context, std::move(all));
  poll_ = clients_.consumer(consumer_).poll(context, kPoll);
}

void AuditorProcess::step(sim::Context& context, const sim::Step& step) {
  if (step.kind == sim::StepKind::kStart) return start(context);
  const bool done = step.kind == sim::StepKind::kTimer &&
                    step.tag.kind == static_cast<uint32_t>(ClientTimer::kCallDone);
  if (!done) clients_.step(context, step);
  while (clients_.consumer(consumer_).result(poll_)) {
    clients_.consumer(consumer_).take_poll();
    poll_ = clients_.consumer(consumer_).poll(context, kPoll);
  }
}

std::string AuditorProcess::describe() const {
  return config_.client.name + " [" + clients_.describe() + "]";
}

}  // namespace eosim::kafka
