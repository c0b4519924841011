#include "models/app/client_configs.h"

#include <algorithm>

namespace eosim::kafka {

namespace {

int32_t number(const Settings& settings, SettingId id) {
  return static_cast<int32_t>(settings.get(id));
}

// In the order of the words of partition.assignment.strategy.
constexpr Assignor kAssignors[] = {Assignor::kRange, Assignor::kRoundRobin, Assignor::kSticky,
                                   Assignor::kCooperativeSticky};

}  // namespace

ProducerConfig producer_config(const AppConfig& app, Names& names, std::string_view client_id,
                               std::string_view transactional_id) {
  const Settings& told = app.settings;
  ProducerConfig made;
  made.client_id = names.intern(client_id);
  if (!transactional_id.empty()) made.transactional_id = names.intern(transactional_id);
  made.acks = -1;  // idempotence needs all in-sync replicas
  made.linger_ms = number(told, SettingId::kLingerMs);
  made.batch_size = number(told, SettingId::kBatchSize);
  made.buffer_memory = told.get(SettingId::kBufferMemory);
  made.max_request_size = number(told, SettingId::kMaxRequestSize);
  made.delivery_timeout_ms = number(told, SettingId::kDeliveryTimeoutMs);
  made.request_timeout_ms = number(told, SettingId::kRequestTimeoutMs);
  // 0 is "do not wait" and not "for ever".
  made.max_block_ms = std::max(number(told, SettingId::kMaxBlockMs), 1);
  made.transaction_timeout_ms = number(told, SettingId::kTransactionTimeoutMs);
  made.retries = number(told, SettingId::kRetries);
  made.retry_backoff_ms = number(told, SettingId::kRetryBackoffMs);
  made.retry_backoff_max_ms = number(told, SettingId::kRetryBackoffMaxMs);
  made.reconnect_backoff_ms = number(told, SettingId::kReconnectBackoffMs);
  made.reconnect_backoff_max_ms = number(told, SettingId::kReconnectBackoffMaxMs);
  made.metadata_max_age_ms = number(told, SettingId::kMetadataMaxAgeMs);
  made.max_in_flight = number(told, SettingId::kMaxInFlightRequestsPerConnection);
  made.switches = app.switches;
  made.versions = app.versions;
  made.brokers = app.brokers;
  return made;
}

ConsumerConfig consumer_config(const AppConfig& app, Names& names, std::string_view client_id,
                               uint16_t thread) {
  const Settings& told = app.settings;
  ConsumerConfig made;
  made.client_id = names.intern(client_id);
  made.group = names.intern(app.name);
  // Every member needs an id of its own; Streams makes them from the setting like this, too.
  if (const std::string& id = told.name(SettingId::kGroupInstanceId); !id.empty()) {
    made.instance_id =
        names.intern(id + "-" + std::to_string(app.identity) + "-" + std::to_string(thread));
  }
  // The input is read as it is committed, and from its beginning where nothing is; both may be
  // overridden by the application's config.
  made.isolation = told.is_set(SettingId::kIsolationLevel) &&
                           told.get(SettingId::kIsolationLevel) == kIsolationReadUncommitted
                       ? IsolationLevel::kReadUncommitted
                       : IsolationLevel::kReadCommitted;
  if (told.is_set(SettingId::kAutoOffsetReset)) {
    const int64_t reset = told.get(SettingId::kAutoOffsetReset);
    made.auto_offset_reset = reset == kResetLatest ? OffsetReset::kLatest
                             : reset == kResetNone ? OffsetReset::kNone
                                                   : OffsetReset::kEarliest;
  }
  made.assignors.clear();
  for (const int64_t index :
       Setting::word_indices(told.get(SettingId::kPartitionAssignmentStrategy))) {
    made.assignors.push_back(kAssignors[static_cast<size_t>(index)]);
  }
  made.session_timeout_ms = number(told, SettingId::kSessionTimeoutMs);
  made.heartbeat_interval_ms = number(told, SettingId::kHeartbeatIntervalMs);
  made.max_poll_interval_ms = number(told, SettingId::kMaxPollIntervalMs);
  made.max_poll_records = number(told, SettingId::kMaxPollRecords);
  made.request_timeout_ms = number(told, SettingId::kRequestTimeoutMs);
  made.default_api_timeout_ms = number(told, SettingId::kDefaultApiTimeoutMs);
  made.retry_backoff_ms = number(told, SettingId::kRetryBackoffMs);
  made.retry_backoff_max_ms = number(told, SettingId::kRetryBackoffMaxMs);
  made.reconnect_backoff_ms = number(told, SettingId::kReconnectBackoffMs);
  made.reconnect_backoff_max_ms = number(told, SettingId::kReconnectBackoffMaxMs);
  made.fetch_max_wait_ms = number(told, SettingId::kFetchMaxWaitMs);
  made.fetch_min_bytes = number(told, SettingId::kFetchMinBytes);
  made.metadata_max_age_ms = number(told, SettingId::kMetadataMaxAgeMs);
  made.switches = app.switches;
  made.versions = app.versions;
  made.brokers = app.brokers;
  return made;
}

}  // namespace eosim::kafka
