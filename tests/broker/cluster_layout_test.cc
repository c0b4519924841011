#include "models/broker/cluster_layout.h"

#include <set>

#include "catch.h"

namespace eosim::kafka {
namespace {

List<BrokerMetadata> brokers(int32_t count) {
  List<BrokerMetadata> list;
  for (int32_t i = 0; i < count; ++i) {
    list.push_back({BrokerId{i}, sim::ProcessId{static_cast<uint32_t>(i)}, true});
  }
  return list;
}

TEST_CASE("topics are numbered in the order of their names, internal ones included") {
  const ClusterLayout layout =
      make_cluster_layout({{"output", 2, 3, 1}, {"input", 6, 3, 1}}, brokers(3));
  CHECK(layout.topic_names ==
        std::vector<std::string>{"__consumer_offsets", "__transaction_state", "input", "output"});
  CHECK(layout.topic("input") == TopicId{2});
  CHECK(layout.consumer_offsets == TopicId{0});
  CHECK(layout.transaction_state == TopicId{1});
  CHECK(layout.topic("in") == TopicId{});
  for (uint16_t t = 0; t < 4; ++t) {
    CHECK(layout.image.topics[t].topic == TopicId{t});
    CHECK(layout.image.topics[t].internal == (t < 2));
  }
  CHECK(layout.image.topics[0].partitions.size() == 50);
  CHECK(layout.image.topics[1].partitions.size() == 50);
  CHECK(layout.image.topics[2].partitions.size() == 6);
}

TEST_CASE("leaders go round the brokers, and topics begin on different ones") {
  const ClusterLayout layout =
      make_cluster_layout({{"input", 6, 3, 1}, {"output", 6, 3, 1}}, brokers(3));
  std::set<int32_t> first_leaders;
  for (const TopicMetadata& topic : layout.image.topics) {
    const int32_t first = topic.partitions[0].leader.value;
    for (size_t p = 0; p < topic.partitions.size(); ++p) {
      CHECK(topic.partitions[p].leader.value == (first + static_cast<int32_t>(p)) % 3);
    }
    first_leaders.insert(first);
  }
  CHECK(first_leaders.size() == 3);
}

TEST_CASE("the leader is the first of as many replicas as asked, all of them different brokers") {
  const ClusterLayout layout = make_cluster_layout({{"t", 5, 2, 1}}, brokers(4));
  for (const PartitionMetadata& partition : layout.image.topics[2].partitions) {
    REQUIRE(partition.replicas.size() == 2);
    CHECK(partition.replicas[0] == partition.leader);
    CHECK(partition.replicas[1] != partition.leader);
    CHECK(partition.leader_epoch == LeaderEpoch{0});
  }
}

TEST_CASE("min ISRs are those of the topics; a small cluster can still commit") {
  const ClusterLayout three = make_cluster_layout({{"t", 1, 3, 2}}, brokers(3));
  CHECK(three.min_insync_replicas == List<int32_t>{1, 2, 2});
  // An operator has to lower the settings of the internal topics; those of his own stay his.
  const ClusterLayout one = make_cluster_layout({{"t", 1, 3, 2}}, brokers(1));
  CHECK(one.min_insync_replicas == List<int32_t>{1, 1, 2});
  CHECK(one.image.topics[1].partitions[0].replicas.size() == 1);
}

}  // namespace
}  // namespace eosim::kafka
