#include "models/app/client_set.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

uint32_t ClientSet::add_producer(ProducerConfig config) {
  const uint32_t component = next_component_++;
  config.component = component;
  config.sender = new_actor();
  Client& added = clients_.emplace_back();
  added.component = component;
  added.producer.emplace(std::move(config));
  return component;
}

uint32_t ClientSet::add_consumer(ConsumerConfig config) {
  const uint32_t component = next_component_++;
  config.component = component;
  config.heartbeat = new_actor();
  Client& added = clients_.emplace_back();
  added.component = component;
  added.consumer.emplace(std::move(config));
  return component;
}

ClientSet::Client* ClientSet::find(uint32_t component) {
  const auto place = std::lower_bound(
      clients_.begin(), clients_.end(), component,
      [](const Client& client, uint32_t wanted) { return client.component < wanted; });
  return place != clients_.end() && place->component == component ? &*place : nullptr;
}

void ClientSet::remove(uint32_t component) {
  Client* client = find(component);
  EOSIM_ASSERT(client != nullptr);
  clients_.erase(clients_.begin() + (client - clients_.data()));
}

Producer& ClientSet::producer(uint32_t component) {
  Client* client = find(component);
  EOSIM_ASSERT(client != nullptr && client->producer);
  return *client->producer;
}

Consumer& ClientSet::consumer(uint32_t component) {
  Client* client = find(component);
  EOSIM_ASSERT(client != nullptr && client->consumer);
  return *client->consumer;
}

std::optional<CallResult> ClientSet::result(uint32_t component, CallId call) {
  Client* client = find(component);
  EOSIM_ASSERT(client != nullptr);
  return client->producer ? client->producer->result(call) : client->consumer->result(call);
}

void ClientSet::step(sim::Context& context, const sim::Step& step) {
  const bool timer = step.kind == sim::StepKind::kTimer;
  const sim::ConnectionId connection =
      step.kind == sim::StepKind::kMessage ? step.message.connection : step.connection;
  for (Client& client : clients_) {
    const bool concerned = timer ? client.component == step.tag.small
                                 : (client.producer ? client.producer->owns(connection)
                                                    : client.consumer->owns(connection));
    if (!concerned) continue;
    if (client.producer) {
      client.producer->step(context, step);
    } else {
      client.consumer->step(context, step);
    }
    return;
  }
}

void ClientSet::on_death(sim::Shared& shared) {
  auto& kafka = static_cast<KafkaShared&>(shared);
  for (Client& client : clients_) {
    client.producer ? client.producer->on_death(kafka) : client.consumer->on_death(kafka);
  }
}

uint32_t ClientSet::producer_count() const {
  return static_cast<uint32_t>(std::count_if(clients_.begin(), clients_.end(),
                                             [](const Client& c) { return bool{c.producer}; }));
}

std::vector<const Consumer*> ClientSet::consumers() const {
  std::vector<const Consumer*> all;
  for (const Client& client : clients_) {
    if (client.consumer) all.push_back(&*client.consumer);
  }
  return all;
}

std::string ClientSet::describe() const {
  std::string all;
  for (const Client& client : clients_) {
    if (!all.empty()) all += "; ";
    all += client.producer ? "producer waits for " + client.producer->waits_for()
                           : client.consumer->describe();
  }
  return all;
}

}  // namespace eosim::kafka
