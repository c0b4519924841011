// Faults of all kinds at random on a cluster under load: afterwards every replica agrees, and what
// was acknowledged with acks=all by a healthy ISR is there.
#include "cluster.h"

namespace eosim::kafka {
namespace {

using testing::Cluster;

uint64_t next(uint64_t& state) {  // SplitMix64
  uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

void strike_at_random(Cluster& cluster, uint64_t& random) {
  const auto broker = static_cast<int32_t>(next(random) % 3);
  const auto time = sim::milliseconds(static_cast<int64_t>(100 + next(random) % 15'000));
  const std::string name = "broker-" + std::to_string(broker);
  const std::string other = "broker-" + std::to_string((broker + 1) % 3);
  switch (next(random) % 5) {
    case 0:
      return cluster.crash(broker, time);
    case 1:
      return cluster.pause(broker, time);
    case 2:
      return cluster.part(name, {other}, time);
    case 3:
      return cluster.part(name, {"controller"}, time);
    default:
      return cluster.part(name, {other, "controller"}, time);
  }
}

TEST_CASE("after a storm of faults all replicas agree and nothing acknowledged is lost") {
  const auto seed = GENERATE(range(1, 13));
  Cluster cluster({.preset = seed % 2 == 0 ? "2.5" : "4.2",
                   .seed = static_cast<uint64_t>(seed),
                   .calm = false,
                   .min_insync_replicas = 2});
  uint64_t random = static_cast<uint64_t>(seed);
  std::vector<std::pair<uint32_t, BatchId>> sent;
  const TopicPartition to = cluster.partition("data", 1);
  for (int i = 0; i < 120; ++i) {
    if (i % 8 == 0) strike_at_random(cluster, random);
    const int32_t leader = cluster.leader(to);
    if (leader >= 0) {
      const BatchId batch = cluster.batch(1);
      sent.emplace_back(cluster.send(leader, cluster.produce(to, batch), i), batch);
    }
    cluster.run_for(sim::milliseconds(static_cast<int64_t>(next(random) % 1'500)));
  }
  cluster.run_for(sim::seconds(90));
  for (const TopicMetadata& topic : cluster.image().topics) {
    for (const PartitionMetadata& partition : topic.partitions) {
      CHECK(partition.leader.valid());
      CHECK(partition.isr.size() == partition.replicas.size());
    }
  }
  const PartitionLog& log = cluster.log(to);
  CHECK(log.high_watermark() == log.log_end_offset());
  for (int32_t b = 0; b < 3; ++b) {
    for (const Replica& replica : cluster.broker(b).replicas().replicas()) {
      const PartitionLog& leaders = cluster.log(replica.partition);
      CHECK(std::ranges::equal(replica.log.entries(), leaders.entries()));
      CHECK(replica.log.producers().size() == leaders.producers().size());
    }
  }
  size_t acknowledged = 0;
  for (const auto& [number, batch] : sent) {
    const auto* answer = cluster.answer<ProduceResponse>(number);
    if (answer == nullptr || answer->partitions[0].error != Error::kNone) continue;
    ++acknowledged;
    CHECK(std::ranges::count(log.entries(), batch, &LogEntry::batch) == 1);
  }
  CHECK(acknowledged > 10);
}

}  // namespace
}  // namespace eosim::kafka
