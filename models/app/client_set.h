// The Kafka clients of one process, by component number, and the way of a step to the one that it
// concerns. Numbers and actors are never used twice in an incarnation, so what was meant for a
// closed client reaches nobody.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/client/consumer.h"
#include "models/client/producer.h"
#include "sim/context.h"

namespace eosim::kafka {

class ClientSet {
 public:
  explicit ClientSet(uint16_t application_actors) : next_actor_(application_actors) {}

  // The config's component, sender and heartbeat are set here; its application is the caller's.
  uint32_t add_producer(ProducerConfig config);
  uint32_t add_consumer(ConsumerConfig config);
  // After close(): forgets the client.
  void remove(uint32_t component);

  Producer& producer(uint32_t component);
  Consumer& consumer(uint32_t component);
  std::optional<CallResult> result(uint32_t component, CallId call);

  // Gives the step to the client that it concerns; without one it is dropped.
  // ClientTimer::kCallDone and kApplication are the application's and must not come here.
  void step(sim::Context& context, const sim::Step& step);
  // The process dies: its clients give back what the world's stores hold for them.
  void on_death(sim::Shared& shared);

  uint32_t producer_count() const;
  std::vector<const Consumer*> consumers() const;
  std::string describe() const;

 private:
  struct Client {
    uint32_t component = 0;
    std::optional<Producer> producer;
    std::optional<Consumer> consumer;
  };
  Client* find(uint32_t component);
  sim::ActorId new_actor() { return {next_actor_++}; }

  std::vector<Client> clients_;  // by component
  uint32_t next_component_ = 0;
  uint16_t next_actor_;
};

}  // namespace eosim::kafka
