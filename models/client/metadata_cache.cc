#include "models/client/metadata_cache.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

MetadataCache::Leader MetadataCache::leader(TopicPartition partition) const {
  EOSIM_ASSERT(partition.valid());
  if (partition.topic.value >= leaders_.size()) return {};
  const std::vector<Leader>& topic = leaders_[partition.topic.value];
  const auto index = static_cast<size_t>(partition.partition);
  return index < topic.size() ? topic[index] : Leader{};
}

bool MetadataCache::learn(TopicPartition partition, Leader told) {
  if (partition.partition >= partition_count(partition.topic)) return false;
  Leader& known = leaders_[partition.topic.value][static_cast<size_t>(partition.partition)];
  if (!told.broker.valid() || told.epoch <= known.epoch) return false;
  known = told;
  return true;
}

void MetadataCache::saw_epoch(TopicPartition partition, LeaderEpoch seen) {
  if (partition.partition >= partition_count(partition.topic)) return;
  Leader& known = leaders_[partition.topic.value][static_cast<size_t>(partition.partition)];
  if (!known.epoch.valid() || seen <= known.epoch) return;
  known = {{}, seen};
  update_wanted_ = true;
}

int32_t MetadataCache::partition_count(TopicId topic) const {
  if (topic.value >= leaders_.size()) return 0;
  return static_cast<int32_t>(leaders_[topic.value].size());
}

sim::SteadyTime MetadataCache::due() const {
  if (in_flight_) return sim::kSteadyNever;
  sim::SteadyTime due{};
  if (!update_wanted_ && refreshed_) due = last_success_ + max_age_;
  if (attempted_) due = std::max(due, last_attempt_ + backoff_);
  return due;
}

void MetadataCache::maybe_request(sim::Context& context, NetworkClient& network, uint64_t tag) {
  if (in_flight_ || context.steady() < due()) return;
  const std::optional<BrokerId> broker = network.least_loaded(context);
  if (!broker) return;  // all back off; the end of a backing-off wakes the client
  in_flight_ = true;
  update_wanted_ = false;
  network.send(context, *broker, Lane::kData, MetadataRequest{}, tag);
}

void MetadataCache::on_completion(sim::Context& context, NetworkClient& network,
                                  const Completion& completion) {
  EOSIM_ASSERT(in_flight_ && completion.rpc == Rpc::kMetadata);
  in_flight_ = false;
  attempted_ = true;
  last_attempt_ = context.steady();
  if (completion.kind != Completion::Kind::kResponse) {
    update_wanted_ = true;
    return;
  }
  KafkaShared& shared = kafka_shared(context);
  const MetadataId id = shared.bodies.get<MetadataResponse>(completion.body).image;
  last_success_ = context.steady();
  refreshed_ = true;
  if (id == image_) return;
  shared.metadata.retain(id);
  let_go(shared);
  image_ = id;
  const MetadataImage& image = shared.metadata[id];
  for (const BrokerMetadata& broker : image.brokers) {
    network.know(broker.id, broker.process, broker.alive);
  }
  update(image);
}

void MetadataCache::let_go(KafkaShared& shared) {
  if (image_.valid()) shared.metadata.release(image_);
  image_ = {};
}

void MetadataCache::update(const MetadataImage& image) {
  leaders_.resize(std::max(leaders_.size(), image.topics.size()));
  for (const TopicMetadata& topic : image.topics) {
    if (topic.internal) continue;  // clients ask FindCoordinator for these
    EOSIM_ASSERT(topic.topic.value < leaders_.size());
    std::vector<Leader>& known = leaders_[topic.topic.value];
    known.resize(std::max(known.size(), topic.partitions.size()));
    for (size_t i = 0; i < topic.partitions.size(); ++i) {
      const PartitionMetadata& told = topic.partitions[i];
      if (told.leader_epoch < known[i].epoch) continue;
      known[i] = {told.leader, told.leader_epoch};
    }
  }
}

}  // namespace eosim::kafka
