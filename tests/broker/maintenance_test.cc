// What brokers do to their logs in the background, and what a disk gives back afterwards
// (transactions.md 1.9, 4.9, 4.10; groups-streams-replication.md 6.8).
#include "cluster.h"

namespace eosim::kafka {
namespace {

using testing::Cluster;
using testing::ClusterOptions;

// Each batch is a segment of its own.
constexpr int64_t kSmallSegment = 200;

ClusterOptions keeping_bytes(int64_t retention_bytes) {
  ClusterOptions options;
  options.configure = [=](BrokerConfig& config) {
    LogConfig log;
    log.segment_bytes = kSmallSegment;
    log.deletes = true;
    log.retention_ms = -1;
    log.retention_bytes = retention_bytes;
    config.log_configs.assign(config.min_insync_replicas.size(), log);
    config.log_retention_check_interval_ms = 1'000;
  };
  return options;
}

Error write(Cluster& cluster, TopicPartition to, ProducerIdAndEpoch producer = {},
            int32_t sequence = -1, int lane = 0) {
  const auto answer = cluster.call<ProduceResponse>(
      cluster.leader(to), cluster.produce(to, cluster.batch(1, producer, sequence)), lane);
  return answer.partitions.at(0).error;
}

constexpr ProducerIdAndEpoch kProducer{ProducerId{77}, ProducerEpoch{0}};

TEST_CASE("old segments go from every copy, and who reads there is told so") {
  Cluster cluster(keeping_bytes(600));
  const TopicPartition to = cluster.partition("data", 0);
  for (int i = 0; i < 10; ++i) CHECK(write(cluster, to) == Error::kNone);
  CHECK(cluster.log(to).segments().size() == 10);
  cluster.run_for(sim::seconds(3));
  const Offset start = cluster.log(to).log_start_offset();
  CHECK(start > Offset{0});
  CHECK(start < Offset{10});
  for (int32_t b = 0; b < 3; ++b) {
    const PartitionLog& log = *cluster.broker(b).log(to);
    CHECK(log.log_start_offset() == start);
    CHECK(log.log_end_offset() == Offset{10});
    CHECK(log.bytes() <= 600 + kSmallSegment);
  }
  const auto fetched = cluster.call<FetchResponse>(
      cluster.leader(to), cluster.fetch(to, 0, IsolationLevel::kReadUncommitted));
  CHECK(fetched.partitions.at(0).error == Error::kOffsetOutOfRange);
}

TEST_CASE("a log that lost its head begins there after a restart") {
  Cluster cluster(keeping_bytes(600));
  const TopicPartition to = cluster.partition("more", 0);
  const int32_t only = cluster.leader(to);
  for (int i = 0; i < 10; ++i) CHECK(write(cluster, to) == Error::kNone);
  cluster.run_for(sim::seconds(3));
  const Offset start = cluster.log(to).log_start_offset();
  CHECK(start > Offset{0});
  cluster.crash(only, sim::seconds(1));
  cluster.run_for(sim::seconds(20));
  CHECK(cluster.log(to).log_start_offset() == start);
  CHECK(cluster.log(to).log_end_offset() == Offset{10});
}

// A producer whose batches retention has taken is in the snapshots of the segments that are left.
TEST_CASE("a restarted broker knows producers whose batches are gone") {
  Cluster cluster(keeping_bytes(600));
  const TopicPartition to = cluster.partition("more", 0);
  const int32_t only = cluster.leader(to);
  CHECK(write(cluster, to, kProducer, 0) == Error::kNone);
  for (int i = 0; i < 10; ++i) CHECK(write(cluster, to) == Error::kNone);
  cluster.run_for(sim::seconds(3));
  CHECK(cluster.log(to).log_start_offset() > Offset{0});
  for (const auto kind :
       {sim::FaultKind::kCrash, sim::FaultKind::kRestart, sim::FaultKind::kPowerLoss}) {
    cluster.strike(kind, only, sim::seconds(1));
    cluster.run_for(sim::seconds(20));
    REQUIRE(cluster.log(to).find_producer(kProducer.id) != nullptr);
    // A loss of power tells nobody that a connection has ended.
    const int lane = 1 + static_cast<int>(kind);
    CHECK(write(cluster, to, kProducer, 5, lane) == Error::kOutOfOrderSequenceNumber);
  }
  CHECK(write(cluster, to, kProducer, 1, 100) == Error::kNone);
}

TEST_CASE("a snapshot knows a producer's newest batch, and the batches of a log all five") {
  const auto kind = GENERATE(sim::FaultKind::kCrash, sim::FaultKind::kRestart);
  Cluster cluster;
  const TopicPartition to = cluster.partition("more", 0);
  const int32_t only = cluster.leader(to);
  for (int32_t i = 0; i < 3; ++i) CHECK(write(cluster, to, kProducer, i) == Error::kNone);
  cluster.strike(kind, only, sim::seconds(1));
  cluster.run_for(sim::seconds(20));
  const bool clean = kind == sim::FaultKind::kRestart;
  const ProducerEntry* producer = cluster.log(to).find_producer(kProducer.id);
  REQUIRE(producer != nullptr);
  const size_t known = producer->window.batches().size();
  CHECK(known == (clean ? 1 : 3));
  // The resend of a batch that is not known any more is not seen as one.
  CHECK(write(cluster, to, kProducer, 2) == Error::kNone);
  CHECK(write(cluster, to, kProducer, 0) ==
        (clean ? Error::kOutOfOrderSequenceNumber : Error::kNone));
  CHECK(cluster.log(to).log_end_offset() == Offset{3});
}

TEST_CASE("producers that have expired are not in what a snapshot gives back") {
  ClusterOptions options;
  options.preset = "3.6";
  options.configure = [](BrokerConfig& config) { config.producer_id_expiration_ms = 5'000; };
  Cluster cluster(options);
  const TopicPartition to = cluster.partition("more", 0);
  const int32_t only = cluster.leader(to);
  CHECK(write(cluster, to, kProducer, 0) == Error::kNone);
  cluster.strike(sim::FaultKind::kRestart, only, sim::seconds(10));
  cluster.run_for(sim::seconds(20));
  CHECK(cluster.log(to).find_producer(kProducer.id) == nullptr);
}

ClusterOptions cleaning() {
  ClusterOptions options;
  options.configure = [](BrokerConfig& config) {
    LogConfig log;
    log.deletes = false;
    log.compacts = true;
    log.segment_bytes = kSmallSegment;
    config.log_configs.assign(config.min_insync_replicas.size(), log);
    config.log_cleaner_backoff_ms = 1'000;
  };
  return options;
}

TopicPartition offsets_of(Cluster& cluster, const char* group) {
  return {cluster.layout().consumer_offsets,
          cluster.shared().names.partition_for(cluster.name(group), 50)};
}

void commit_offsets(Cluster& cluster, int32_t coordinator, int64_t from, int64_t to, int lane = 0) {
  for (int64_t i = from; i <= to; ++i) {
    OffsetCommitRequest request;
    request.group = cluster.name("g");
    request.offsets = {{cluster.partition("data", 0), Offset{i}, {}}};
    const auto answer = cluster.call<OffsetCommitResponse>(coordinator, request, lane);
    REQUIRE(answer.partitions.at(0).error == Error::kNone);
  }
}

TEST_CASE("a cleaned log of offsets gives a new coordinator what the old one had") {
  Cluster cluster(cleaning());
  const int32_t coordinator = cluster.coordinator(CoordinatorType::kGroup, "g");
  const TopicPartition offsets = offsets_of(cluster, "g");
  cluster.run_for(sim::seconds(2));
  commit_offsets(cluster, coordinator, 1, 20);
  CHECK(cluster.log(offsets).entries().size() == 20);
  cluster.run_for(sim::seconds(5));
  CHECK(cluster.log(offsets).entries().size() < 5);
  CHECK(cluster.log(offsets).first_dirty_offset() > Offset{0});
  CHECK(cluster.log(offsets).log_end_offset() == Offset{20});
  cluster.crash(coordinator, sim::seconds(30));
  cluster.run_for(sim::seconds(15));
  const int32_t next = cluster.coordinator(CoordinatorType::kGroup, "g");
  REQUIRE(next != coordinator);
  OffsetFetchRequest request;
  request.group = cluster.name("g");
  request.partitions = {cluster.partition("data", 0)};
  const auto answer = cluster.call<OffsetFetchResponse>(next, request);
  CHECK(answer.partitions.at(0).offset == Offset{20});
}

// In Kafka a log begins with its first segment, whose base the cleaner keeps. If it began with what
// is left, copies would take over that start, and take what lies below it for clean.
TEST_CASE("a cleaned log begins where it did after a restart, and each copy is cleaned on") {
  Cluster cluster(cleaning());
  const TopicPartition offsets = offsets_of(cluster, "g");
  int64_t done = 0;
  for (int lane = 1; lane <= 3; ++lane) {
    const int32_t coordinator = cluster.coordinator(CoordinatorType::kGroup, "g");
    cluster.run_for(sim::seconds(2));
    commit_offsets(cluster, coordinator, done + 1, done + 20, lane);
    done += 20;
    cluster.run_for(sim::seconds(5));
    cluster.crash(coordinator, sim::seconds(12));
    cluster.run_for(sim::seconds(30));
  }
  for (int32_t b = 0; b < 3; ++b) {
    const PartitionLog& log = *cluster.broker(b).log(offsets);
    CHECK(log.log_start_offset() == Offset{0});
    CHECK(log.log_end_offset() == Offset{done});
    CHECK(log.entries().size() < 5);
  }
}

TEST_CASE(
    "a broker without its disk copies everything from the others, and leads again after that") {
  Cluster cluster;
  const TopicPartition to = cluster.partition("data", 0);
  const int32_t first = cluster.leader(to);
  for (int i = 0; i < 5; ++i) CHECK(write(cluster, to) == Error::kNone);
  cluster.strike(sim::FaultKind::kDiskLoss, first, sim::seconds(1));
  for (uint32_t file = 0; file < 20; ++file) {
    CHECK(cluster.world().disk({static_cast<uint32_t>(first)}).written({file}) == 0);
  }
  cluster.run_for(sim::seconds(12));
  CHECK(cluster.leader(to) != first);
  cluster.run_for(sim::seconds(20));
  CHECK(cluster.broker(first).log(to)->log_end_offset() == Offset{5});
  CHECK(cluster.state(to).isr.size() == 3);
}

TEST_CASE("what flush.messages has flushed survives a loss of power") {
  for (const int64_t messages : {1, 3}) {
    CAPTURE(messages);
    ClusterOptions options;
    options.configure = [=](BrokerConfig& config) {
      LogConfig log;
      log.flush_messages = messages;
      config.log_configs.assign(config.min_insync_replicas.size(), log);
    };
    Cluster cluster(options);
    const TopicPartition to = cluster.partition("more", 0);
    const int32_t only = cluster.leader(to);
    for (int64_t i = 1; i <= 5; ++i) {
      CHECK(write(cluster, to) == Error::kNone);
      const sim::FileId file = cluster.replica(only, to).file;
      const sim::Disk& disk = cluster.world().disk({static_cast<uint32_t>(only)});
      CHECK(disk.flushed(file) == static_cast<uint64_t>(i / messages * messages));
    }
    cluster.strike(sim::FaultKind::kPowerLoss, only, sim::seconds(1));
    cluster.run_for(sim::seconds(20));
    CHECK(cluster.log(to).log_end_offset() >= Offset{5 / messages * messages});
  }
}

TEST_CASE("the only copy is gone with its disk, and its log begins anew") {
  Cluster cluster;
  const TopicPartition to = cluster.partition("more", 0);
  const int32_t only = cluster.leader(to);
  for (int i = 0; i < 5; ++i) CHECK(write(cluster, to) == Error::kNone);
  cluster.strike(sim::FaultKind::kDiskLoss, only, sim::seconds(1));
  cluster.run_for(sim::seconds(20));
  CHECK(cluster.leader(to) == only);
  CHECK(cluster.log(to).log_end_offset() == Offset{0});
  CHECK(write(cluster, to) == Error::kNone);
}

TEST_CASE("a leader tells of its producers and what they have open, and nobody else does") {
  Cluster cluster({.preset = "3.5"});
  const TopicPartition to = cluster.partition("data", 0);
  const int32_t leader = cluster.leader(to);
  const auto describe = [&](int32_t broker, TopicPartition partition) {
    DescribeProducersRequest request;
    request.partitions = {partition};
    return cluster.call<DescribeProducersResponse>(broker, request).partitions.at(0);
  };
  CHECK(describe(leader, to).producers.empty());
  CHECK(write(cluster, to) == Error::kNone);
  const auto batch = cluster.batch(2, kProducer, 0, true);
  CHECK(cluster.call<ProduceResponse>(leader, cluster.produce(to, batch)).partitions[0].error ==
        Error::kNone);
  const auto open = describe(leader, to);
  REQUIRE(open.producers.size() == 1);
  CHECK(open.producers[0].producer == kProducer);
  CHECK(open.producers[0].last_sequence == Sequence{1});
  CHECK(open.producers[0].open_transaction == Offset{1});
  CHECK_FALSE(open.producers[0].coordinator_epoch.valid());
  // What an operator writes with it ends the transaction.
  WriteTxnMarkersRequest marker;
  marker.markers = {{kProducer, CoordinatorEpoch{0}, ControlType::kAbort, 0, {to}, {}}};
  const auto ended = cluster.call<WriteTxnMarkersResponse>(leader, marker);
  CHECK(ended.markers.at(0).partitions.at(0).error == Error::kNone);
  const auto closed = describe(leader, to);
  REQUIRE(closed.producers.size() == 1);
  CHECK_FALSE(closed.producers[0].open_transaction.valid());
  CHECK(closed.producers[0].coordinator_epoch == CoordinatorEpoch{0});
  CHECK(describe((leader + 1) % 3, to).error == Error::kNotLeaderOrFollower);
  CHECK(describe(leader, {TopicId{99}, 0}).error == Error::kUnknownTopicOrPartition);
}

}  // namespace
}  // namespace eosim::kafka
