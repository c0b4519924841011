#include "models/protocol/settings.h"

#include <algorithm>
#include <utility>

#include "models/protocol/switches.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

constexpr int64_t kMaxInt = 2'147'483'647;
constexpr int64_t kMaxLong = 9'007'199'254'740'991;  // as far as JSON numbers are exact
constexpr int64_t kDayMs = 86'400'000;
constexpr int64_t kWeekMs = 7 * kDayMs;
constexpr Sides kClientSides = kProducerSide | kConsumerSide;

using enum SettingId;
using enum SettingType;
using enum Release;

constexpr SettingDomain milliseconds(int64_t min, int64_t max = kMaxInt) {
  return {kMilliseconds, min, max, {}};
}
constexpr SettingDomain minutes(int64_t min) { return {kMinutes, min, kMaxInt, {}}; }
constexpr SettingDomain bytes(int64_t min, int64_t max) { return {kBytes, min, max, {}}; }
constexpr SettingDomain integers(int64_t min, int64_t max) { return {kInteger, min, max, {}}; }
constexpr SettingDomain flag() { return {kFlag, 0, 1, {}}; }
constexpr SettingDomain ratio() { return {kRatio, 0, 1'000, {}}; }
constexpr SettingDomain name() { return {kName, 0, 1, {}}; }
template <class... Word>
constexpr SettingDomain words(Word... word) {
  return {kWord, 0, sizeof...(word) - 1, {word...}};
}

constexpr int64_t kListBase = 8;
template <class... Word>
constexpr SettingDomain word_lists(Word... word) {
  static_assert(sizeof...(word) < kListBase);
  int64_t max = 0;
  for (size_t i = 0; i < sizeof...(word); ++i) {
    max = max * kListBase + static_cast<int64_t>(sizeof...(word));
  }
  return {kWords, 1, max, {word...}};
}

constexpr std::array<Setting, kSettingCount> kTable{{
    {kTransactionMaxTimeoutMs, "transaction.max.timeout.ms", kBrokerSide, milliseconds(1), 900'000,
     "the longest transaction.timeout.ms that a coordinator accepts"},
    {kTransactionalIdExpirationMs, "transactional.id.expiration.ms", kBrokerSide, milliseconds(1),
     kWeekMs, "an idle transactional id is forgotten; before 3.4 producer state too"},
    {kTransactionAbortTimedOutCleanupIntervalMs,
     "transaction.abort.timed.out.transaction.cleanup.interval.ms", kBrokerSide, milliseconds(1),
     10'000, "how often a coordinator looks for transactions to abort"},
    {kTransactionRemoveExpiredCleanupIntervalMs,
     "transaction.remove.expired.transaction.cleanup.interval.ms", kBrokerSide, milliseconds(1),
     3'600'000, "how often a coordinator looks for expired ids"},
    {kTransactionStateLogNumPartitions, "transaction.state.log.num.partitions", kBrokerSide,
     integers(1, 1'000), 50, "partitions of __transaction_state"},
    {kTransactionStateLogReplicationFactor, "transaction.state.log.replication.factor", kBrokerSide,
     integers(1, 100), 3, "replicas of __transaction_state, at most one a broker"},
    {kTransactionStateLogMinIsr, "transaction.state.log.min.isr", kBrokerSide, integers(1, 100), 2,
     "min.insync.replicas of __transaction_state"},
    {kTransactionStateLogSegmentBytes, "transaction.state.log.segment.bytes", kBrokerSide,
     bytes(1, kMaxInt), 104'857'600, "segment.bytes of __transaction_state"},
    {kTransactionPartitionVerificationEnable, "transaction.partition.verification.enable",
     kBrokerSide, flag(), 1,
     "whether leaders ask the coordinator; read where the protocol has it (3.6)"},
    {kAddPartitionsToTxnRetryBackoffMs, "add.partitions.to.txn.retry.backoff.ms", kBrokerSide,
     milliseconds(1), 20,
     "a leader registers a partition again after CONCURRENT_TRANSACTIONS (4.0)"},
    {kAddPartitionsToTxnRetryBackoffMaxMs, "add.partitions.to.txn.retry.backoff.max.ms",
     kBrokerSide, milliseconds(0), 100, "and does so for this long"},
    {kProducerIdExpirationMs, "producer.id.expiration.ms", kBrokerSide, milliseconds(1), kDayMs,
     "idle producer state is forgotten (3.4)"},
    {kProducerIdExpirationCheckIntervalMs, "producer.id.expiration.check.interval.ms", kBrokerSide,
     milliseconds(1), 600'000, "how often a log looks for idle producers"},
    {kBrokerRequestTimeoutMs, "request.timeout.ms", kBrokerSide, milliseconds(1), 30'000,
     "how long a broker waits for another one"},
    {kOffsetsTopicNumPartitions, "offsets.topic.num.partitions", kBrokerSide, integers(1, 1'000),
     50, "partitions of __consumer_offsets"},
    {kOffsetsTopicReplicationFactor, "offsets.topic.replication.factor", kBrokerSide,
     integers(1, 100), 3, "replicas of __consumer_offsets, at most one a broker"},
    {kOffsetsTopicSegmentBytes, "offsets.topic.segment.bytes", kBrokerSide, bytes(1, kMaxInt),
     104'857'600, "segment.bytes of __consumer_offsets"},
    {kOffsetsCommitTimeoutMs, "offsets.commit.timeout.ms", kBrokerSide, milliseconds(1), 5'000,
     "how long an offset commit waits for replicas"},
    {kOffsetsRetentionMinutes, "offsets.retention.minutes", kBrokerSide, minutes(1), 10'080,
     "offsets of a group without members are forgotten"},
    {kOffsetsRetentionCheckIntervalMs, "offsets.retention.check.interval.ms", kBrokerSide,
     milliseconds(1), 600'000, "how often a coordinator looks for such offsets"},
    {kGroupInitialRebalanceDelayMs, "group.initial.rebalance.delay.ms", kBrokerSide,
     milliseconds(0), 3'000, "an empty group waits this long for more members"},
    {kGroupMinSessionTimeoutMs, "group.min.session.timeout.ms", kBrokerSide, milliseconds(1), 6'000,
     "the shortest session.timeout.ms that is accepted"},
    {kGroupMaxSessionTimeoutMs, "group.max.session.timeout.ms", kBrokerSide, milliseconds(1),
     1'800'000, "the longest session.timeout.ms that is accepted"},
    {kGroupMaxSize, "group.max.size", kBrokerSide, integers(1, kMaxInt), kMaxInt,
     "members that a group may have"},
    {kBrokerHeartbeatIntervalMs, "broker.heartbeat.interval.ms", kBrokerSide, milliseconds(1),
     2'000, "how often a broker tells the controller that it lives"},
    {kBrokerSessionTimeoutMs, "broker.session.timeout.ms", kBrokerSide, milliseconds(1), 9'000,
     "without heartbeat a broker is fenced after this"},
    {kReplicaLagTimeMaxMs,
     "replica.lag.time.max.ms",
     kBrokerSide,
     milliseconds(1),
     {10'000, {{k25, 30'000}}},
     "a follower that was not caught up for so long leaves the ISR"},
    {kReplicaFetchWaitMaxMs, "replica.fetch.wait.max.ms", kBrokerSide, milliseconds(0), 500,
     "a follower's fetch waits this long for data"},
    {kReplicaFetchMinBytes, "replica.fetch.min.bytes", kBrokerSide, bytes(1, kMaxInt), 1,
     "or until there is so much"},
    {kReplicaFetchBackoffMs, "replica.fetch.backoff.ms", kBrokerSide, milliseconds(0), 1'000,
     "pause of a follower after an error"},
    {kReplicaSocketTimeoutMs, "replica.socket.timeout.ms", kBrokerSide, milliseconds(1), 30'000,
     "a follower gives a fetch, and its connection, up after this"},
    {kReplicaHighWatermarkCheckpointIntervalMs, "replica.high.watermark.checkpoint.interval.ms",
     kBrokerSide, milliseconds(1), 5'000, "how often high watermarks are saved"},
    {kAutoLeaderRebalanceEnable, "auto.leader.rebalance.enable", kBrokerSide, flag(), 1,
     "leadership goes back to the first replica"},
    {kLeaderImbalanceCheckIntervalSeconds, "leader.imbalance.check.interval.seconds", kBrokerSide,
     integers(1, kMaxInt), 300, "how often the controller looks for it"},
    {kControlledShutdownEnable, "controlled.shutdown.enable", kBrokerSide, flag(), 1,
     "a broker that stops gives its leaderships away first"},
    {kMinInsyncReplicas, "min.insync.replicas", kBrokerSide | kTopicSide, integers(1, 100), 1,
     "replicas that must have a write with acks=all"},
    {kUncleanLeaderElectionEnable, "unclean.leader.election.enable", kBrokerSide | kTopicSide,
     flag(), 0, "a replica that is not in sync may lead: committed data may vanish"},
    {kLogSegmentBytes, "log.segment.bytes", kBrokerSide, bytes(14, kMaxInt), 1'073'741'824,
     "a segment is full at this size; for topics without their own"},
    {kLogSegmentMs, "log.roll.ms", kBrokerSide, milliseconds(1, kMaxLong), kWeekMs,
     "or at this age; for topics without their own"},
    {kLogRetentionMs, "log.retention.ms", kBrokerSide, milliseconds(-1, kMaxLong), kWeekMs,
     "segments of this age are deleted; -1: never; for topics without their own"},
    {kLogRetentionBytes, "log.retention.bytes", kBrokerSide, bytes(-1, kMaxLong), -1,
     "oldest segments beyond this size are deleted; -1: never; for topics without their own"},
    {kLogCleanupPolicy, "log.cleanup.policy", kBrokerSide,
     words("delete", "compact", "compact,delete"), kCleanupDelete,
     "what happens to old segments; for topics without their own"},
    {kLogMinCleanableRatio, "log.cleaner.min.cleanable.ratio", kBrokerSide, ratio(), 500,
     "a log is compacted when so much of it is new; for topics without their own"},
    {kLogMinCompactionLagMs, "log.cleaner.min.compaction.lag.ms", kBrokerSide,
     milliseconds(0, kMaxLong), 0,
     "records younger than this are not compacted; for topics without their own"},
    {kLogDeleteRetentionMs, "log.cleaner.delete.retention.ms", kBrokerSide,
     milliseconds(0, kMaxLong), kDayMs,
     "tombstones and markers stay this long; for topics without their own"},
    {kLogMaxMessageBytes, "message.max.bytes", kBrokerSide, bytes(0, kMaxInt), 1'048'588,
     "largest batch that is accepted; for topics without their own"},
    {kLogFlushMessages, "log.flush.interval.messages", kBrokerSide, integers(1, kMaxLong), kMaxLong,
     "a log is flushed before so many records are not; for topics without their own"},
    {kSegmentBytes, "segment.bytes", kTopicSide, bytes(14, kMaxInt), 1'073'741'824,
     "a segment is full at this size"},
    {kSegmentMs, "segment.ms", kTopicSide, milliseconds(1, kMaxLong), kWeekMs, "or at this age"},
    {kRetentionMs, "retention.ms", kTopicSide, milliseconds(-1, kMaxLong), kWeekMs,
     "segments of this age are deleted; -1: never"},
    {kRetentionBytes, "retention.bytes", kTopicSide, bytes(-1, kMaxLong), -1,
     "oldest segments beyond this size are deleted; -1: never"},
    {kCleanupPolicy, "cleanup.policy", kTopicSide, words("delete", "compact", "compact,delete"),
     kCleanupDelete, "what happens to old segments"},
    {kMinCleanableRatio, "min.cleanable.dirty.ratio", kTopicSide, ratio(), 500,
     "a log is compacted when so much of it is new"},
    {kMinCompactionLagMs, "min.compaction.lag.ms", kTopicSide, milliseconds(0, kMaxLong), 0,
     "records younger than this are not compacted"},
    {kDeleteRetentionMs, "delete.retention.ms", kTopicSide, milliseconds(0, kMaxLong), kDayMs,
     "tombstones and markers stay this long"},
    {kMaxMessageBytes, "max.message.bytes", kTopicSide, bytes(0, kMaxInt), 1'048'588,
     "largest batch that is accepted"},
    {kFlushMessages, "flush.messages", kTopicSide, integers(1, kMaxLong), kMaxLong,
     "a log is flushed before so many records are not"},
    {kLogRetentionCheckIntervalMs, "log.retention.check.interval.ms", kBrokerSide, milliseconds(1),
     300'000, "how often a broker looks for segments to delete"},
    {kLogCleanerBackoffMs, "log.cleaner.backoff.ms", kBrokerSide, milliseconds(0), 15'000,
     "pause of the compaction when there is nothing to do; 0 counts as 1"},
    {kRequestTimeoutMs, "request.timeout.ms", kClientSides, milliseconds(1), 30'000,
     "a client gives a request, and its connection, up after this"},
    {kRetryBackoffMs, "retry.backoff.ms", kClientSides, milliseconds(0), 100,
     "pause before a failed request is sent again"},
    {kRetryBackoffMaxMs, "retry.backoff.max.ms", kClientSides, milliseconds(0), 1'000,
     "longest such pause where it grows (3.7)"},
    {kReconnectBackoffMs, "reconnect.backoff.ms", kClientSides, milliseconds(0), 50,
     "first pause before a broken connection is opened again"},
    {kReconnectBackoffMaxMs, "reconnect.backoff.max.ms", kClientSides, milliseconds(0), 1'000,
     "longest pause before a broken connection is opened again"},
    {kMetadataMaxAgeMs, "metadata.max.age.ms", kClientSides, milliseconds(0), 300'000,
     "metadata is refreshed at least this often"},
    {kAcks, "acks", kProducerSide, words("all", "-1", "1", "0"), kAcksAll,
     "the producers here are idempotent, which takes acks=all (Kafka's own default is 1 up to "
     "2.8)"},
    {kRetries, "retries", kProducerSide, integers(0, kMaxInt), kMaxInt,
     "how often a batch is sent again within delivery.timeout.ms"},
    {kMaxInFlightRequestsPerConnection, "max.in.flight.requests.per.connection", kProducerSide,
     integers(1, 5), 5, "produce requests on the way; idempotence allows at most 5"},
    {kBatchSize, "batch.size", kProducerSide, bytes(0, 104'857'600), 16'384,
     "a batch is full at this size"},
    {kBufferMemory, "buffer.memory", kProducerSide, bytes(0, kMaxLong), 33'554'432,
     "send() blocks while unfinished batches hold so much; each holds batch.size at least"},
    {kLingerMs,
     "linger.ms",
     kProducerSide,
     milliseconds(0),
     {0, {{k40, 5}}},
     "a batch waits this long for more records"},
    {kMaxRequestSize, "max.request.size", kProducerSide, bytes(1, 104'857'600), 1'048'576,
     "largest produce request"},
    {kDeliveryTimeoutMs, "delivery.timeout.ms", kProducerSide, milliseconds(1), 120'000,
     "a record fails after this; at least linger.ms + request.timeout.ms"},
    {kMaxBlockMs, "max.block.ms", kProducerSide, milliseconds(0), 60'000,
     "how long a producer call may block"},
    {kTransactionTimeoutMs, "transaction.timeout.ms", kProducerSide, milliseconds(1), 60'000,
     "the coordinator aborts a transaction that is open longer"},
    {kSessionTimeoutMs,
     "session.timeout.ms",
     kConsumerSide,
     milliseconds(1),
     {10'000, {{k35, 45'000}}},
     "a member without heartbeat is removed from its group"},
    {kHeartbeatIntervalMs, "heartbeat.interval.ms", kConsumerSide, milliseconds(1), 3'000,
     "how often a member sends a heartbeat"},
    {kMaxPollIntervalMs, "max.poll.interval.ms", kConsumerSide, milliseconds(1), 300'000,
     "a member that does not poll for so long leaves; also the rebalance timeout"},
    {kMaxPollRecords, "max.poll.records", kConsumerSide, integers(1, 1'000'000), 500,
     "records that one poll returns at most"},
    {kAutoOffsetReset, "auto.offset.reset", kConsumerSide, words("latest", "earliest", "none"),
     kResetLatest,
     "where a partition without committed offset begins (the apps here set earliest)"},
    {kIsolationLevel, "isolation.level", kConsumerSide, words("read_uncommitted", "read_committed"),
     kIsolationReadUncommitted,
     "whether open and aborted transactions are seen (the apps here set read_committed)"},
    {kGroupInstanceId, "group.instance.id", kConsumerSide, name(), 0,
     "static membership (KIP-345): what the ids of an app's threads begin with"},
    {kPartitionAssignmentStrategy,
     "partition.assignment.strategy",
     kConsumerSide,
     word_lists("range", "roundrobin", "sticky", "cooperative-sticky"),
     {word_list(kAssignRange), {{k35, word_list(kAssignRange, kAssignCooperativeSticky)}}},
     "how a group shares its partitions, by preference; cooperative-sticky alone rebalances "
     "incrementally"},
    {kFetchMinBytes, "fetch.min.bytes", kConsumerSide, bytes(1, 104'857'600), 1,
     "a fetch is answered once there is so much"},
    {kFetchMaxWaitMs, "fetch.max.wait.ms", kConsumerSide, milliseconds(0), 500,
     "or after this time"},
    {kDefaultApiTimeoutMs, "default.api.timeout.ms", kConsumerSide, milliseconds(1), 60'000,
     "how long a consumer call may block"},
    {kCommitIntervalMs, "commit.interval.ms", kLoopSide, milliseconds(0), 100,
     "how often the application commits; 0: after every poll (Streams: 30000 with at_least_once)"},
    {kNumStandbyReplicas, "num.standby.replicas", kLoopSide, integers(0, 100), 0,
     "copies of a store that Streams keeps on other instances"},
    {kPollMs, "poll.ms", kLoopSide, milliseconds(1), 100,
     "how long a Streams thread waits for input"},
    {kBufferedRecordsPerPartition, "buffered.records.per.partition", kLoopSide,
     integers(1, kMaxInt), 1'000, "beyond so many records Streams does not read a partition"},
}};

constexpr bool rows_are_in_order() {
  for (size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<size_t>(kTable[i].id) != i) return false;
  }
  return true;
}
static_assert(rows_are_in_order(), "the table is indexed by SettingId");

// Kafka gives some settings of a topic another name where brokers hold the default.
constexpr std::pair<SettingId, SettingId> kBrokerNames[] = {
    {kSegmentBytes, kLogSegmentBytes},
    {kSegmentMs, kLogSegmentMs},
    {kRetentionMs, kLogRetentionMs},
    {kRetentionBytes, kLogRetentionBytes},
    {kCleanupPolicy, kLogCleanupPolicy},
    {kMinCleanableRatio, kLogMinCleanableRatio},
    {kMinCompactionLagMs, kLogMinCompactionLagMs},
    {kDeleteRetentionMs, kLogDeleteRetentionMs},
    {kMaxMessageBytes, kLogMaxMessageBytes},
    {kFlushMessages, kLogFlushMessages},
};

}  // namespace

std::optional<int64_t> Setting::word_index(std::string_view word) const {
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] != nullptr && word == words[i]) return static_cast<int64_t>(i);
  }
  return std::nullopt;
}

std::optional<int64_t> Setting::words_value(std::string_view list) const {
  EOSIM_ASSERT(type == kWords);
  int64_t value = 0;
  std::vector<int64_t> seen;
  for (bool more = true; more;) {
    const size_t comma = list.find(',');
    more = comma != std::string_view::npos;
    const auto index = word_index(list.substr(0, comma));
    if (!index || std::ranges::find(seen, *index) != seen.end()) return std::nullopt;
    seen.push_back(*index);
    value = value * kListBase + *index + 1;
    if (more) list.remove_prefix(comma + 1);
  }
  return value;
}

std::vector<int64_t> Setting::word_indices(int64_t value) {
  std::vector<int64_t> indices;
  for (; value > 0; value /= kListBase) indices.insert(indices.begin(), value % kListBase - 1);
  return indices;
}

std::string Setting::text(int64_t value) const {
  EOSIM_ASSERT(value >= min && value <= max);
  switch (type) {
    case kFlag:
      return value != 0 ? "true" : "false";
    case kName:
      return value != 0 ? "given" : "null";
    case kWord:
      return words[static_cast<size_t>(value)];
    case kWords: {
      std::string list;
      for (const int64_t index : word_indices(value)) {
        if (!list.empty()) list += ',';
        list += words[static_cast<size_t>(index)];
      }
      return list;
    }
    case kRatio: {
      std::string digits = std::to_string(1'000 + value % 1'000).substr(1);
      while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
      return std::to_string(value / 1'000) + '.' + digits;
    }
    default:
      return std::to_string(value);
  }
}

std::string Setting::changes_text() const {
  std::string out;
  for (const auto& change : defaults) {
    if (!out.empty()) out += ", ";
    out += "from " + std::string(presets()[static_cast<size_t>(change.in)].name) + ": " +
           text(change.value);
  }
  return out;
}

std::span<const Setting> all_settings() { return kTable; }

const Setting& setting(SettingId id) {
  EOSIM_ASSERT(id < kCount);
  return kTable[static_cast<size_t>(id)];
}

const Setting* find_setting(std::string_view name, Sides sides) {
  for (const Setting& row : kTable) {
    if (row.is_of(sides) && name == row.name) return &row;
  }
  return nullptr;
}

Settings::Settings(std::string_view preset) {
  const Preset* found = find_preset(preset);
  EOSIM_ASSERT(found != nullptr);
  for (const Setting& row : kTable) {
    values_[static_cast<size_t>(row.id)] = row.default_for(found->release);
  }
}

void Settings::set(SettingId id, int64_t value) {
  const Setting& row = setting(id);
  EOSIM_ASSERT(value >= row.min && value <= row.max && row.type != kName);
  values_[static_cast<size_t>(id)] = value;
  told_[static_cast<size_t>(id)] = true;
}

void Settings::set_name(SettingId id, std::string name) {
  EOSIM_ASSERT(setting(id).type == kName && id == kGroupInstanceId);
  values_[static_cast<size_t>(id)] = name.empty() ? 0 : 1;
  told_[static_cast<size_t>(id)] = true;
  group_instance_id_ = std::move(name);
}

const std::string& Settings::name(SettingId id) const {
  EOSIM_ASSERT(id == kGroupInstanceId);
  return group_instance_id_;
}

int64_t topic_setting(SettingId id, const Settings& topic, const Settings& brokers) {
  EOSIM_ASSERT(setting(id).is_of(kTopicSide));
  if (topic.is_set(id)) return topic.get(id);
  for (const auto& [of_topic, of_broker] : kBrokerNames) {
    if (of_topic == id) return brokers.get(of_broker);
  }
  EOSIM_ASSERT(setting(id).is_of(kBrokerSide));
  return brokers.get(id);
}

}  // namespace eosim::kafka
