// What the controller is told when the world is built. Settings have Kafka's names, units and
// defaults (groups-streams-replication.md 9).
#pragma once

#include <cstdint>

#include "models/protocol/messages.h"
#include "models/protocol/settings.h"
#include "models/protocol/switches.h"

namespace eosim::kafka {

// What an election has to know of a topic.
struct TopicRules {
  int32_t min_insync_replicas = 1;
  bool unclean_leader_election_enable = false;
};

struct ControllerConfig {
  // The first image, version 0, in KafkaShared::metadata. The controller takes a reference of its
  // own when it starts.
  MetadataId image;
  List<TopicRules> topics;  // by TopicId
  Switches switches;        // read: kElr, kIsrShrinkBumpsLeaderEpoch
  int32_t broker_session_timeout_ms = 9'000;
  bool auto_leader_rebalance_enable = true;
  int32_t leader_imbalance_check_interval_seconds = 300;
};

// What the settings of the cluster say; the rules of topics come with the layout.
void apply_settings(const Settings& settings, ControllerConfig& config);

}  // namespace eosim::kafka
