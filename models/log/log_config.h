// The settings of a topic that its logs follow, under Kafka's names.
#pragma once

#include <cstdint>

namespace eosim::kafka {

struct LogConfig {
  uint32_t max_message_bytes = UINT32_MAX;  // binds clients and coordinators
  int64_t segment_bytes = 1'073'741'824;
  int64_t segment_ms = 604'800'000;
  // cleanup.policy: delete, compact, or both.
  bool deletes = false;
  bool compacts = false;
  int64_t retention_ms = 604'800'000;  // -1: for ever
  int64_t retention_bytes = -1;        // -1: no limit
  int64_t delete_retention_ms = 86'400'000;
  int64_t min_compaction_lag_ms = 0;
  int32_t min_cleanable_dirty_permille = 500;  // min.cleanable.dirty.ratio
  int64_t flush_messages = INT64_MAX;          // for the broker, who has the disk
  friend bool operator==(const LogConfig&, const LogConfig&) = default;
};

}  // namespace eosim::kafka
