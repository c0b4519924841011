// A broker that stops in order: leaderships first, then a mark on the disk, which its next
// registration shows (groups-streams-replication.md 6.7, 6.8, 7.3; KIP-966).
#include "cluster.h"

namespace eosim::kafka {
namespace {

using testing::Cluster;
using testing::ClusterOptions;

Error write(Cluster& cluster, TopicPartition to) {
  const auto answer =
      cluster.call<ProduceResponse>(cluster.leader(to), cluster.produce(to, cluster.batch(1), -1));
  return answer.partitions.at(0).error;
}

void stop(Cluster& cluster, int32_t broker) {
  cluster.world().stop({static_cast<uint32_t>(broker)});
  cluster.run_for(sim::seconds(5));
}

void start(Cluster& cluster, int32_t broker) {
  cluster.world().start({static_cast<uint32_t>(broker)});
  cluster.run_for(sim::seconds(5));
}

bool is_down(Cluster& cluster, int32_t broker) {
  return cluster.world().state({static_cast<uint32_t>(broker)}) == sim::ProcessState::kDown;
}

bool is_registered(Cluster& cluster, int32_t broker) {
  return cluster.image().brokers[static_cast<size_t>(broker)].alive;
}

TEST_CASE("a broker that stops in order moves its leaderships first, and is fenced with the last") {
  Cluster cluster;
  const TopicPartition to = cluster.partition("data", 0);
  const int32_t first = cluster.leader(to);
  CHECK(write(cluster, to) == Error::kNone);
  stop(cluster, first);
  CHECK(is_down(cluster, first));
  CHECK_FALSE(is_registered(cluster, first));
  CHECK(cluster.leader(to) != first);
  CHECK(cluster.state(to).isr.size() == 2);
  CHECK(write(cluster, to) == Error::kNone);
}

TEST_CASE("a broker that stopped in order comes back at once: no session holds it off") {
  Cluster cluster;
  const TopicPartition to = cluster.partition("data", 0);
  const int32_t first = cluster.leader(to);
  for (int i = 0; i < 3; ++i) CHECK(write(cluster, to) == Error::kNone);
  cluster.strike(sim::FaultKind::kRestart, first, sim::seconds(1));
  cluster.run_for(sim::seconds(5));
  CHECK(cluster.broker(first).started());
  CHECK(cluster.state(to).isr.size() == 3);
  CHECK(cluster.broker(first).log(to)->log_end_offset() == Offset{3});
}

TEST_CASE("what a broker had written survives a loss of power after it has stopped in order") {
  Cluster cluster({.calm = false});
  const TopicPartition to = cluster.partition("more", 0);
  const int32_t only = cluster.leader(to);
  for (int i = 0; i < 20; ++i) CHECK(write(cluster, to) == Error::kNone);
  const sim::ProcessId process{static_cast<uint32_t>(only)};
  const sim::FileId log = cluster.replica(only, to).file;
  CHECK(cluster.world().disk(process).flushed(log) < 20);
  stop(cluster, only);
  CHECK(cluster.world().disk(process).flushed(log) == 20);
}

TEST_CASE("without controlled.shutdown.enable leaders move when the session ends") {
  ClusterOptions options;
  options.configure = [](BrokerConfig& config) { config.controlled_shutdown_enable = false; };
  Cluster cluster(options);
  const TopicPartition to = cluster.partition("data", 0);
  const int32_t first = cluster.leader(to);
  stop(cluster, first);
  CHECK(is_down(cluster, first));
  CHECK(is_registered(cluster, first));
  CHECK(cluster.leader(to) == first);
  cluster.run_for(sim::seconds(6));
  CHECK_FALSE(is_registered(cluster, first));
  CHECK(cluster.leader(to) != first);
}

TEST_CASE("a broker that cannot reach the controller stops after five minutes all the same") {
  Cluster cluster;
  cluster.part("broker-0", {"controller"}, sim::seconds(1'000));
  cluster.world().stop({0});
  cluster.run_for(sim::seconds(299));
  CHECK_FALSE(is_down(cluster, 0));
  CHECK(cluster.broker(0).shutting_down());
  cluster.run_for(sim::seconds(2));
  CHECK(is_down(cluster, 0));
}

TEST_CASE("a broker that has not registered yet stops at once") {
  Cluster cluster;
  cluster.crash(0, sim::seconds(1));  // its session lasts for 9 s
  cluster.run_for(sim::seconds(3));
  CHECK_FALSE(cluster.broker(0).started());
  cluster.world().stop({0});
  cluster.run_for(sim::milliseconds(1));
  CHECK(is_down(cluster, 0));
  start(cluster, 0);
  cluster.run_for(sim::seconds(10));
  CHECK(cluster.broker(0).started());
}

// With eligible leader replicas: how each of three replicas ends, one after another, and who leads
// when the second one is back.
enum class End : uint8_t { kStop, kCrash };

int32_t leader_after(End end) {
  ClusterOptions options{.preset = "4.1", .min_insync_replicas = 2};
  Cluster cluster(options);
  const TopicPartition to = cluster.partition("data", 0);
  const BrokerList replicas = cluster.state(to).replicas;
  CHECK(write(cluster, to) == Error::kNone);
  stop(cluster, replicas[2].value);
  const int32_t second = replicas[1].value;
  if (end == End::kStop) {
    stop(cluster, second);
  } else {
    cluster.crash(second, sim::seconds(1'000));
    cluster.run_for(sim::seconds(12));
  }
  CHECK(cluster.state(to).isr.size() == 1);
  cluster.crash(replicas[0].value, sim::seconds(1'000));
  cluster.run_for(sim::seconds(12));
  CHECK(cluster.leader(to) == -1);
  start(cluster, second);
  CHECK(is_registered(cluster, second));
  return cluster.leader(to) == second ? 1 : cluster.leader(to);
}

TEST_CASE("a replica in reserve leads after a clean stop, and not after a crash") {
  CHECK(leader_after(End::kStop) == 1);
  CHECK(leader_after(End::kCrash) == -1);
}

TEST_CASE("the mark of a clean stop is good for one start") {
  Cluster cluster({.preset = "4.1", .min_insync_replicas = 2});
  const TopicPartition to = cluster.partition("data", 0);
  const BrokerList replicas = cluster.state(to).replicas;
  const int32_t second = replicas[1].value;
  stop(cluster, second);
  start(cluster, second);
  CHECK(cluster.state(to).isr.size() == 3);
  stop(cluster, replicas[2].value);
  cluster.crash(second, sim::seconds(1'000));
  cluster.run_for(sim::seconds(12));
  cluster.crash(replicas[0].value, sim::seconds(1'000));
  cluster.run_for(sim::seconds(12));
  start(cluster, second);
  CHECK(is_registered(cluster, second));
  CHECK(cluster.leader(to) == -1);
}

}  // namespace
}  // namespace eosim::kafka
