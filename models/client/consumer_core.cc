#include "models/client/consumer_core.h"

#include "models/client/retry_backoff.h"
#include "models/protocol/shared.h"

namespace eosim::kafka {
namespace {

NetworkClientConfig network_config(const ConsumerConfig& config) {
  NetworkClientConfig network;
  network.client_id = config.client_id;
  network.kind = config.kind;
  network.versions = config.versions;
  network.request_timeout_ms = config.request_timeout_ms;
  network.reconnect_backoff_ms = config.reconnect_backoff_ms;
  network.reconnect_backoff_max_ms = config.reconnect_backoff_max_ms;
  network.component = config.component;
  // The heartbeat thread must see a request time out while the application's thread stands still.
  network.actor = config.group.valid() ? config.heartbeat : config.application;
  return network;
}

}  // namespace

ConsumerCore::ConsumerCore(ConsumerConfig c)
    : config(std::move(c)),
      network(network_config(config)),
      metadata(config.metadata_max_age_ms, config.retry_backoff_ms) {
  EOSIM_ASSERT(!config.brokers.empty() && config.max_poll_records > 0);
  EOSIM_ASSERT(!config.group.valid() || config.heartbeat != config.application);
  for (const BrokerAddress& broker : config.brokers) network.know(broker.id, broker.process);
  member.last_completed = {config.group, {}, {}, config.instance_id};
  member.prepare_after_reset = config.switches.on(Switch::kPrepareAfterReset);
}

sim::SteadyTime ConsumerCore::backoff_end(sim::Context& context, int32_t attempt) {
  if (jitter_ == sim::StreamId{} && backoff_grows(config.switches)) {
    const Names& names = kafka_shared(context).names;
    jitter_ = context.choices().stream("retry " + std::string(names.text(config.client_id)));
  }
  return context.steady() + retry_backoff(config, attempt, context.choices(), jitter_);
}

MetadataCache::Leader ConsumerCore::usable(sim::Context& context, MetadataCache::Leader leader) {
  if (!leader.broker.valid()) {
    metadata.request_update();
    return {};
  }
  // The end of the backing-off wakes whoever waits (ClientTimer::kReconnect).
  if (network.backing_off(context, leader.broker, Lane::kData)) return {};
  return leader;
}

void ConsumerCore::refresh_metadata(sim::Context& context) {
  metadata.maybe_request(context, network, next_tag());
  const sim::SteadyTime due = metadata.due();
  if (due != sim::kSteadyNever && due > context.steady()) wake_at(due);
}

}  // namespace eosim::kafka
