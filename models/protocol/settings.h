// Kafka's settings by Kafka's own names, units and defaults: one table, from which the scenario
// file is checked, `eosim list config` is printed and the models take their numbers. Sources:
// transactions.md 8, groups-streams-replication.md 9. A default is that of the last patch release
// of a preset.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/protocol/releases.h"

namespace eosim::kafka {

enum class SettingId : uint8_t {
  // brokers: transactions
  kTransactionMaxTimeoutMs,
  kTransactionalIdExpirationMs,
  kTransactionAbortTimedOutCleanupIntervalMs,
  kTransactionRemoveExpiredCleanupIntervalMs,
  kTransactionStateLogNumPartitions,
  kTransactionStateLogReplicationFactor,
  kTransactionStateLogMinIsr,
  kTransactionStateLogSegmentBytes,
  kTransactionPartitionVerificationEnable,
  kAddPartitionsToTxnRetryBackoffMs,
  kAddPartitionsToTxnRetryBackoffMaxMs,
  kProducerIdExpirationMs,
  kProducerIdExpirationCheckIntervalMs,
  kBrokerRequestTimeoutMs,
  // brokers: groups and offsets
  kOffsetsTopicNumPartitions,
  kOffsetsTopicReplicationFactor,
  kOffsetsTopicSegmentBytes,
  kOffsetsCommitTimeoutMs,
  kOffsetsRetentionMinutes,
  kOffsetsRetentionCheckIntervalMs,
  kGroupInitialRebalanceDelayMs,
  kGroupMinSessionTimeoutMs,
  kGroupMaxSessionTimeoutMs,
  kGroupMaxSize,
  // brokers: liveness and replication
  kBrokerHeartbeatIntervalMs,
  kBrokerSessionTimeoutMs,
  kReplicaLagTimeMaxMs,
  kReplicaFetchWaitMaxMs,
  kReplicaFetchMinBytes,
  kReplicaFetchBackoffMs,
  kReplicaSocketTimeoutMs,
  kReplicaHighWatermarkCheckpointIntervalMs,
  kAutoLeaderRebalanceEnable,
  kLeaderImbalanceCheckIntervalSeconds,
  kControlledShutdownEnable,
  // what a topic may override
  kMinInsyncReplicas,
  kUncleanLeaderElectionEnable,
  kLogSegmentBytes,
  kLogSegmentMs,
  kLogRetentionMs,
  kLogRetentionBytes,
  kLogCleanupPolicy,
  kLogMinCleanableRatio,
  kLogMinCompactionLagMs,
  kLogDeleteRetentionMs,
  kLogMaxMessageBytes,
  kLogFlushMessages,
  kSegmentBytes,
  kSegmentMs,
  kRetentionMs,
  kRetentionBytes,
  kCleanupPolicy,
  kMinCleanableRatio,
  kMinCompactionLagMs,
  kDeleteRetentionMs,
  kMaxMessageBytes,
  kFlushMessages,
  kLogRetentionCheckIntervalMs,
  kLogCleanerBackoffMs,
  // clients of both kinds
  kRequestTimeoutMs,
  kRetryBackoffMs,
  kRetryBackoffMaxMs,
  kReconnectBackoffMs,
  kReconnectBackoffMaxMs,
  kMetadataMaxAgeMs,
  // producers
  kAcks,
  kRetries,
  kMaxInFlightRequestsPerConnection,
  kBatchSize,
  kBufferMemory,
  kLingerMs,
  kMaxRequestSize,
  kDeliveryTimeoutMs,
  kMaxBlockMs,
  kTransactionTimeoutMs,
  // consumers
  kSessionTimeoutMs,
  kHeartbeatIntervalMs,
  kMaxPollIntervalMs,
  kMaxPollRecords,
  kAutoOffsetReset,
  kIsolationLevel,
  kGroupInstanceId,
  kPartitionAssignmentStrategy,
  kFetchMinBytes,
  kFetchMaxWaitMs,
  kDefaultApiTimeoutMs,
  // the application loop
  kCommitIntervalMs,
  kNumStandbyReplicas,
  kPollMs,
  kBufferedRecordsPerPartition,
  kCount,
};

inline constexpr size_t kSettingCount = static_cast<size_t>(SettingId::kCount);

// Whose `config` object may hold a setting: bits, because some belong to more than one side.
using Sides = uint8_t;
inline constexpr Sides kBrokerSide = 1;
inline constexpr Sides kTopicSide = 2;
inline constexpr Sides kProducerSide = 4;
inline constexpr Sides kConsumerSide = 8;
inline constexpr Sides kLoopSide = 16;  // what is no client's but the application's own
// An app's `config` takes what its producers and consumers take, and its own.
inline constexpr Sides kAppSide = kProducerSide | kConsumerSide | kLoopSide;

// kRatio: thousandths. kName: 1 where a name was given, else 0. kWords: several words of the list
// in an order that matters, "range,cooperative-sticky"; index + 1 of each is a digit to base 8.
enum class SettingType : uint8_t {
  kInteger,
  kMilliseconds,
  kMinutes,
  kBytes,
  kFlag,
  kWord,
  kWords,
  kRatio,
  kName
};

// The values that a setting takes. A value is an integer in every case: for kWord the index into
// `words`.
struct SettingDomain {
  SettingType type;
  int64_t min;
  int64_t max;
  std::array<const char*, 4> words;  // unused ones are null
};

// One row of the table.
struct Setting : SettingDomain {
  SettingId id;
  const char* name;
  Sides sides;
  History<int64_t> defaults;  // by release
  const char* doc;

  constexpr Setting(SettingId of, const char* called, Sides who, const SettingDomain& domain,
                    const History<int64_t>& fallback, const char* about)
      : SettingDomain(domain), id(of), name(called), sides(who), defaults(fallback), doc(about) {}

  bool is_of(Sides side) const { return (sides & side) != 0; }
  int64_t default_for(Release release) const { return defaults.at(release); }
  std::optional<int64_t> word_index(std::string_view word) const;
  // The value of a list of words, each named once, with commas between them.
  std::optional<int64_t> words_value(std::string_view list) const;
  // And back: the indices of its words.
  static std::vector<int64_t> word_indices(int64_t value);
  // A value as a user writes it: a number, true/false or a word.
  std::string text(int64_t value) const;
  // The releases that changed the default: "from 2.5: 30000"; empty: none did.
  std::string changes_text() const;
};

// Indices of the words of the settings that have words, as get() gives them.
inline constexpr int64_t kAcksAll = 0;
inline constexpr int64_t kResetLatest = 0;
inline constexpr int64_t kResetEarliest = 1;
inline constexpr int64_t kResetNone = 2;
inline constexpr int64_t kIsolationReadUncommitted = 0;
inline constexpr int64_t kIsolationReadCommitted = 1;
inline constexpr int64_t kCleanupDelete = 0;
inline constexpr int64_t kCleanupCompact = 1;
inline constexpr int64_t kCleanupCompactDelete = 2;
inline constexpr int64_t kAssignRange = 0;
inline constexpr int64_t kAssignRoundRobin = 1;
inline constexpr int64_t kAssignSticky = 2;
inline constexpr int64_t kAssignCooperativeSticky = 3;
// The value of a kWords setting that lists these.
template <class... Word>
constexpr int64_t word_list(Word... word) {
  int64_t value = 0;
  ((value = value * 8 + word + 1), ...);
  return value;
}

std::span<const Setting> all_settings();
const Setting& setting(SettingId id);
// The row of a name on one of these sides, or null. The same name may mean one thing at a broker
// and another at a client (request.timeout.ms).
const Setting* find_setting(std::string_view name, Sides sides);

// What one broker, topic or app was told, over the defaults of a preset. A value, cheap to copy.
class Settings {
 public:
  explicit Settings(std::string_view preset = "2.5");

  int64_t get(SettingId id) const { return values_[static_cast<size_t>(id)]; }
  bool is_set(SettingId id) const { return told_[static_cast<size_t>(id)]; }
  void set(SettingId id, int64_t value);
  // Of settings that are kName. Empty: none.
  void set_name(SettingId id, std::string name);
  const std::string& name(SettingId id) const;

 private:
  std::array<int64_t, kSettingCount> values_;
  std::bitset<kSettingCount> told_;
  std::string group_instance_id_;  // the one name there is
};

// What holds for a topic: its own word, else the brokers' (who may call it by another name:
// segment.bytes and log.segment.bytes).
int64_t topic_setting(SettingId id, const Settings& topic, const Settings& brokers);

}  // namespace eosim::kafka
