// The table of Kafka's settings.
#include "models/protocol/settings.h"

#include <set>
#include <string>
#include <utility>

#include "catch.h"
#include "models/protocol/switches.h"

using namespace eosim::kafka;

TEST_CASE("every setting has a default in its range and one name a side") {
  std::set<std::pair<std::string, Sides>> seen;
  for (const Setting& row : all_settings()) {
    INFO(row.name);
    CHECK(setting(row.id).name == row.name);
    for (const Preset& preset : presets()) {
      CHECK(row.default_for(preset.release) >= row.min);
      CHECK(row.default_for(preset.release) <= row.max);
      CHECK_FALSE(row.text(row.default_for(preset.release)).empty());
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
      {kRetryBackoffMaxMs, 1'000},
      {kPartitionAssignmentStrategy, word_list(kAssignRange)},
      {kProducerIdExpirationMs, 86'400'000},
      {kProducerIdExpirationCheckIntervalMs, 600'000},
      {kTransactionPartitionVerificationEnable, 1},
      {kAddPartitionsToTxnRetryBackoffMs, 20},
      {kAddPartitionsToTxnRetryBackoffMaxMs, 100},
      {kTransactionStateLogSegmentBytes, 104'857'600},
      {kOffsetsRetentionMinutes, 10'080},
      {kOffsetsRetentionCheckIntervalMs, 600'000},
      {kGroupMaxSize, 2'147'483'647},
      {kMinInsyncReplicas, 1},
      {kUncleanLeaderElectionEnable, 0},
      {kReplicaFetchWaitMaxMs, 500},
      {kReplicaFetchMinBytes, 1},
      {kReplicaFetchBackoffMs, 1'000},
      {kReplicaHighWatermarkCheckpointIntervalMs, 5'000},
      {kBrokerHeartbeatIntervalMs, 2'000},
      {kBrokerSessionTimeoutMs, 9'000},
      {kLeaderImbalanceCheckIntervalSeconds, 300},
      {kAutoLeaderRebalanceEnable, 1},
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

TEST_CASE("a default that changed is that of the release") {
  struct Row {
    SettingId id;
    const char* preset;
    int64_t before;
    int64_t from;
  };
  const Row kRows[] = {{SettingId::kReplicaLagTimeMaxMs, "2.5", 10'000, 30'000},
                       {SettingId::kSessionTimeoutMs, "3.5", 10'000, 45'000},
                       {SettingId::kLingerMs, "4.0", 0, 5}};
  for (const Row& row : kRows) {
    CAPTURE(setting(row.id).name);
    for (const Preset& preset : presets()) {
      CAPTURE(preset.name);
      CHECK(Settings(preset.name).get(row.id) ==
            (preset.name < row.preset ? row.before : row.from));
    }
  }
  CHECK(setting(SettingId::kLingerMs).changes_text() == "from 4.0: 5");
  CHECK(setting(SettingId::kAcks).changes_text().empty());
}

TEST_CASE("a topic has its own word, else that of the brokers") {
  Settings topic;
  Settings brokers;
  CHECK(topic_setting(SettingId::kSegmentBytes, topic, brokers) == 1'073'741'824);
  brokers.set(SettingId::kLogSegmentBytes, 1'000);
  brokers.set(SettingId::kMinInsyncReplicas, 2);
  CHECK(topic_setting(SettingId::kSegmentBytes, topic, brokers) == 1'000);
  CHECK(topic_setting(SettingId::kMinInsyncReplicas, topic, brokers) == 2);
  topic.set(SettingId::kSegmentBytes, 500);
  CHECK(topic_setting(SettingId::kSegmentBytes, topic, brokers) == 500);
  for (const Setting& row : all_settings()) {
    if (!row.is_of(kTopicSide)) continue;
    CHECK(topic_setting(row.id, Settings(), Settings()) == Settings().get(row.id));
  }
}

TEST_CASE("ratios and names are written as users write them") {
  const Setting& ratio = setting(SettingId::kMinCleanableRatio);
  CHECK(ratio.text(500) == "0.5");
  CHECK(ratio.text(0) == "0.0");
  CHECK(ratio.text(1'000) == "1.0");
  CHECK(ratio.text(25) == "0.025");
  Settings settings;
  CHECK(settings.name(SettingId::kGroupInstanceId).empty());
  settings.set_name(SettingId::kGroupInstanceId, "app");
  CHECK(settings.name(SettingId::kGroupInstanceId) == "app");
  CHECK(settings.is_set(SettingId::kGroupInstanceId));
}
