// What a broker is told when the world is built. Settings have Kafka's names, units and defaults
// (transactions.md 8.1, groups-streams-replication.md 9).
#pragma once

#include <cstdint>

#include "models/broker/cluster_layout.h"
#include "models/group/group_config.h"
#include "models/log/log_config.h"
#include "models/protocol/messages.h"
#include "models/protocol/settings.h"
#include "models/protocol/switches.h"
#include "models/transaction/transaction_coordinator.h"
#include "sim/distribution.h"
#include "sim/time.h"

namespace eosim::kafka {

struct BrokerConfig {
  BrokerId id;
  MetadataId image;  // the first one, in KafkaShared::metadata; brokers name their processes
  sim::ProcessId controller = sim::kNoProcess;  // none: the first image holds for ever
  TopicId consumer_offsets;
  TopicId transaction_state;
  List<int32_t> min_insync_replicas;  // by TopicId
  List<LogConfig> log_configs;        // by TopicId; none: as a LogConfig is made
  Switches switches;
  FinalisedFeatures supports;  // what this release could, whatever the cluster has finalised
  ApiVersionTable versions{};

  int32_t request_timeout_ms = 30'000;
  int32_t transaction_max_timeout_ms = 900'000;
  int64_t transactional_id_expiration_ms = 604'800'000;
  int32_t transaction_abort_timed_out_transaction_cleanup_interval_ms = 10'000;
  int32_t transaction_remove_expired_transaction_cleanup_interval_ms = 3'600'000;
  int32_t producer_id_expiration_check_interval_ms = 600'000;
  int32_t offsets_commit_timeout_ms = 5'000;
  int32_t group_initial_rebalance_delay_ms = 3'000;
  int32_t group_min_session_timeout_ms = 6'000;
  int32_t group_max_session_timeout_ms = 1'800'000;
  int32_t group_max_size = INT32_MAX;
  int64_t offsets_retention_minutes = 10'080;
  int64_t offsets_retention_check_interval_ms = 600'000;

  int32_t broker_heartbeat_interval_ms = 2'000;
  int32_t broker_session_timeout_ms = 9'000;
  bool controlled_shutdown_enable = true;
  int32_t replica_lag_time_max_ms = 30'000;
  int32_t replica_fetch_wait_max_ms = 500;
  int32_t replica_fetch_min_bytes = 1;
  int32_t replica_fetch_backoff_ms = 1'000;
  int32_t replica_socket_timeout_ms = 30'000;
  int64_t replica_fetch_max_bytes = 1'048'576;            // of a partition
  int64_t replica_fetch_response_max_bytes = 10'485'760;  //
  int32_t replica_high_watermark_checkpoint_interval_ms = 5'000;
  int64_t producer_id_expiration_ms = 86'400'000;
  bool transaction_partition_verification_enable = true;
  int32_t add_partitions_to_txn_retry_backoff_ms = 20;
  int32_t add_partitions_to_txn_retry_backoff_max_ms = 100;
  int64_t log_retention_check_interval_ms = 300'000;
  int32_t log_cleaner_backoff_ms = 15'000;

  // How long a broker takes to apply an image that it has been sent: a choice of this model.
  sim::Duration metadata_delay_median = sim::milliseconds(5);
  sim::Duration metadata_delay_p99 = sim::milliseconds(100);

  // How long the group coordinator's background worker takes until a marker shows in the offsets
  // (groups-streams-replication.md 2.5), and how long after a restart the coordinators read their
  // logs. Choices of this model: both are windows in which real clusters have been seen to race.
  sim::Duration offset_materialisation_median = sim::microseconds(100);
  sim::Duration offset_materialisation_p99 = sim::milliseconds(5);
  sim::Duration coordinator_load_median = sim::milliseconds(20);
  sim::Duration coordinator_load_p99 = sim::milliseconds(500);
};

// What the settings of one broker, or of all, say. Min ISRs of topics come with the layout; what
// the user says of a topic's log is to be put into `log_configs` afterwards.
void apply_settings(const Settings& settings, BrokerConfig& config);
// What a topic's logs follow: its own words, else the brokers'.
LogConfig log_config(const Settings& topic, const Settings& brokers);
// The coordinators' topics are compacted, in segments of their own size.
LogConfig internal_log_config(SettingId segment_bytes, const Settings& brokers);
InternalTopicsLayout internal_topics_layout(const Settings& settings);

// A configuration for broker `id` of this cluster, whose image is `image` in the world's store.
BrokerConfig make_broker_config(BrokerId id, MetadataId image, const ClusterLayout& layout);

TransactionCoordinatorConfig transaction_coordinator_config(const BrokerConfig& config,
                                                            const MetadataImage& image);
GroupCoordinatorConfig group_coordinator_config(const BrokerConfig& config,
                                                const MetadataImage& image, uint32_t incarnation);

}  // namespace eosim::kafka
