#include "cluster.h"

namespace eosim::kafka {
namespace {

using testing::Cluster;
using testing::ClusterOptions;

constexpr auto kUncommitted = IsolationLevel::kReadUncommitted;

TEST_CASE("what is produced with acks=all can be fetched") {
  Cluster cluster;
  const TopicPartition to = cluster.partition("data", 1);
  const int32_t leader = cluster.leader(to);
  const BatchId batch = cluster.batch(3);
  const auto produced = cluster.call<ProduceResponse>(leader, cluster.produce(to, batch));
  REQUIRE(produced.partitions.size() == 1);
  CHECK(produced.partitions[0].error == Error::kNone);
  CHECK(produced.partitions[0].base_offset == Offset{0});

  const auto fetched = cluster.call<FetchResponse>(leader, cluster.fetch(to, 0, kUncommitted));
  REQUIRE(fetched.partitions.size() == 1);
  CHECK(fetched.partitions[0].high_watermark == Offset{3});
  REQUIRE(fetched.partitions[0].batches.size() == 1);
  CHECK(fetched.partitions[0].batches[0].batch == batch);
  CHECK(cluster.world().disk({static_cast<uint32_t>(leader)}).file_count() > 0);
}

TEST_CASE("a fetch without data waits, is woken by an append, and ends empty after max.wait.ms") {
  Cluster cluster;
  const TopicPartition from = cluster.partition("data", 0);
  const int32_t leader = cluster.leader(from);
  const uint32_t number = cluster.send(leader, cluster.fetch(from, 0, kUncommitted), 1);
  cluster.run_for(sim::milliseconds(300));
  CHECK(cluster.answer<FetchResponse>(number) == nullptr);
  CHECK(cluster.broker(leader).waiting_fetches().size() == 1);
  cluster.call<ProduceResponse>(leader, cluster.produce(from, cluster.batch(1)));
  cluster.run_for(sim::milliseconds(2));
  REQUIRE(cluster.answer<FetchResponse>(number) != nullptr);
  CHECK(cluster.answer<FetchResponse>(number)->partitions[0].batches.size() == 1);
  CHECK(cluster.broker(leader).waiting_fetches().size() == 0);

  const uint32_t idle = cluster.send(leader, cluster.fetch(from, 1, kUncommitted), 1);
  cluster.run_for(sim::milliseconds(499));
  CHECK(cluster.answer<FetchResponse>(idle) == nullptr);
  cluster.run_for(sim::milliseconds(5));
  REQUIRE(cluster.answer<FetchResponse>(idle) != nullptr);
  CHECK(cluster.answer<FetchResponse>(idle)->partitions[0].batches.empty());
}

TEST_CASE("min_bytes counts what is readable over all partitions of the request") {
  Cluster cluster({.brokers = 1});
  FetchRequest fetch;
  fetch.min_bytes = 400;
  fetch.max_wait_ms = 10'000;
  for (int32_t p = 0; p < 2; ++p) {
    fetch.partitions.push_back({cluster.partition("data", p), Offset{0}, LeaderEpoch{0}});
  }
  const uint32_t number = cluster.send(0, fetch, 1);
  for (int32_t p = 0; p < 3; ++p) {
    const TopicPartition to = cluster.partition("data", p % 2);
    cluster.call<ProduceResponse>(0, cluster.produce(to, cluster.batch(1)));
    cluster.run_for(sim::milliseconds(2));
    CHECK((cluster.answer<FetchResponse>(number) != nullptr) == (p == 2));
  }
}

TEST_CASE("max_bytes binds the whole answer, but for its first batch") {
  Cluster cluster({.brokers = 1});
  FetchRequest fetch;
  fetch.max_bytes = 200;
  for (int32_t p = 0; p < 2; ++p) {
    const TopicPartition to = cluster.partition("data", p);
    cluster.call<ProduceResponse>(0, cluster.produce(to, cluster.batch(5)));
    fetch.partitions.push_back({to, Offset{0}, LeaderEpoch{0}});
  }
  const auto fetched = cluster.call<FetchResponse>(0, fetch);
  CHECK(fetched.partitions[0].batches.size() == 1);
  CHECK(fetched.partitions[1].batches.empty());
  CHECK(fetched.partitions[1].error == Error::kNone);
}

TEST_CASE("an error ends a fetch at once") {
  Cluster cluster;
  const TopicPartition here = cluster.partition("data", 0);
  const int32_t leader = cluster.leader(here);
  const TopicPartition elsewhere = cluster.partition("data", 1);
  struct Case {
    TopicPartition partition;
    int64_t offset;
    LeaderEpoch epoch;
    Error error;
  };
  const std::vector<Case> cases = {
      {elsewhere, 0, {0}, Error::kNotLeaderOrFollower},
      {{TopicId{77}, 0}, 0, {0}, Error::kUnknownTopicOrPartition},
      {cluster.partition("data", 4), 0, {0}, Error::kUnknownTopicOrPartition},
      {here, 1, {0}, Error::kOffsetOutOfRange},
      {here, 0, {1}, Error::kUnknownLeaderEpoch},
  };
  for (const Case& c : cases) {
    FetchRequest request = cluster.fetch(c.partition, c.offset, kUncommitted);
    request.partitions[0].current_leader_epoch = c.epoch;
    request.partitions.push_back({here, Offset{0}, LeaderEpoch{}});
    const sim::Time before = cluster.world().now();
    const auto answer = cluster.call<FetchResponse>(leader, request);
    CHECK(answer.partitions[0].error == c.error);
    CHECK(answer.partitions[1].error == Error::kNone);
    CHECK(cluster.world().now() - before < sim::milliseconds(100));
  }
}

TEST_CASE("a produce answers once for all its partitions, each with its own error") {
  Cluster cluster;
  const TopicPartition here = cluster.partition("data", 0);
  ProduceRequest request = cluster.produce(here, cluster.batch(1));
  request.partitions.push_back({cluster.partition("data", 1), cluster.batch(1)});
  request.partitions.push_back({{TopicId{99}, 0}, cluster.batch(1)});
  // Sequence 7 after nothing is no error in 2.5; sequence 9 after it is.
  const ProducerIdAndEpoch producer{{5}, {0}};
  request.partitions.push_back({cluster.partition("data", 3), cluster.batch(1, producer, 7)});
  const int32_t leader = cluster.leader(here);
  REQUIRE(cluster.leader(cluster.partition("data", 3)) == leader);
  const auto answer = cluster.call<ProduceResponse>(leader, request);
  REQUIRE(answer.partitions.size() == 4);
  CHECK(answer.partitions[0].error == Error::kNone);
  CHECK(answer.partitions[1].error == Error::kNotLeaderOrFollower);
  CHECK(answer.partitions[2].error == Error::kUnknownTopicOrPartition);
  CHECK(answer.partitions[3].error == Error::kNone);
  const auto gap = cluster.call<ProduceResponse>(
      leader, cluster.produce(cluster.partition("data", 3), cluster.batch(1, producer, 9)));
  CHECK(gap.partitions[0].error == Error::kOutOfOrderSequenceNumber);
  CHECK(!gap.partitions[0].base_offset.valid());
}

TEST_CASE("a refusal tells the log's start where there is a log") {
  // A producer decides by it what UNKNOWN_PRODUCER_ID means (transactions.md 5.7).
  Cluster::Options options;
  options.preset = "2.4";
  Cluster cluster(options);
  struct Row {
    TopicPartition to;
    Error error;
    Offset log_start;
  };
  const TopicPartition here = cluster.partition("data", 0);
  const Row rows[] = {{here, Error::kUnknownProducerId, Offset{0}},
                      {cluster.partition("data", 1), Error::kNotLeaderOrFollower, Offset{}},
                      {{TopicId{99}, 0}, Error::kUnknownTopicOrPartition, Offset{}}};
  for (const Row& row : rows) {
    const BatchId batch = cluster.batch(1, {{5}, {0}}, 7);
    const auto answer =
        cluster.call<ProduceResponse>(cluster.leader(here), cluster.produce(row.to, batch));
    CHECK(answer.partitions.at(0).error == row.error);
    CHECK(answer.partitions.at(0).log_start_offset == row.log_start);
  }
}

TEST_CASE("acks=0 has no answer and does not hold its connection up") {
  Cluster cluster({.brokers = 1});
  const TopicPartition to = cluster.partition("data", 0);
  const uint32_t silent = cluster.send(0, cluster.produce(to, cluster.batch(1), 0));
  const auto answer = cluster.call<ProduceResponse>(0, cluster.produce(to, cluster.batch(1), 1));
  CHECK(answer.partitions[0].base_offset == Offset{1});
  CHECK(cluster.answer<ProduceResponse>(silent) == nullptr);
}

TEST_CASE("min.insync.replicas asks for no more replicas than there are (6.2 step 2)") {
  Cluster cluster({.brokers = 1, .min_insync_replicas = 2});
  const TopicPartition to = cluster.partition("data", 0);
  const auto all = cluster.call<ProduceResponse>(0, cluster.produce(to, cluster.batch(1)));
  CHECK(all.partitions[0].error == Error::kNone);
}

TEST_CASE("acks=all waits for the high watermark, acks=1 does not, readers see what is below it") {
  Cluster cluster({.brokers = 2});
  const TopicPartition to = cluster.partition("data", 0);
  REQUIRE(cluster.leader(to) == 0);
  cluster.pause(1, sim::milliseconds(40));  // the follower
  const uint32_t all = cluster.send(0, cluster.produce(to, cluster.batch(1)), 1);
  const uint32_t one = cluster.send(0, cluster.produce(to, cluster.batch(1), 1), 2);
  const uint32_t fetch = cluster.send(0, cluster.fetch(to, 0, kUncommitted), 3);
  cluster.run_for(sim::milliseconds(20));
  CHECK(cluster.answer<ProduceResponse>(one) != nullptr);
  CHECK(cluster.answer<ProduceResponse>(all) == nullptr);
  CHECK(cluster.answer<FetchResponse>(fetch) == nullptr);
  CHECK(cluster.broker(0).waiting_appends().size() == 1);
  CHECK(cluster.log(to).high_watermark() == Offset{0});
  CHECK(cluster.log(to).log_end_offset() == Offset{2});
  cluster.run_for(sim::milliseconds(30));
  REQUIRE(cluster.answer<ProduceResponse>(all) != nullptr);
  CHECK(cluster.answer<ProduceResponse>(all)->partitions[0].error == Error::kNone);
  REQUIRE(cluster.answer<FetchResponse>(fetch) != nullptr);
}

TEST_CASE("a produce that waits too long is told so, and its records stay") {
  Cluster cluster({.brokers = 2});
  const TopicPartition to = cluster.partition("data", 0);
  REQUIRE(cluster.leader(to) == 0);
  cluster.pause(1, sim::milliseconds(40));  // the follower
  ProduceRequest request = cluster.produce(to, cluster.batch(1));
  request.timeout_ms = 10;
  const auto answer = cluster.call<ProduceResponse>(0, request);
  CHECK(answer.partitions[0].error == Error::kRequestTimedOut);
  CHECK(cluster.broker(0).waiting_appends().size() == 0);
  cluster.run_for(sim::milliseconds(50));
  CHECK(cluster.log(to).high_watermark() == Offset{1});
}

TEST_CASE("a duplicate waits for the original, and is then acknowledged with its offsets") {
  Cluster cluster({.brokers = 2});
  const TopicPartition to = cluster.partition("data", 0);
  REQUIRE(cluster.leader(to) == 0);
  cluster.pause(1, sim::milliseconds(40));  // the follower
  const ProducerIdAndEpoch producer{{5}, {0}};
  const BatchId batch = cluster.batch(2, producer, 0);
  const uint32_t first = cluster.send(0, cluster.produce(to, batch), 1);
  cluster.run_for(sim::milliseconds(10));
  const uint32_t again = cluster.send(0, cluster.produce(to, batch), 2);
  cluster.run_for(sim::milliseconds(10));
  CHECK(cluster.answer<ProduceResponse>(again) == nullptr);
  CHECK(cluster.broker(0).waiting_appends().size() == 2);
  cluster.run_for(sim::milliseconds(40));
  for (const uint32_t number : {first, again}) {
    REQUIRE(cluster.answer<ProduceResponse>(number) != nullptr);
    CHECK(cluster.answer<ProduceResponse>(number)->partitions[0].base_offset == Offset{0});
  }
  CHECK(cluster.log(to).log_end_offset() == Offset{2});
}

}  // namespace
}  // namespace eosim::kafka
