// The table of Kafka's settings.
#include "models/protocol/settings.h"

#include <set>
#include <string>
#include <utility>

#include "catch.h"

using namespace eosim::kafka;

TEST_CASE("every setting has a default in its range and one name a side") {
  std::set<std::pair<std::string, Sides>> seen;
  for (const Setting& row : all_settings()) {
    INFO(row.name);
    CHECK(setting(row.id).name == row.name);
    for (const char* preset : {"2.4", "2.5"}) {
      CHECK(row.default_for(preset) >= row.min);
      CHECK(row.default_for(preset) <= row.max);
      CHECK_FALSE(row.text(row.default_for(preset)).empty());
    }
    for (const Sides side : {kBrokerSide, kTopicSide, kProducerSide, kConsumerSide, kLoopSide}) {
      if (row.is_of(side)) CHECK(seen.insert({row.name, side}).second);
    }
  }
}

TEST_CASE("one name can mean one thing at a broker and another at a client") {
  CHECK(find_setting("request.timeout.ms", kBrokerSide)->id == SettingId::kBrokerRequestTimeoutMs);
  CHECK(find_setting("request.timeout.ms", kAppSide)->id == SettingId::kRequestTimeoutMs);
  CHECK(find_setting("session.timeout.ms", kBrokerSide) == nullptr);
  CHECK(find_setting("min.insync.replicas", kTopicSide) ==
        find_setting("min.insync.replicas", kBrokerSide));
}

TEST_CASE("defaults are those of transactions.md 8 and groups-streams-replication.md 9") {
  using enum SettingId;
  const std::pair<SettingId, int64_t> kDefaults[] = {
      {kTransactionMaxTimeoutMs, 900'000},
      {kTransactionAbortTimedOutCleanupIntervalMs, 10'000},
      {kTransactionStateLogNumPartitions, 50},
      {kOffsetsTopicNumPartitions, 50},
      {kGroupInitialRebalanceDelayMs, 3'000},
      {kGroupMinSessionTimeoutMs, 6'000},
      {kSessionTimeoutMs, 10'000},
      {kHeartbeatIntervalMs, 3'000},
      {kMaxPollIntervalMs, 300'000},
      {kTransactionTimeoutMs, 60'000},
      {kDeliveryTimeoutMs, 120'000},
      {kRequestTimeoutMs, 30'000},
      {kRetryBackoffMs, 100},
      {kLingerMs, 0},
      {kAutoOffsetReset, kResetLatest},
      {kIsolationLevel, kIsolationReadUncommitted},
      {kCommitIntervalMs, 100},
  };
  const Settings settings;
  for (const auto& [id, value] : kDefaults) CHECK(settings.get(id) == value);
}

TEST_CASE("what was told is told from what is a default") {
  Settings settings;
  CHECK_FALSE(settings.is_set(SettingId::kSessionTimeoutMs));
  settings.set(SettingId::kSessionTimeoutMs, 6'000);
  CHECK(settings.is_set(SettingId::kSessionTimeoutMs));
  CHECK(settings.get(SettingId::kSessionTimeoutMs) == 6'000);
  CHECK_FALSE(settings.is_set(SettingId::kHeartbeatIntervalMs));
}
