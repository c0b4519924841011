#include "models/broker/partition_rules.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

void Peers::apply(const List<BrokerMetadata>& brokers) {
  List<PeerState> next;
  next.reserve(brokers.size());
  for (const BrokerMetadata& broker : brokers) {
    PeerState peer;
    if (const PeerState* known = find(broker.id)) peer = *known;
    peer.broker = broker.id;
    peer.process = broker.process;
    peer.epoch = broker.epoch;
    peer.alive = broker.alive;
    peer.shutting_down = broker.shutting_down;
    next.push_back(peer);
  }
  peers_ = std::move(next);
}

bool in_effective_isr(const Replica& replica, BrokerId broker) {
  return replica.isr.contains(broker) ||
         (replica.proposal != 0 && replica.pending_isr.contains(broker));
}

size_t effective_isr_size(const Replica& replica) {
  size_t size = replica.isr.size();
  if (replica.proposal == 0) return size;
  for (const BrokerId broker : replica.pending_isr) size += replica.isr.contains(broker) ? 0 : 1;
  return size;
}

sim::SteadyTime caught_up_time(const Replica& replica, const FollowerState& follower,
                               const PeerState& peer) {
  const bool has_all = follower.fetching && follower.end == replica.log.log_end_offset();
  return has_all ? std::max(follower.caught_up, peer.last_fetch) : follower.caught_up;
}

bool caught_up(const Replica& replica, const FollowerState& follower, const PeerState& peer,
               const IsrTerms& terms) {
  return follower.end == replica.log.log_end_offset() ||
         terms.now - caught_up_time(replica, follower, peer) <= terms.lag_max;
}

bool eligible_for_isr(const FollowerState& follower, const PeerState& peer) {
  return peer.alive && !peer.shutting_down && follower.epoch == peer.epoch;
}

void note_append(const Replica& replica, FollowerState& follower, const PeerState& peer) {
  if (!follower.fetching) return;
  follower.caught_up = caught_up_time(replica, follower, peer);
  if (follower.noted_fetch == peer.fetches) return;
  follower.noted_fetch = peer.fetches;
  follower.end_at_fetch = replica.log.log_end_offset();
}

void note_fetch(const Replica& replica, FollowerState& follower, const PeerState& peer,
                sim::SteadyTime previous_fetch, Offset fetch_offset) {
  EOSIM_ASSERT(peer.fetches > 0);
  const Offset end = replica.log.log_end_offset();
  if (fetch_offset >= end) {
    follower.caught_up = std::max(follower.caught_up, peer.last_fetch);
  } else if (follower.fetching) {
    // Nothing noted since the fetch before this one: the log ended then where it ends now.
    const bool noted = follower.noted_fetch + 1 == peer.fetches;
    if (noted && fetch_offset >= follower.end_at_fetch) {
      follower.caught_up = std::max(follower.caught_up, previous_fetch);
    }
  }
  follower.end = fetch_offset;
  follower.fetching = true;
}

Offset high_watermark_candidate(const Replica& replica, const Peers& peers, const IsrTerms& terms,
                                bool hold) {
  const Offset now = replica.log.high_watermark();
  if (hold && under_min_isr(replica)) return now;
  Offset lowest = replica.log.log_end_offset();
  for (const FollowerState& follower : replica.followers) {
    if (follower.end >= lowest) continue;
    const PeerState* peer = peers.find(follower.broker);
    const bool counts = in_effective_isr(replica, follower.broker) ||
                        (peer != nullptr && eligible_for_isr(follower, *peer) &&
                         caught_up(replica, follower, *peer, terms));
    if (counts) lowest = follower.end;
  }
  return std::max(lowest, now);
}

bool under_min_isr(const Replica& replica) {
  const size_t needed = std::min(static_cast<size_t>(replica.min_isr), replica.assigned.size());
  return replica.isr.size() < needed;
}

Error error_before_append(const Replica& replica, int16_t acks) {
  return acks == -1 && under_min_isr(replica) ? Error::kNotEnoughReplicas : Error::kNone;
}

Error error_after_append(const Replica& replica) {
  const size_t needed = std::min(static_cast<size_t>(replica.min_isr), replica.assigned.size());
  return effective_isr_size(replica) < needed ? Error::kNotEnoughReplicasAfterAppend : Error::kNone;
}

std::optional<BrokerList> shrunk_isr(const Replica& replica, const Peers& peers,
                                     const IsrTerms& terms) {
  EOSIM_ASSERT(replica.leads());
  if (replica.proposal != 0) return std::nullopt;
  BrokerList left = replica.isr;
  for (const FollowerState& follower : replica.followers) {
    if (!replica.isr.contains(follower.broker)) continue;
    const PeerState* peer = peers.find(follower.broker);
    if (peer == nullptr || !caught_up(replica, follower, *peer, terms)) left.erase(follower.broker);
  }
  if (left == replica.isr) return std::nullopt;
  return left;
}

// The start of the leader's epoch as well as the high watermark: a new leader's high watermark may
// lie below what was committed before it (KAFKA-7128).
std::optional<BrokerList> expanded_isr(const Replica& replica, const FollowerState& follower,
                                       const PeerState& peer) {
  if (replica.proposal != 0 || replica.isr.contains(follower.broker)) return std::nullopt;
  if (follower.end < replica.log.high_watermark() || follower.end < replica.epoch_start) {
    return std::nullopt;
  }
  if (!eligible_for_isr(follower, peer)) return std::nullopt;
  BrokerList more = replica.isr;
  more.push_back(follower.broker);
  return more;
}

AlterReaction alter_reaction(Error error) {
  switch (error) {
    case Error::kNone:
      return AlterReaction::kAccept;
    case Error::kIneligibleReplica:
    case Error::kOperationNotAttempted:
      return AlterReaction::kFallBack;
    case Error::kUnknownTopicOrPartition:
    case Error::kFencedLeaderEpoch:
    case Error::kInvalidUpdateVersion:
    case Error::kInvalidRequest:
      return AlterReaction::kKeepPending;
    default:
      return AlterReaction::kRetry;
  }
}

}  // namespace eosim::kafka
