// Values by partition, compared with std::map.
#include "models/protocol/partition_map.h"

#include <map>
#include <vector>

#include "catch.h"

namespace eosim::kafka {
namespace {

TopicPartition at(uint16_t topic, int32_t partition) { return {{topic}, partition}; }

TEST_CASE("a partition that nobody put in is not there") {
  PartitionMap<int> map;
  CHECK(map.find(at(0, 0)) == nullptr);
  map[at(2, 3)] = 1;
  CHECK(map.find(at(2, 2)) == nullptr);
  CHECK(map.find(at(2, 4)) == nullptr);
  CHECK(map.find(at(1, 3)) == nullptr);
  CHECK(map.find(at(3, 3)) == nullptr);
  CHECK(map.find(TopicPartition{}) == nullptr);
  CHECK(map.find(at(2, -1)) == nullptr);
  REQUIRE(map.find(at(2, 3)) != nullptr);
  CHECK(*map.find(at(2, 3)) == 1);
  map.clear();
  CHECK(map.find(at(2, 3)) == nullptr);
  CHECK(map.empty());
}

TEST_CASE("in whatever order they come, all are found, and stand in the order of partitions") {
  PartitionMap<int> map;
  std::map<TopicPartition, int> expected;
  // 11 and 30 have no divisor in common: every place once.
  for (int i = 0; i < 30; ++i) {
    const int place = i * 11 % 30;
    const TopicPartition partition =
        at(static_cast<uint16_t>(place % 5), static_cast<int32_t>(place / 5 * 7));
    map[partition] = i;
    expected[partition] = i;
    std::vector<std::pair<TopicPartition, int>> all(map.begin(), map.end());
    REQUIRE(all == std::vector<std::pair<TopicPartition, int>>(expected.begin(), expected.end()));
    for (const auto& [key, value] : expected) {
      REQUIRE(map.find(key) != nullptr);
      REQUIRE(*map.find(key) == value);
    }
  }
  CHECK(map.size() == 30);
  map[at(0, 0)] = 99;
  CHECK(map.size() == 30);
  CHECK(*map.find(at(0, 0)) == 99);
}

TEST_CASE("a copy goes on by itself") {
  PartitionMap<int> map;
  map[at(0, 1)] = 1;
  PartitionMap<int> copy = map;
  copy[at(0, 0)] = 2;
  CHECK(map.find(at(0, 0)) == nullptr);
  CHECK(*copy.find(at(0, 1)) == 1);
}

}  // namespace
}  // namespace eosim::kafka
