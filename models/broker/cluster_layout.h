// Where the partitions of a cluster live: the metadata image that every broker and client starts
// with. Leaders go round the brokers, and each topic begins one broker further than the topic
// before it, so that the first partitions of small topics do not all meet on one broker (Kafka's
// AdminUtils.assignReplicasToBrokers, with its random start replaced by the topic's number).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/protocol/messages.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

inline constexpr std::string_view kConsumerOffsetsTopic = "__consumer_offsets";
inline constexpr std::string_view kTransactionStateTopic = "__transaction_state";

struct TopicLayout {
  std::string name;
  int32_t partitions = 1;
  int32_t replication_factor = 3;  // more than there are brokers: all brokers
  int32_t min_insync_replicas = 1;
};

// The two topics that the coordinators keep their state in.
struct InternalTopicsLayout {
  int32_t offsets_topic_num_partitions = 50;
  int32_t offsets_topic_replication_factor = 3;
  int32_t offsets_topic_min_isr = 1;  // the broker's min.insync.replicas: it has none of its own
  int32_t transaction_state_log_num_partitions = 50;
  int32_t transaction_state_log_replication_factor = 3;
  int32_t transaction_state_log_min_isr = 2;
};

struct ClusterLayout {
  MetadataImage image;                   // put it into KafkaShared::metadata
  std::vector<std::string> topic_names;  // by TopicId: for KafkaShared::topic_names
  List<int32_t> min_insync_replicas;     // by TopicId: for BrokerConfig
  TopicId consumer_offsets;
  TopicId transaction_state;

  // Unset if there is no such topic.
  TopicId topic(std::string_view name) const;
};

// `topics` in any order, without the internal ones; `brokers` by id, at least one.
ClusterLayout make_cluster_layout(std::vector<TopicLayout> topics, List<BrokerMetadata> brokers,
                                  const InternalTopicsLayout& internal = {});

}  // namespace eosim::kafka
