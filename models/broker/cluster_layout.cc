#include "models/broker/cluster_layout.h"

#include <algorithm>
#include <utility>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

TopicMetadata place(const TopicLayout& layout, TopicId topic, const List<BrokerMetadata>& brokers) {
  EOSIM_ASSERT(layout.partitions > 0 && layout.replication_factor > 0);
  const size_t count = brokers.size();
  const size_t copies = std::min<size_t>(static_cast<size_t>(layout.replication_factor), count);
  TopicMetadata metadata{topic, false, {}};
  metadata.partitions.reserve(static_cast<size_t>(layout.partitions));
  for (size_t p = 0; p < static_cast<size_t>(layout.partitions); ++p) {
    PartitionMetadata partition;
    for (size_t r = 0; r < copies; ++r) {
      partition.replicas.push_back(brokers[(topic.value + p + r) % count].id);
    }
    partition.leader = partition.replicas.front();
    partition.leader_epoch = LeaderEpoch{0};
    partition.partition_epoch = PartitionEpoch{0};
    partition.isr = partition.replicas;
    metadata.partitions.push_back(std::move(partition));
  }
  return metadata;
}

}  // namespace

TopicId ClusterLayout::topic(std::string_view name) const {
  const auto found = std::lower_bound(topic_names.begin(), topic_names.end(), name);
  if (found == topic_names.end() || *found != name) return {};
  return {static_cast<uint16_t>(found - topic_names.begin())};
}

ClusterLayout make_cluster_layout(std::vector<TopicLayout> topics, List<BrokerMetadata> brokers,
                                  const InternalTopicsLayout& internal) {
  EOSIM_ASSERT(!brokers.empty());
  EOSIM_ASSERT(std::is_sorted(brokers.begin(), brokers.end(),
                              [](const auto& a, const auto& b) { return a.id < b.id; }));
  topics.push_back({std::string(kConsumerOffsetsTopic), internal.offsets_topic_num_partitions,
                    internal.offsets_topic_replication_factor, internal.offsets_topic_min_isr});
  topics.push_back(
      {std::string(kTransactionStateTopic), internal.transaction_state_log_num_partitions,
       internal.transaction_state_log_replication_factor, internal.transaction_state_log_min_isr});
  std::sort(topics.begin(), topics.end(),
            [](const TopicLayout& a, const TopicLayout& b) { return a.name < b.name; });
  EOSIM_ASSERT(topics.size() < UINT16_MAX);

  ClusterLayout layout;
  for (const TopicLayout& topic : topics) {
    EOSIM_ASSERT(layout.topic_names.empty() || layout.topic_names.back() != topic.name);
    const TopicId id{static_cast<uint16_t>(layout.topic_names.size())};
    layout.image.topics.push_back(place(topic, id, brokers));
    layout.topic_names.push_back(topic.name);
    layout.min_insync_replicas.push_back(topic.min_insync_replicas);
  }
  // Registered and unfenced, each under an epoch of its own.
  for (BrokerMetadata& broker : brokers) {
    if (!broker.epoch.valid()) broker.epoch = BrokerEpoch{broker.id.value + 1};
  }
  layout.image.brokers = std::move(brokers);
  layout.consumer_offsets = layout.topic(kConsumerOffsetsTopic);
  layout.transaction_state = layout.topic(kTransactionStateTopic);
  for (const TopicId topic : {layout.consumer_offsets, layout.transaction_state}) {
    TopicMetadata& metadata = layout.image.topics[topic.value];
    metadata.internal = true;
    // Who runs fewer brokers than the defaults ask for has to say so for these topics, or nothing
    // works; here that is done for him.
    const auto copies = static_cast<int32_t>(metadata.partitions.front().replicas.size());
    int32_t& min_isr = layout.min_insync_replicas[topic.value];
    min_isr = std::min(min_isr, copies);
  }
  return layout;
}

}  // namespace eosim::kafka
