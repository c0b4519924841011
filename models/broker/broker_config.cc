#include "models/broker/broker_config.h"

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

int32_t small(const Settings& settings, SettingId id) {
  const int64_t value = settings.get(id);
  EOSIM_ASSERT(value >= INT32_MIN && value <= INT32_MAX);
  return static_cast<int32_t>(value);
}

int32_t partition_count(const MetadataImage& image, TopicId topic) {
  return static_cast<int32_t>(image.topics.at(topic.value).partitions.size());
}

}  // namespace

void apply_settings(const Settings& settings, BrokerConfig& config) {
  using enum SettingId;
  config.request_timeout_ms = small(settings, kBrokerRequestTimeoutMs);
  config.transaction_max_timeout_ms = small(settings, kTransactionMaxTimeoutMs);
  config.transactional_id_expiration_ms = settings.get(kTransactionalIdExpirationMs);
  config.transaction_abort_timed_out_transaction_cleanup_interval_ms =
      small(settings, kTransactionAbortTimedOutCleanupIntervalMs);
  config.transaction_remove_expired_transaction_cleanup_interval_ms =
      small(settings, kTransactionRemoveExpiredCleanupIntervalMs);
  config.offsets_commit_timeout_ms = small(settings, kOffsetsCommitTimeoutMs);
  config.group_initial_rebalance_delay_ms = small(settings, kGroupInitialRebalanceDelayMs);
  config.group_min_session_timeout_ms = small(settings, kGroupMinSessionTimeoutMs);
  config.group_max_session_timeout_ms = small(settings, kGroupMaxSessionTimeoutMs);
}

InternalTopicsLayout internal_topics_layout(const Settings& settings) {
  using enum SettingId;
  InternalTopicsLayout layout;
  layout.offsets_topic_num_partitions = small(settings, kOffsetsTopicNumPartitions);
  layout.offsets_topic_replication_factor = small(settings, kOffsetsTopicReplicationFactor);
  layout.offsets_topic_min_isr = small(settings, kMinInsyncReplicas);
  layout.transaction_state_log_num_partitions = small(settings, kTransactionStateLogNumPartitions);
  layout.transaction_state_log_replication_factor =
      small(settings, kTransactionStateLogReplicationFactor);
  layout.transaction_state_log_min_isr = small(settings, kTransactionStateLogMinIsr);
  return layout;
}

BrokerConfig make_broker_config(BrokerId id, MetadataId image, const ClusterLayout& layout) {
  BrokerConfig config;
  config.id = id;
  config.image = image;
  config.consumer_offsets = layout.consumer_offsets;
  config.transaction_state = layout.transaction_state;
  config.min_insync_replicas = layout.min_insync_replicas;
  return config;
}

TransactionCoordinatorConfig transaction_coordinator_config(const BrokerConfig& config,
                                                            const MetadataImage& image) {
  TransactionCoordinatorConfig derived;
  derived.self = config.id;
  derived.transaction_topic = config.transaction_state;
  derived.offsets_topic = config.consumer_offsets;
  derived.transaction_partitions = partition_count(image, config.transaction_state);
  derived.offsets_partitions = partition_count(image, config.consumer_offsets);
  derived.transaction_max_timeout_ms = config.transaction_max_timeout_ms;
  derived.transactional_id_expiration_ms = config.transactional_id_expiration_ms;
  derived.abort_timed_out_interval_ms =
      config.transaction_abort_timed_out_transaction_cleanup_interval_ms;
  derived.remove_expired_interval_ms =
      config.transaction_remove_expired_transaction_cleanup_interval_ms;
  derived.request_timeout_ms = config.request_timeout_ms;
  derived.switches = config.switches;
  return derived;
}

GroupCoordinatorConfig group_coordinator_config(const BrokerConfig& config,
                                                const MetadataImage& image, uint32_t incarnation) {
  GroupCoordinatorConfig derived;
  derived.self = config.id;
  derived.incarnation = incarnation;
  derived.offsets_topic = config.consumer_offsets;
  derived.offsets_partitions = partition_count(image, config.consumer_offsets);
  derived.initial_rebalance_delay_ms = config.group_initial_rebalance_delay_ms;
  derived.min_session_timeout_ms = config.group_min_session_timeout_ms;
  derived.max_session_timeout_ms = config.group_max_session_timeout_ms;
  derived.offsets_commit_timeout_ms = config.offsets_commit_timeout_ms;
  derived.switches = config.switches;
  return derived;
}

}  // namespace eosim::kafka
