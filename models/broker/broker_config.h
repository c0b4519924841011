// What a broker is told when the world is built. Settings have Kafka's names, units and defaults
// (transactions.md 8.1, groups-streams-replication.md 9).
#pragma once

#include <cstdint>

#include "models/broker/cluster_layout.h"
#include "models/group/group_config.h"
#include "models/protocol/messages.h"
#include "models/protocol/settings.h"
#include "models/protocol/switches.h"
#include "models/transaction/transaction_coordinator.h"
#include "sim/distribution.h"
#include "sim/time.h"

namespace eosim::kafka {

struct BrokerConfig {
  BrokerId id;
  MetadataId image;  // of the whole cluster, in KafkaShared::metadata; brokers name their processes
  TopicId consumer_offsets;
  TopicId transaction_state;
  List<int32_t> min_insync_replicas;  // by TopicId
  Switches switches;
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

  // How long the group coordinator's background worker takes until a marker shows in the offsets
  // (groups-streams-replication.md 2.5), and how long after a restart the coordinators read their
  // logs. Choices of this model: both are windows in which real clusters have been seen to race.
  sim::Duration offset_materialisation_median = sim::microseconds(100);
  sim::Duration offset_materialisation_p99 = sim::milliseconds(5);
  sim::Duration coordinator_load_median = sim::milliseconds(20);
  sim::Duration coordinator_load_p99 = sim::milliseconds(500);

  // 0: with one copy of a partition the high watermark follows the log's end at once. Otherwise it
  // follows so much later, as if other replicas had to fetch first.
  sim::Duration high_watermark_lag{};
};

// What the settings of one broker, or of all, say. Min ISRs of topics come with the layout.
void apply_settings(const Settings& settings, BrokerConfig& config);
InternalTopicsLayout internal_topics_layout(const Settings& settings);

// A configuration for broker `id` of this cluster, whose image is `image` in the world's store.
BrokerConfig make_broker_config(BrokerId id, MetadataId image, const ClusterLayout& layout);

TransactionCoordinatorConfig transaction_coordinator_config(const BrokerConfig& config,
                                                            const MetadataImage& image);
GroupCoordinatorConfig group_coordinator_config(const BrokerConfig& config,
                                                const MetadataImage& image, uint32_t incarnation);

}  // namespace eosim::kafka
