// What the parts of a consumer share: its configuration, connections, metadata, membership and
// positions. Parts hold no references to each other; each step hands them this.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "models/client/consumer_config.h"
#include "models/client/coordinator_lookup.h"
#include "models/client/membership.h"
#include "models/client/metadata_cache.h"
#include "models/client/network_client.h"
#include "models/client/subscription_state.h"
#include "sim/assert.h"

namespace eosim::kafka {

struct ConsumerCore {
  explicit ConsumerCore(ConsumerConfig config);

  ConsumerConfig config;
  NetworkClient network;
  MetadataCache metadata;
  Membership member;
  CoordinatorLookup lookup;
  SubscriptionState subscriptions;
  // Ended by a part's own disconnect(); handed out before the step is over.
  Completions ended;
  // When the application's thread must look again though nothing arrives.
  sim::SteadyTime wake = sim::kSteadyNever;

  uint64_t next_tag() { return ++last_tag_; }
  void wake_at(sim::SteadyTime at) { wake = std::min(wake, at); }
  sim::SteadyTime backoff_end(sim::Context& context) const {
    return context.steady() + sim::milliseconds(config.retry_backoff_ms);
  }

  // A partition waits that long.
  void back_off(sim::Context& context, TopicPartition partition) {
    subscriptions.back_off(partition, backoff_end(context));
  }

  // The same where it grows with the attempts, counted from 1 (KIP-580): what a call repeats, and
  // the search for the coordinator.
  sim::SteadyTime backoff_end(sim::Context& context, int32_t attempt);

  // Unset broker: unknown at the moment or backing off; fresh metadata is then asked for.
  MetadataCache::Leader usable_leader(sim::Context& context, TopicPartition partition) {
    return usable(context, metadata.leader(partition));
  }
  // The same of one that a position has.
  MetadataCache::Leader usable(sim::Context& context, MetadataCache::Leader leader);
  // Asks for metadata when it is due; says when that will be.
  void refresh_metadata(sim::Context& context);

 private:
  uint64_t last_tag_ = 0;
  sim::StreamId jitter_;  // of pauses between attempts
};

// Takes the request with this tag out of those that are under way, if it is one of them.
template <class InFlight>
std::optional<InFlight> take_request(List<InFlight>& in_flight, uint64_t tag) {
  const auto sent = std::find_if(in_flight.begin(), in_flight.end(),
                                 [tag](const InFlight& request) { return request.tag == tag; });
  if (sent == in_flight.end()) return std::nullopt;
  InFlight request = std::move(*sent);
  in_flight.erase(sent);
  return request;
}

inline int64_t name_field(Name name) { return static_cast<int64_t>(name.id); }

}  // namespace eosim::kafka
