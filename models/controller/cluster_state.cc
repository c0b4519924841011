#include "models/controller/cluster_state.h"

#include <algorithm>
#include <utility>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// Members as bits by broker id, for a field of an event.
int64_t bits(const BrokerList& brokers) {
  int64_t set = 0;
  for (const BrokerId broker : brokers) {
    EOSIM_ASSERT(broker.value >= 0 && broker.value < 63);
    set |= int64_t{1} << broker.value;
  }
  return set;
}

}  // namespace

ClusterState::ClusterState(ControllerConfig config, MetadataImage image)
    : config_(std::move(config)), image_(std::move(image)) {
  EOSIM_ASSERT(image_.version == 0);
  EOSIM_ASSERT(config_.topics.size() == image_.topics.size());
  lives_.resize(image_.brokers.size());
  for (BrokerMetadata& broker : image_.brokers) {
    EOSIM_ASSERT(broker.alive && !broker.shutting_down);
    if (!broker.epoch.valid()) broker.epoch = BrokerEpoch{int64_t{broker.id.value} + 1};
    next_broker_epoch_ = std::max(next_broker_epoch_, broker.epoch.value + 1);
  }
  for (size_t t = 0; t < image_.topics.size(); ++t) {
    EOSIM_ASSERT(image_.topics[t].topic.value == t);
    reserves_.emplace_back(image_.topics[t].partitions.size());
  }
}

List<EmittedEvent> ClusterState::commit() {
  EOSIM_ASSERT(changed());
  ++image_.version;
  brokers_changed_ = false;
  List<EmittedEvent> facts = std::exchange(facts_, {});
  // A change may have touched a partition twice; what holds in the image counts.
  std::sort(changed_.begin(), changed_.end());
  changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
  for (const TopicPartition tp : changed_) {
    const PartitionMetadata& p = partition(tp);
    facts.push_back(make_event(
        Event::kPartitionChanged,
        {tp.packed(), p.leader.value, p.leader_epoch.value, p.partition_epoch.value, bits(p.isr)}));
  }
  changed_.clear();
  return facts;
}

void ClusterState::finalise_features(FinalisedFeatures features) {
  features.epoch = image_.features.epoch;
  if (features == image_.features) return;
  features.epoch = image_.version + 1;
  image_.features = features;
  finalise(features, config_.switches);
  brokers_changed_ = true;
  facts_.push_back(make_event(Event::kFeaturesFinalised,
                              {features.transaction_version, features.eligible_leader_replicas}));
}

bool ClusterState::known(TopicPartition tp) const {
  return tp.topic.value < image_.topics.size() && tp.partition >= 0 &&
         static_cast<size_t>(tp.partition) < image_.topics[tp.topic.value].partitions.size();
}

const PartitionMetadata& ClusterState::partition(TopicPartition tp) const {
  EOSIM_ASSERT(known(tp));
  return image_.topics[tp.topic.value].partitions[static_cast<size_t>(tp.partition)];
}

PartitionMetadata& ClusterState::at(TopicPartition tp) {
  EOSIM_ASSERT(known(tp));
  return image_.topics[tp.topic.value].partitions[static_cast<size_t>(tp.partition)];
}

const ClusterState::Reserve& ClusterState::reserve(TopicPartition tp) const {
  EOSIM_ASSERT(known(tp));
  return reserves_[tp.topic.value][static_cast<size_t>(tp.partition)];
}

int32_t ClusterState::min_isr(TopicPartition tp) const {
  return std::min(config_.topics[tp.topic.value].min_insync_replicas,
                  static_cast<int32_t>(partition(tp).replicas.size()));
}

size_t ClusterState::index_of(BrokerId id) const {
  const auto found = std::find_if(image_.brokers.begin(), image_.brokers.end(),
                                  [&](const BrokerMetadata& broker) { return broker.id == id; });
  if (found == image_.brokers.end()) return kNowhere;
  return static_cast<size_t>(found - image_.brokers.begin());
}

bool ClusterState::active(BrokerId id) const {
  const size_t index = index_of(id);
  return index != kNowhere && image_.brokers[index].alive && !image_.brokers[index].shutting_down;
}

bool ClusterState::can_lose(BrokerId victim, const BrokerList& absent) const {
  bool can = true;
  each_partition([&](TopicPartition, const PartitionMetadata& p) {
    if (!p.replicas.contains(victim)) return;
    can = can && std::any_of(p.isr.begin(), p.isr.end(), [&](BrokerId other) {
            return other != victim && active(other) && !absent.contains(other);
          });
  });
  return can;
}

}  // namespace eosim::kafka
