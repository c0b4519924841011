// What a group coordinator is told when its broker starts. Names and defaults are Kafka's
// (groups-streams-replication.md 9).
#pragma once

#include <cstdint>
#include <limits>

#include "models/protocol/switches.h"
#include "models/protocol/types.h"
#include "sim/time.h"

namespace eosim::kafka {

struct GroupCoordinatorConfig {
  BrokerId self;
  // Starts of this broker so far: part of the member ids it makes up, so that no id ever repeats.
  uint32_t incarnation = 0;
  TopicId offsets_topic;
  int32_t offsets_partitions = 50;
  int32_t initial_rebalance_delay_ms = 3'000;  // group.initial.rebalance.delay.ms
  int32_t min_session_timeout_ms = 6'000;      // group.min.session.timeout.ms
  int32_t max_session_timeout_ms = 1'800'000;  // group.max.session.timeout.ms
  int32_t offsets_commit_timeout_ms = 5'000;   // offsets.commit.timeout.ms
  int32_t new_member_join_timeout_ms = 300'000;
  int32_t max_size = std::numeric_limits<int32_t>::max();  // group.max.size
  int64_t offsets_retention_ms = 7LL * 24 * 3'600'000;     // offsets.retention.minutes
  int64_t retention_check_interval_ms = 600'000;           // offsets.retention.check.interval.ms
  Switches switches;

  // Differences of the coordinator that serves classic groups from 4.0 on (1.14).
  bool new_coordinator() const {
    return switches.as<CoordinatorImpl>(Switch::kCoordinatorImpl) == CoordinatorImpl::kNew;
  }
};

}  // namespace eosim::kafka
