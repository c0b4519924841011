#include "models/transaction/marker_channel.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sim/assert.h"

namespace eosim::kafka {

namespace {

enum class Leader : uint8_t { kUnknownPartition, kUnavailable, kReachable };

struct LeaderLookup {
  Leader leader = Leader::kUnknownPartition;
  BrokerId broker;
};

LeaderLookup look_up(const MetadataImage& metadata, TopicPartition partition) {
  if (partition.topic.value >= metadata.topics.size()) return {};
  const auto& partitions = metadata.topics[partition.topic.value].partitions;
  if (partition.partition < 0 || static_cast<size_t>(partition.partition) >= partitions.size()) {
    return {};
  }
  const BrokerId leader = partitions[static_cast<size_t>(partition.partition)].leader;
  const bool alive = std::any_of(
      metadata.brokers.begin(), metadata.brokers.end(),
      [&](const BrokerMetadata& broker) { return broker.id == leader && broker.alive; });
  if (!leader.valid() || !alive) return {Leader::kUnavailable, {}};
  return {Leader::kReachable, leader};
}

void move_to(std::vector<MarkerEntry>& target, std::vector<MarkerEntry>& source) {
  std::move(source.begin(), source.end(), std::back_inserter(target));
  source.clear();
}

}  // namespace

List<TopicPartition> MarkerChannel::enqueue(const MetadataImage& metadata, MarkerEntry entry) {
  const List<TopicPartition> partitions = std::exchange(entry.marker.partitions, {});
  List<TopicPartition> absent;
  List<TopicPartition> unavailable;
  std::map<BrokerId, List<TopicPartition>> by_leader;
  for (const TopicPartition& partition : partitions) {
    const LeaderLookup found = look_up(metadata, partition);
    switch (found.leader) {
      case Leader::kUnknownPartition:
        absent.push_back(partition);
        break;
      case Leader::kUnavailable:
        unavailable.push_back(partition);
        break;
      case Leader::kReachable:
        by_leader[found.broker].push_back(partition);
        break;
    }
  }
  for (auto& [broker, led] : by_leader) {
    MarkerEntry part = entry;
    part.marker.partitions = std::move(led);
    destinations_[broker].queue.push_back(std::move(part));
  }
  if (!unavailable.empty()) {
    entry.marker.partitions = std::move(unavailable);
    unresolved_.push_back(std::move(entry));
  }
  return absent;
}

std::vector<MarkerEntry> MarkerChannel::take_for_lookup(sim::SteadyTime now,
                                                        sim::Duration timeout) {
  std::vector<MarkerEntry> taken = std::exchange(unresolved_, {});
  for (auto& [broker, destination] : destinations_) {
    const bool was_backing_off = destination.backoff_until.ns != INT64_MIN;
    if (was_backing_off && destination.backoff_until <= now) {
      destination.backoff_until = {INT64_MIN};
      move_to(taken, destination.queue);
    }
    while (!destination.waiting.empty() && destination.waiting.front().created + timeout <= now) {
      move_to(taken, destination.waiting.front().entries);
      destination.waiting.pop_front();
    }
  }
  return taken;
}

std::vector<SendMarkersEffect> MarkerChannel::drain(sim::SteadyTime now, uint64_t& next_token) {
  std::vector<SendMarkersEffect> sends;
  for (auto& [broker, destination] : destinations_) {
    if (now < destination.backoff_until) continue;
    if (!destination.queue.empty()) {
      destination.waiting.push_back(
          {.token = next_token++, .created = now, .entries = std::move(destination.queue)});
      destination.queue.clear();
    }
    if (destination.in_flight || destination.waiting.empty()) continue;
    destination.in_flight = true;
    destination.flight = std::move(destination.waiting.front());
    destination.waiting.pop_front();
    SendMarkersEffect send{.destination = broker, .request = {}, .token = destination.flight.token};
    for (const MarkerEntry& entry : destination.flight.entries) {
      send.request.markers.push_back(entry.marker);
    }
    sends.push_back(std::move(send));
  }
  return sends;
}

MarkerChannel::Destination& MarkerChannel::owner(uint64_t token) {
  const auto at = std::find_if(destinations_.begin(), destinations_.end(), [&](const auto& entry) {
    return entry.second.in_flight && entry.second.flight.token == token;
  });
  EOSIM_ASSERT(at != destinations_.end());
  return at->second;
}

std::vector<MarkerEntry> MarkerChannel::finish(uint64_t token) {
  Destination& destination = owner(token);
  destination.in_flight = false;
  return std::exchange(destination.flight.entries, {});
}

std::vector<MarkerEntry> MarkerChannel::fail(uint64_t token, sim::SteadyTime now) {
  Destination& destination = owner(token);
  destination.in_flight = false;
  destination.backoff_until = now + kReconnectBackoff;
  std::vector<MarkerEntry> entries = std::exchange(destination.flight.entries, {});
  for (Request& request : destination.waiting) move_to(entries, request.entries);
  destination.waiting.clear();
  return entries;
}

void MarkerChannel::drop(int32_t transaction_partition) {
  const auto of_partition = [&](const MarkerEntry& entry) {
    return entry.transaction_partition == transaction_partition;
  };
  for (auto& [broker, destination] : destinations_) std::erase_if(destination.queue, of_partition);
  std::erase_if(unresolved_, of_partition);
}

sim::SteadyTime MarkerChannel::next_deadline() const {
  sim::SteadyTime deadline = sim::kSteadyNever;
  for (const auto& [broker, destination] : destinations_) {
    if (!destination.queue.empty() && destination.backoff_until < deadline) {
      deadline = destination.backoff_until;
    }
  }
  return deadline;
}

}  // namespace eosim::kafka
