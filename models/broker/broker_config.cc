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
  config.broker_heartbeat_interval_ms = small(settings, kBrokerHeartbeatIntervalMs);
  config.broker_session_timeout_ms = small(settings, kBrokerSessionTimeoutMs);
  config.replica_lag_time_max_ms = small(settings, kReplicaLagTimeMaxMs);
  config.replica_fetch_wait_max_ms = small(settings, kReplicaFetchWaitMaxMs);
  config.replica_fetch_min_bytes = small(settings, kReplicaFetchMinBytes);
  config.replica_fetch_backoff_ms = small(settings, kReplicaFetchBackoffMs);
  config.replica_socket_timeout_ms = small(settings, kReplicaSocketTimeoutMs);
  config.replica_high_watermark_checkpoint_interval_ms =
      small(settings, kReplicaHighWatermarkCheckpointIntervalMs);
  config.producer_id_expiration_ms = settings.get(kProducerIdExpirationMs);
  config.producer_id_expiration_check_interval_ms =
      small(settings, kProducerIdExpirationCheckIntervalMs);
  config.transaction_partition_verification_enable =
      settings.get(kTransactionPartitionVerificationEnable) != 0;
  config.add_partitions_to_txn_retry_backoff_ms =
      small(settings, kAddPartitionsToTxnRetryBackoffMs);
  config.add_partitions_to_txn_retry_backoff_max_ms =
      small(settings, kAddPartitionsToTxnRetryBackoffMaxMs);
  config.log_retention_check_interval_ms = settings.get(kLogRetentionCheckIntervalMs);
  // A pass takes no time here, and a cleaner that never pauses would stop the clock.
  config.log_cleaner_backoff_ms = std::max(small(settings, kLogCleanerBackoffMs), 1);
  config.offsets_commit_timeout_ms = small(settings, kOffsetsCommitTimeoutMs);
  config.log_configs.assign(config.min_insync_replicas.size(), log_config(Settings(), settings));
  config.log_configs.at(config.consumer_offsets.value) =
      internal_log_config(kOffsetsTopicSegmentBytes, settings);
  config.log_configs.at(config.transaction_state.value) =
      internal_log_config(kTransactionStateLogSegmentBytes, settings);
  config.group_initial_rebalance_delay_ms = small(settings, kGroupInitialRebalanceDelayMs);
  config.group_min_session_timeout_ms = small(settings, kGroupMinSessionTimeoutMs);
  config.group_max_session_timeout_ms = small(settings, kGroupMaxSessionTimeoutMs);
  config.group_max_size = small(settings, kGroupMaxSize);
  config.offsets_retention_minutes = settings.get(kOffsetsRetentionMinutes);
  config.offsets_retention_check_interval_ms = settings.get(kOffsetsRetentionCheckIntervalMs);
  config.controlled_shutdown_enable = settings.get(kControlledShutdownEnable) != 0;
}

LogConfig log_config(const Settings& topic, const Settings& brokers) {
  using enum SettingId;
  const auto get = [&](SettingId id) { return topic_setting(id, topic, brokers); };
  const int64_t policy = get(kCleanupPolicy);
  LogConfig config;
  config.max_message_bytes = static_cast<uint32_t>(get(kMaxMessageBytes));
  config.segment_bytes = get(kSegmentBytes);
  config.segment_ms = get(kSegmentMs);
  config.deletes = policy != kCleanupCompact;
  config.compacts = policy != kCleanupDelete;
  config.retention_ms = get(kRetentionMs);
  config.retention_bytes = get(kRetentionBytes);
  config.delete_retention_ms = get(kDeleteRetentionMs);
  config.min_compaction_lag_ms = get(kMinCompactionLagMs);
  config.min_cleanable_dirty_permille = static_cast<int32_t>(get(kMinCleanableRatio));
  config.flush_messages = get(kFlushMessages);
  return config;
}

LogConfig internal_log_config(SettingId segment_bytes, const Settings& brokers) {
  LogConfig config = log_config(Settings(), brokers);
  config.deletes = false;
  config.compacts = true;
  config.segment_bytes = brokers.get(segment_bytes);
  return config;
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
  derived.max_size = config.group_max_size;
  derived.offsets_retention_ms = config.offsets_retention_minutes * 60'000;
  derived.retention_check_interval_ms = config.offsets_retention_check_interval_ms;
  derived.switches = config.switches;
  return derived;
}

}  // namespace eosim::kafka
