#include "cluster.h"

namespace eosim::kafka {
namespace {

using testing::Cluster;

TEST_CASE("every broker knows the cluster") {
  Cluster cluster;
  for (int32_t b = 0; b < 3; ++b) {
    const auto answer = cluster.call<MetadataResponse>(b, MetadataRequest{});
    CHECK(cluster.shared().metadata[answer.image].topics.size() == 4);
  }
}

TEST_CASE("a coordinator is the leader of the key's partition, by Kafka's hash rule") {
  Cluster cluster;
  struct Case {
    const char* key;
    int32_t partition;
  };
  // groups-streams-replication.md 6.9
  for (const Case& c : {Case{"a", 47},
                        {"my-group", 12},
                        {"eos-app", 9},
                        {"app-0_1", 28},
                        {"polygenelubricants", 0}}) {
    for (const CoordinatorType type : {CoordinatorType::kGroup, CoordinatorType::kTransaction}) {
      FindCoordinatorRequest request;
      request.type = type;
      request.key = cluster.name(c.key);
      const auto answer = cluster.call<FindCoordinatorResponse>(1, request);
      CHECK(answer.error == Error::kNone);
      const TopicId topic = type == CoordinatorType::kGroup ? cluster.layout().consumer_offsets
                                                            : cluster.layout().transaction_state;
      CHECK(answer.broker.value == cluster.leader({topic, c.partition}));
    }
  }
}

TEST_CASE("versions are those of the broker") {
  Cluster cluster;
  const auto answer = cluster.call<ApiVersionsResponse>(0, ApiVersionsRequest{});
  CHECK(answer.error == Error::kNone);
  CHECK(answer.versions[static_cast<size_t>(Rpc::kInitProducerId)].max == 3);
}

TEST_CASE("offsets are listed by end, start and time") {
  Cluster cluster({.brokers = 1});
  const TopicPartition partition = cluster.partition("data", 0);
  for (const int64_t timestamp : {1'000, 2'000, 3'000}) {
    RecordBatch batch;
    batch.count = 2;
    batch.bytes = 300;
    batch.max_timestamp_ms = timestamp;
    batch.payload = List<Record>(2);
    cluster.call<ProduceResponse>(0,
                                  cluster.produce(partition, cluster.shared().batches.put(batch)));
  }
  struct Case {
    int64_t timestamp;
    int64_t offset;
  };
  for (const Case& c : {Case{kLatestTimestamp, 6},
                        {kEarliestTimestamp, 0},
                        {0, 0},
                        {1'001, 2},
                        {3'000, 4},
                        {3'001, -1}}) {
    ListOffsetsRequest request;
    request.partitions = {{partition, c.timestamp, LeaderEpoch{0}}};
    const auto answer = cluster.call<ListOffsetsResponse>(0, request);
    CHECK(answer.partitions[0].error == Error::kNone);
    CHECK(answer.partitions[0].offset.value == c.offset);
  }
  ListOffsetsRequest unknown;
  unknown.partitions = {{{TopicId{50}, 0}, kLatestTimestamp, {}}};
  CHECK(cluster.call<ListOffsetsResponse>(0, unknown).partitions[0].error ==
        Error::kUnknownTopicOrPartition);
}

}  // namespace
}  // namespace eosim::kafka
