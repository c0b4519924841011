// A cluster that copies, fails over and comes back (groups-streams-replication.md 6).
#include "cluster.h"

namespace eosim::kafka {
namespace {

using testing::Cluster;
using testing::ClusterOptions;

constexpr auto kReadAll = IsolationLevel::kReadUncommitted;

Error write(Cluster& cluster, TopicPartition to, int32_t broker, int16_t acks = -1) {
  const auto answer =
      cluster.call<ProduceResponse>(broker, cluster.produce(to, cluster.batch(1), acks));
  return answer.partitions.at(0).error;
}

std::vector<uint32_t> batches_of(const PartitionLog& log) {
  std::vector<uint32_t> ids;
  for (const LogEntry& entry : log.entries()) ids.push_back(entry.batch.index);
  return ids;
}

// Everybody has applied what the controller decided last, and copied what there is.
void calm_down(Cluster& cluster) { cluster.run_for(sim::seconds(20)); }

TEST_CASE("a record with acks=all is on every replica, and the high watermark follows") {
  Cluster cluster;
  const TopicPartition to = cluster.partition("data", 0);
  const int32_t leader = cluster.leader(to);
  CHECK(write(cluster, to, leader) == Error::kNone);
  CHECK(cluster.log(to).high_watermark() == Offset{1});
  for (int32_t b = 0; b < 3; ++b) {
    CHECK(cluster.broker(b).log(to)->log_end_offset() == Offset{1});
    CHECK(cluster.broker(b).leads(to) == (b == leader));
    // Followers hear of the high watermark one fetch later.
    CHECK((cluster.broker(b).log(to)->high_watermark() == Offset{1}) == (b == leader));
  }
  cluster.run_for(sim::seconds(1));
  for (int32_t b = 0; b < 3; ++b) {
    CHECK(cluster.broker(b).log(to)->high_watermark() == Offset{1});
  }
}

TEST_CASE("an idle cluster fetches twice a second between each pair, and names nothing") {
  Cluster cluster;
  cluster.run_for(sim::seconds(2));
  const auto before = cluster.world().counts().requests[static_cast<size_t>(Rpc::kFetch)];
  cluster.run_for(sim::seconds(10));
  const auto after = cluster.world().counts().requests[static_cast<size_t>(Rpc::kFetch)];
  CHECK(after - before <= 6 * 21);
  CHECK(after - before >= 6 * 19);
  for (int32_t b = 0; b < 3; ++b) CHECK(cluster.broker(b).parked_follower_fetches() == 2);
}

TEST_CASE("when a leader crashes another of the ISR leads, and nothing acknowledged is lost") {
  Cluster cluster({.calm = false});
  const TopicPartition to = cluster.partition("data", 0);
  const int32_t first = cluster.leader(to);
  for (int i = 0; i < 5; ++i) CHECK(write(cluster, to, first) == Error::kNone);
  const auto acknowledged = batches_of(cluster.log(to));
  cluster.crash(first, sim::seconds(30));
  cluster.run_for(sim::seconds(12));
  const int32_t second = cluster.leader(to);
  REQUIRE(second >= 0);
  CHECK(second != first);
  CHECK(cluster.state(to).leader_epoch == LeaderEpoch{1});
  CHECK(cluster.state(to).isr.size() == 2);
  CHECK(cluster.broker(second).leads(to));
  CHECK(batches_of(cluster.log(to)) == acknowledged);
  CHECK(write(cluster, to, second) == Error::kNone);
  CHECK(cluster.log(to).entries().back().leader_epoch == LeaderEpoch{1});
  // The old leader comes back as a follower and is taken into the ISR again.
  cluster.run_for(sim::seconds(30));
  CHECK(cluster.state(to).isr.size() == 3);
  for (int32_t b = 0; b < 3; ++b) {
    CHECK(batches_of(*cluster.broker(b).log(to)) == batches_of(cluster.log(to)));
    CHECK(cluster.broker(b).log(to)->leader_epochs() == cluster.log(to).leader_epochs());
  }
}

TEST_CASE("a new leader has its epoch in the cache though it has written nothing") {
  Cluster cluster;
  const TopicPartition to = cluster.partition("data", 0);
  const int32_t first = cluster.leader(to);
  CHECK(write(cluster, to, first) == Error::kNone);
  cluster.crash(first, sim::seconds(60));
  cluster.run_for(sim::seconds(12));
  const auto epochs = cluster.log(to).leader_epochs().all();
  REQUIRE(epochs.size() == 2);
  CHECK(epochs.back() == EpochStart{LeaderEpoch{1}, Offset{1}});
}

TEST_CASE("what only a deposed leader has is cut when it comes back") {
  Cluster cluster;
  const TopicPartition to = cluster.partition("data", 0);
  const int32_t first = cluster.leader(to);
  CHECK(write(cluster, to, first) == Error::kNone);
  cluster.run_for(sim::seconds(1));
  // Cut off from the other brokers and the controller, it still takes acks=1.
  cluster.part("broker-" + std::to_string(first),
               {"broker-" + std::to_string((first + 1) % 3),
                "broker-" + std::to_string((first + 2) % 3), "controller"},
               sim::seconds(20));
  CHECK(write(cluster, to, first, 1) == Error::kNone);
  const uint32_t all = cluster.send(first, cluster.produce(to, cluster.batch(1)), 7);
  CHECK(cluster.broker(first).log(to)->log_end_offset() == Offset{2});
  cluster.run_for(sim::seconds(12));
  const int32_t second = cluster.leader(to);
  REQUIRE(second != first);
  // A zombie: it leads in its own eyes, and can acknowledge nothing that needs the others.
  CHECK(cluster.broker(first).leads(to));
  CHECK(cluster.broker(first).log(to)->log_end_offset() == Offset{3});
  CHECK(cluster.broker(first).log(to)->high_watermark() == Offset{1});
  CHECK(cluster.answer<ProduceResponse>(all) == nullptr);
  CHECK(write(cluster, to, second) == Error::kNone);
  calm_down(cluster);
  REQUIRE(cluster.answer<ProduceResponse>(all) != nullptr);
  CHECK(cluster.answer<ProduceResponse>(all)->partitions[0].error == Error::kNotLeaderOrFollower);
  CHECK(!cluster.broker(first).leads(to));
  CHECK(cluster.broker(first).log(to)->log_end_offset() == Offset{2});
  CHECK(batches_of(*cluster.broker(first).log(to)) == batches_of(cluster.log(to)));
  CHECK(cluster.state(to).isr.size() == 3);
}

TEST_CASE("a follower that falls behind leaves the ISR, and comes back when it has caught up") {
  Cluster cluster({.min_insync_replicas = 3, .configure = [](BrokerConfig& config) {
                     config.replica_lag_time_max_ms = 2'000;
                   }});
  const TopicPartition to = cluster.partition("data", 0);
  const int32_t leader = cluster.leader(to);
  const int32_t slow = (leader + 1) % 3;
  // It still talks to the controller.
  cluster.part("broker-" + std::to_string(slow), {"broker-" + std::to_string(leader)},
               sim::seconds(8));
  const uint32_t all = cluster.send(leader, cluster.produce(to, cluster.batch(1)), 7);
  cluster.run_for(sim::seconds(1));
  CHECK(cluster.state(to).isr.size() == 3);
  CHECK(cluster.answer<ProduceResponse>(all) == nullptr);
  cluster.run_for(sim::seconds(4));
  CHECK(cluster.state(to).isr.size() == 2);
  CHECK(!cluster.state(to).isr.contains(BrokerId{slow}));
  // Below min.insync.replicas: written, and not enough of them.
  REQUIRE(cluster.answer<ProduceResponse>(all) != nullptr);
  CHECK(cluster.answer<ProduceResponse>(all)->partitions[0].error ==
        Error::kNotEnoughReplicasAfterAppend);
  CHECK(write(cluster, to, leader) == Error::kNotEnoughReplicas);
  CHECK(cluster.log(to).log_end_offset() == Offset{1});
  CHECK(write(cluster, to, leader, 1) == Error::kNone);
  cluster.run_for(sim::seconds(20));
  CHECK(cluster.state(to).isr.size() == 3);
  CHECK(cluster.log(to).high_watermark() == Offset{2});
  CHECK(write(cluster, to, leader) == Error::kNone);
}

TEST_CASE("leaders refuse who knows another leader epoch, and who asks the wrong broker") {
  Cluster cluster;
  const TopicPartition to = cluster.partition("data", 0);
  const int32_t first = cluster.leader(to);
  const auto fetch = [&](int32_t broker, int32_t epoch) {
    FetchRequest request = cluster.fetch(to, 0, kReadAll);
    request.max_wait_ms = 0;
    request.partitions[0].current_leader_epoch = LeaderEpoch{epoch};
    return cluster.call<FetchResponse>(broker, request).partitions.at(0).error;
  };
  CHECK(fetch(first, 0) == Error::kNone);
  CHECK(fetch(first, 1) == Error::kUnknownLeaderEpoch);
  CHECK(fetch((first + 1) % 3, 0) == Error::kNotLeaderOrFollower);
  cluster.crash(first, sim::seconds(60));
  cluster.run_for(sim::seconds(12));
  CHECK(fetch(cluster.leader(to), 0) == Error::kFencedLeaderEpoch);
  CHECK(fetch(cluster.leader(to), 1) == Error::kNone);
}

TEST_CASE("a leader tells where an epoch ends in its log, to those who know its own") {
  Cluster cluster;
  const TopicPartition to = cluster.partition("data", 0);
  const int32_t first = cluster.leader(to);
  CHECK(write(cluster, to, first) == Error::kNone);
  cluster.crash(first, sim::seconds(60));
  cluster.run_for(sim::seconds(12));
  const int32_t second = cluster.leader(to);
  CHECK(write(cluster, to, second) == Error::kNone);
  const Offset end = cluster.log(to).log_end_offset();
  REQUIRE(end == Offset{2});
  const auto ask = [&](int32_t broker, int32_t current, int32_t epoch) {
    OffsetForLeaderEpochRequest request;
    request.partitions = {{to, LeaderEpoch{current}, LeaderEpoch{epoch}}};
    return cluster.call<OffsetForLeaderEpochResponse>(broker, request).partitions.at(0);
  };
  struct Case {
    int32_t current;
    int32_t epoch;
    Error error;
    int32_t told;
    int64_t ends;
  };
  for (const Case& c : {Case{1, 0, Error::kNone, 0, 1}, Case{1, 1, Error::kNone, 1, 2},
                        Case{1, 2, Error::kNone, -1, -1}, Case{-1, 0, Error::kNone, 0, 1},
                        Case{0, 0, Error::kFencedLeaderEpoch, -1, -1},
                        Case{2, 0, Error::kUnknownLeaderEpoch, -1, -1}}) {
    CAPTURE(c.current, c.epoch);
    const auto answer = ask(second, c.current, c.epoch);
    CHECK(answer.error == c.error);
    CHECK(answer.leader_epoch.value == c.told);
    CHECK(answer.end_offset.value == c.ends);
  }
  const int32_t third = 3 - first - second;
  CHECK(ask(third, 1, 0).error == Error::kNotLeaderOrFollower);
}

TEST_CASE("a consumer's parked fetch ends when its leader loses the partition") {
  Cluster cluster;
  const TopicPartition to = cluster.partition("data", 0);
  const int32_t first = cluster.leader(to);
  FetchRequest request = cluster.fetch(to, 0, kReadAll);
  request.max_wait_ms = 25'000;
  const uint32_t number = cluster.send(first, request, 5);
  cluster.run_for(sim::milliseconds(100));
  // Its session ends while it stands still; on waking it learns of its successor.
  cluster.pause(first, sim::seconds(12));
  cluster.run_for(sim::seconds(16));
  REQUIRE(cluster.answer<FetchResponse>(number) != nullptr);
  CHECK(cluster.answer<FetchResponse>(number)->partitions[0].error == Error::kNotLeaderOrFollower);
}

TEST_CASE("a new leader's high watermark lags, and readers wait for it (vector 11.3)") {
  Cluster cluster;
  const TopicPartition to = cluster.partition("data", 0);
  const int32_t first = cluster.leader(to);
  CHECK(write(cluster, to, first) == Error::kNone);
  // The followers have the record and do not know yet that it is committed.
  const int32_t second = cluster.state(to).replicas[1].value;
  const int32_t third = cluster.state(to).replicas[2].value;
  REQUIRE(cluster.broker(second).log(to)->high_watermark() == Offset{0});
  cluster.crash(first, sim::seconds(60));
  cluster.part("broker-" + std::to_string(third), {"broker-" + std::to_string(second)},
               sim::seconds(14));
  while (cluster.broker(second).leads(to) == false) cluster.run_for(sim::milliseconds(100));
  CHECK(cluster.broker(second).log(to)->log_end_offset() == Offset{1});
  CHECK(cluster.broker(second).log(to)->high_watermark() == Offset{0});
  ListOffsetsRequest latest;
  latest.partitions = {{to}};
  CHECK(cluster.call<ListOffsetsResponse>(second, latest).partitions[0].error ==
        Error::kOffsetNotAvailable);
  calm_down(cluster);
  CHECK(cluster.log(to).high_watermark() == Offset{1});
  CHECK(cluster.call<ListOffsetsResponse>(cluster.leader(to), latest).partitions[0].offset ==
        Offset{1});
}

TEST_CASE("the new group coordinator tells a stable offset once what it has loaded is committed") {
  for (const char* preset : {"3.9", "4.0"}) {
    CAPTURE(preset);
    const bool waits = preset == std::string("4.0");
    Cluster cluster({.preset = preset});
    const TopicPartition log{cluster.layout().consumer_offsets,
                             cluster.shared().names.partition_for(cluster.name("g"), 50)};
    const int32_t first = cluster.coordinator(CoordinatorType::kGroup, "g");
    OffsetCommitRequest commit;
    commit.group = cluster.name("g");
    commit.offsets = {{cluster.partition("data", 0), Offset{7}, {}}};
    REQUIRE(cluster.call<OffsetCommitResponse>(first, commit).partitions.at(0).error ==
            Error::kNone);
    const int32_t second = cluster.state(log).replicas[1].value;
    const int32_t third = cluster.state(log).replicas[2].value;
    cluster.crash(first, sim::seconds(60));
    cluster.part("broker-" + std::to_string(third), {"broker-" + std::to_string(second)},
                 sim::seconds(14));
    while (!cluster.broker(second).leads(log)) cluster.run_for(sim::milliseconds(100));
    cluster.run_for(sim::milliseconds(500));  // it loads
    OffsetFetchRequest fetch;
    fetch.group = cluster.name("g");
    fetch.partitions = {cluster.partition("data", 0)};
    fetch.require_stable = true;
    const uint32_t early = cluster.send(second, fetch);
    cluster.run_for(sim::milliseconds(100));
    REQUIRE(cluster.broker(second).log(log)->high_watermark() == Offset{0});
    CHECK((cluster.answer<OffsetFetchResponse>(early) == nullptr) == waits);
    calm_down(cluster);
    const auto answer = cluster.call<OffsetFetchResponse>(second, fetch, 1);
    CHECK(answer.partitions.at(0).offset == Offset{7});
  }
}

TEST_CASE("with all replicas gone and back, the logs are what the disks had") {
  const auto kind = GENERATE(sim::FaultKind::kCrash, sim::FaultKind::kPowerLoss);
  Cluster cluster({.seed = 3, .calm = false});
  const TopicPartition to = cluster.partition("data", 0);
  for (int i = 0; i < 20; ++i) CHECK(write(cluster, to, cluster.leader(to)) == Error::kNone);
  const auto before = batches_of(cluster.log(to));
  for (int32_t b = 0; b < 3; ++b) cluster.strike(kind, b, sim::milliseconds(500));
  cluster.run_for(sim::seconds(40));
  REQUIRE(cluster.leader(to) >= 0);
  const auto after = batches_of(cluster.log(to));
  REQUIRE(after.size() <= before.size());
  CHECK(std::equal(after.begin(), after.end(), before.begin()));
  if (kind == sim::FaultKind::kCrash) CHECK(after == before);
  for (int32_t b = 0; b < 3; ++b) {
    CHECK(batches_of(*cluster.broker(b).log(to)) == after);
    CHECK(cluster.broker(b).log(to)->high_watermark() ==
          Offset{static_cast<int64_t>(after.size())});
  }
  CHECK(cluster.state(to).isr.size() == 3);
}

TEST_CASE("a restarted broker serves nobody before its registration is in the metadata") {
  Cluster cluster;
  const TopicPartition to = cluster.partition("data", 0);
  const int32_t first = cluster.leader(to);
  cluster.crash(first, sim::milliseconds(200));
  cluster.run_for(sim::seconds(1));
  CHECK(!cluster.broker(first).started());
  const uint32_t number = cluster.send(first, cluster.produce(to, cluster.batch(1)), 8);
  cluster.run_for(sim::seconds(1));
  CHECK(cluster.closed(number));
  calm_down(cluster);
  CHECK(cluster.broker(first).started());
  CHECK(!cluster.broker(first).fenced());
  CHECK(cluster.broker(first).epoch() > BrokerEpoch{3});
}

TEST_CASE("a copy of a cluster in the middle of a failover ends like its original") {
  Cluster cluster({.seed = 9, .calm = false});
  const TopicPartition to = cluster.partition("data", 0);
  const int32_t first = cluster.leader(to);
  for (int i = 0; i < 3; ++i) CHECK(write(cluster, to, first) == Error::kNone);
  cluster.crash(first, sim::seconds(15));
  cluster.run_for(sim::milliseconds(9'100));
  auto copy = std::make_unique<Cluster>(cluster);
  copy->run_for(sim::seconds(30));
  const uint64_t digest = copy->world().digest();
  copy.reset();
  cluster.run_for(sim::seconds(30));
  CHECK(cluster.world().digest() == digest);
  CHECK(cluster.state(to).isr.size() == 3);
}

}  // namespace
}  // namespace eosim::kafka
