// The rules of a partition's leader as plain functions of its state: who is in sync, what the high
// watermark may become, which ISR to propose (groups-streams-replication.md 6.2-6.5; Kafka's
// Partition). Nothing here acts.
#pragma once

#include <cstdint>
#include <optional>

#include "models/broker/replica.h"
#include "models/protocol/errors.h"
#include "models/protocol/messages.h"
#include "sim/time.h"

namespace eosim::kafka {

// A broker as the applied metadata has it, and when its fetch session last asked this leader.
struct PeerState {
  BrokerId broker;
  sim::ProcessId process;
  BrokerEpoch epoch;
  bool alive = false;
  bool shutting_down = false;
  sim::SteadyTime last_fetch;
  uint64_t fetches = 0;
};

class Peers {
 public:
  const PeerState* find(BrokerId broker) const {
    for (const PeerState& peer : peers_) {
      if (peer.broker == broker) return &peer;
    }
    return nullptr;
  }
  PeerState* find(BrokerId broker) {
    return const_cast<PeerState*>(static_cast<const Peers*>(this)->find(broker));
  }
  void apply(const List<BrokerMetadata>& brokers);
  const List<PeerState>& all() const { return peers_; }

 private:
  List<PeerState> peers_;  // by id
};

struct IsrTerms {
  sim::SteadyTime now;
  sim::Duration lag_max;  // replica.lag.time.max.ms
};

// E of 6.4: the committed ISR and what is being added, never less what is being removed.
bool in_effective_isr(const Replica& replica, BrokerId broker);
size_t effective_isr_size(const Replica& replica);

sim::SteadyTime caught_up_time(const Replica& replica, const FollowerState& follower,
                               const PeerState& peer);
bool caught_up(const Replica& replica, const FollowerState& follower, const PeerState& peer,
               const IsrTerms& terms);
// Unfenced, not shutting down, and of the life that the metadata knows (KIP-841, KIP-903).
bool eligible_for_isr(const FollowerState& follower, const PeerState& peer);

// The leader's log is about to grow, or its follower fetched: the two moments at which the lazy
// times of a follower are settled (6.3, caught-up time).
void note_append(const Replica& replica, FollowerState& follower, const PeerState& peer);
// `previous_fetch`: when the session asked the time before.
void note_fetch(const Replica& replica, FollowerState& follower, const PeerState& peer,
                sim::SteadyTime previous_fetch, Offset fetch_offset);

// Where the high watermark may go, not below where it is. `hold`: not while the committed ISR is
// too small (B.hw_under_min_isr).
Offset high_watermark_candidate(const Replica& replica, const Peers& peers, const IsrTerms& terms,
                                bool hold);

bool under_min_isr(const Replica& replica);
Error error_before_append(const Replica& replica, int16_t acks);
// Of an append whose records are below the high watermark now.
Error error_after_append(const Replica& replica);

// The ISR to propose without those that fell behind (every replica.lag.time.max.ms / 2), or with
// the follower that just fetched; none: nothing to propose, or a proposal is open.
std::optional<BrokerList> shrunk_isr(const Replica& replica, const Peers& peers,
                                     const IsrTerms& terms);
std::optional<BrokerList> expanded_isr(const Replica& replica, const FollowerState& follower,
                                       const PeerState& peer);

// What a leader does about an answer to AlterPartition for one partition (6.5).
enum class AlterReaction : uint8_t {
  kAccept,       // take over the answered state
  kFallBack,     // to the committed ISR
  kKeepPending,  // the stricter state stays until metadata comes
  kRetry,
};
AlterReaction alter_reaction(Error error);

}  // namespace eosim::kafka
