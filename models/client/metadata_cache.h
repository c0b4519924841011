// What a client knows of the cluster: the leader of every partition, from the last Metadata
// response. Never goes back to a smaller leader epoch (Metadata.updateLastSeenEpochIfNewer).
// Refreshed on demand, at most every retry.backoff.ms, and every metadata.max.age.ms; one request
// at a time.
#pragma once

#include <optional>
#include <vector>

#include "models/client/network_client.h"
#include "models/protocol/messages.h"
#include "sim/time.h"

namespace eosim::kafka {

class MetadataCache {
 public:
  struct Leader {
    BrokerId broker;  // unset: none at the moment
    LeaderEpoch epoch;
    friend bool operator==(const Leader&, const Leader&) = default;
  };

  MetadataCache(int32_t max_age_ms, int32_t retry_backoff_ms)
      : max_age_(sim::milliseconds(max_age_ms)), backoff_(sim::milliseconds(retry_backoff_ms)) {}

  // Unset broker: unknown, or without a leader.
  Leader leader(TopicPartition partition) const;
  int32_t partition_count(TopicId topic) const;  // 0: unknown
  MetadataId image() const { return image_; }

  // A response named the leader (KIP-951). true: it is a newer one than was known.
  bool learn(TopicPartition partition, Leader told);
  // An offset that somebody else has committed carries this epoch: a leader of an older one is none
  // any more, and who leads now is to be asked (Metadata.updateLastSeenEpochIfNewer).
  void saw_epoch(TopicPartition partition, LeaderEpoch seen);

  void request_update() { update_wanted_ = true; }
  bool request_in_flight() const { return in_flight_; }
  // When a request is due; never while one is in flight. In the past: now.
  sim::SteadyTime due() const;
  // Sends a Metadata request with this tag if one is due and a broker can take it.
  void maybe_request(sim::Context& context, NetworkClient& network, uint64_t tag);
  // The end of that request: takes the image in, tells the network of the brokers.
  void on_completion(sim::Context& context, NetworkClient& network, const Completion& completion);
  // Gives back what is retained: the client ends.
  void let_go(KafkaShared& shared);
  // Takes an image in; public for tests.
  void update(const MetadataImage& image);

 private:
  sim::Duration max_age_;
  sim::Duration backoff_;
  MetadataId image_;
  std::vector<std::vector<Leader>> leaders_;  // by topic, by partition
  bool update_wanted_ = true;
  bool in_flight_ = false;
  bool attempted_ = false;
  bool refreshed_ = false;
  sim::SteadyTime last_attempt_;
  sim::SteadyTime last_success_;
};

}  // namespace eosim::kafka
