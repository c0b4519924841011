// Copies partitions from their leaders: one connection and one request in flight for each leader
// broker, an incremental session on each (KIP-227), a long poll (groups-streams-replication.md 6.3;
// Kafka's ReplicaFetcherThread, of which there is one for each leader here, and
// FetchSessionHandler).
//
// A request names what changed since the one before: partitions that were added, whose end moved,
// or that left. A partition whose answer was an error leaves the session and comes back after
// replica.fetch.backoff.ms; a request without an answer holds all of them for that long, and opens
// a new session.
#pragma once

#include <cstdint>
#include <vector>

#include "models/broker/peer_line.h"
#include "models/broker/replica_manager.h"
#include "sim/context.h"

namespace eosim::kafka {

struct ReplicaFetchersConfig {
  BrokerId self;
  int16_t version = 0;
  sim::Duration wait_max = sim::milliseconds(500);    // replica.fetch.wait.max.ms
  sim::Duration backoff = sim::milliseconds(1'000);   // replica.fetch.backoff.ms
  sim::Duration timeout = sim::milliseconds(30'000);  // replica.socket.timeout.ms
  int32_t min_bytes = 1;                              // replica.fetch.min.bytes
  int32_t max_bytes = 10'485'760;                     // replica.fetch.response.max.bytes
};

class ReplicaFetchers {
 public:
  ReplicaFetchers() = default;
  explicit ReplicaFetchers(ReplicaFetchersConfig config) : config_(config) {}
  void set_broker_epoch(BrokerEpoch epoch) { broker_epoch_ = epoch; }

  // The replica's role, leader or leader epoch is another now: it is fetched from whom the replica
  // manager names, or from nobody. Requests go out with the next send_all().
  void assign(const ReplicaManager& replicas, uint32_t replica);
  void send_all(sim::Context& context, const ReplicaManager& replicas);

  // Each: false if the step was not about a fetcher.
  bool on_response(sim::Context& context, ReplicaManager& replicas, const sim::Message& message);
  bool on_closed(sim::Context& context, sim::ConnectionId connection);
  void on_line_timer(sim::Context& context, uint32_t fetcher);
  void on_backoff_over(uint32_t fetcher);
  void on_retry(uint32_t replica, uint64_t attempt);

  // The broker stops.
  void hang_up(sim::Context& context);
  size_t in_flight() const;

 private:
  struct Member {
    int32_t fetcher = -1;  // none
    bool named = false;    // the session has it as it is
    bool in_session = false;
    bool waiting = false;  // for its backoff
    uint64_t attempt = 0;  // counts backoffs, and ends them
  };
  struct Fetcher {
    BrokerId leader;
    PeerLine line;
    int32_t session_epoch = 0;  // of the next request
    bool resting = false;       // after a request without an answer
    uint32_t members = 0;       // neither waiting nor elsewhere
    List<uint32_t> unnamed;     // may hold some that have left, and some twice
    List<TopicPartition> forgotten;
  };

  Fetcher& fetcher_for(const ReplicaManager& replicas, BrokerId leader);
  void join(uint32_t replica, Fetcher& fetcher);
  void leave(const ReplicaManager& replicas, uint32_t replica);
  void send(sim::Context& context, const ReplicaManager& replicas, Fetcher& fetcher);
  void take_answer(sim::Context& context, ReplicaManager& replicas, Fetcher& fetcher,
                   const FetchResponse::Partition& answer);
  void fail(sim::Context& context, Fetcher& fetcher);
  void start_session(Fetcher& fetcher);

  ReplicaFetchersConfig config_;
  BrokerEpoch broker_epoch_;
  std::vector<Fetcher> fetchers_;
  std::vector<Member> members_;  // by replica index
};

}  // namespace eosim::kafka
