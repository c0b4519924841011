#include "models/protocol/wire.h"

namespace eosim::kafka {
namespace {

constexpr uint32_t kRequestHeader = 30;   // size, api key, version, correlation id, client id
constexpr uint32_t kResponseHeader = 12;  // size, correlation id, throttle time
constexpr uint32_t kText = 18;            // a length and a text of usual length
constexpr uint32_t kPartition = 4;        // an index; topics are counted as kTopic per partition
constexpr uint32_t kTopic = kText + 4;
constexpr uint32_t kCount = 4;
constexpr uint32_t kOffset = 8;
constexpr uint32_t kEpoch = 4;
constexpr uint32_t kError = 2;
constexpr uint32_t kProducer = 10;
constexpr uint32_t kUserWord = 8;  // of an assignor's user data

// A list of `size` items of `each` bytes; partitions of one topic share its name.
uint32_t list(size_t size, uint32_t each) { return kCount + static_cast<uint32_t>(size) * each; }
uint32_t partitions(size_t size, uint32_t each) {
  return kCount + kTopic + static_cast<uint32_t>(size) * (kPartition + each);
}

uint32_t bytes_of(const Subscription& subscription) {
  const uint32_t generation = subscription.generation.valid() ? kEpoch : 0;
  return list(subscription.topics.size(), kText) + partitions(subscription.owned.size(), 0) +
         static_cast<uint32_t>(subscription.user_data.size()) * kUserWord + generation;
}

uint32_t bytes_of(const MetadataImage& image) {
  uint32_t bytes = list(image.brokers.size(), 2 * kText + 8);
  for (const TopicMetadata& topic : image.topics) {
    bytes += kTopic + kError;
    for (const PartitionMetadata& partition : topic.partitions) {
      bytes += kError + 12 + 3 * kCount + static_cast<uint32_t>(partition.replicas.size()) * 8;
    }
  }
  return bytes;
}

}  // namespace

uint32_t wire_bytes(const ProduceRequest& m, const BatchStore& batches) {
  uint32_t bytes = kRequestHeader + kText + 6 + partitions(m.partitions.size(), 4);
  for (const auto& partition : m.partitions) bytes += batches[partition.batch].bytes;
  return bytes;
}
uint32_t wire_bytes(const ProduceResponse& m) {
  uint32_t bytes = kResponseHeader + partitions(m.partitions.size(), kError + 3 * kOffset);
  for (const auto& partition : m.partitions) bytes += partition.leader.valid() ? 2 * kEpoch : 0;
  return bytes;
}
uint32_t wire_bytes(const FetchRequest& m) {
  return kRequestHeader + 25 + partitions(m.partitions.size(), 2 * kOffset + 2 * kEpoch);
}
uint32_t wire_bytes(const FetchResponse& m, const BatchStore& batches) {
  uint32_t bytes = kResponseHeader + 6 + partitions(m.partitions.size(), kError + 3 * kOffset + 12);
  for (const auto& partition : m.partitions) {
    bytes += list(partition.aborted.size(), 2 * kOffset);
    for (const FetchedBatch& fetched : partition.batches) bytes += batches[fetched.batch].bytes;
  }
  return bytes;
}
uint32_t wire_bytes(const ListOffsetsRequest& m) {
  return kRequestHeader + 5 + partitions(m.partitions.size(), kOffset + kEpoch);
}
uint32_t wire_bytes(const ListOffsetsResponse& m) {
  return kResponseHeader + partitions(m.partitions.size(), kError + 2 * kOffset + kEpoch);
}

uint32_t wire_bytes(const MetadataRequest&) { return kRequestHeader + kCount; }
uint32_t wire_bytes(const MetadataResponse& m, const MetadataStore& store) {
  return kResponseHeader + kText + bytes_of(store[m.image]);
}
uint32_t wire_bytes(const ApiVersionsRequest&) { return kRequestHeader + 2 * kText; }
uint32_t wire_bytes(const ApiVersionsResponse& m) {
  return kResponseHeader + kError + list(m.versions.size(), 6);
}
uint32_t wire_bytes(const FindCoordinatorRequest&) { return kRequestHeader + kText + 1; }
uint32_t wire_bytes(const FindCoordinatorResponse&) {
  return kResponseHeader + kError + 8 + 2 * kText;
}

uint32_t wire_bytes(const InitProducerIdRequest&) { return kRequestHeader + kText + 4 + kProducer; }
uint32_t wire_bytes(const InitProducerIdResponse&) { return kResponseHeader + kError + kProducer; }
uint32_t wire_bytes(const AddPartitionsToTxnRequest& m) {
  uint32_t bytes = kRequestHeader + kText + kProducer + partitions(m.partitions.size(), 0);
  for (const auto& transaction : m.transactions) {
    bytes += kText + kProducer + 1 + partitions(transaction.partitions.size(), 0);
  }
  return bytes;
}
uint32_t wire_bytes(const AddPartitionsToTxnResponse& m) {
  uint32_t bytes = kResponseHeader + partitions(m.partitions.size(), kError);
  for (const auto& transaction : m.transactions) {
    bytes += kText + partitions(transaction.partitions.size(), kError);
  }
  return bytes;
}
uint32_t wire_bytes(const AddOffsetsToTxnRequest&) {
  return kRequestHeader + 2 * kText + kProducer;
}
uint32_t wire_bytes(const AddOffsetsToTxnResponse&) { return kResponseHeader + kError; }
uint32_t wire_bytes(const TxnOffsetCommitRequest& m) {
  return kRequestHeader + 4 * kText + kProducer + 4 +
         partitions(m.offsets.size(), kOffset + kEpoch + 2);
}
uint32_t wire_bytes(const TxnOffsetCommitResponse& m) {
  return kResponseHeader + partitions(m.partitions.size(), kError);
}
uint32_t wire_bytes(const EndTxnRequest&) { return kRequestHeader + kText + kProducer + 1; }
uint32_t wire_bytes(const EndTxnResponse&) { return kResponseHeader + kError + kProducer; }
uint32_t wire_bytes(const WriteTxnMarkersRequest& m) {
  uint32_t bytes = kRequestHeader + kCount;
  for (const TxnMarkerEntry& marker : m.markers) {
    bytes += kProducer + kEpoch + 1 + partitions(marker.partitions.size(), 0);
  }
  return bytes;
}
uint32_t wire_bytes(const WriteTxnMarkersResponse& m) {
  uint32_t bytes = kResponseHeader + kCount;
  for (const auto& marker : m.markers) bytes += 8 + partitions(marker.partitions.size(), kError);
  return bytes;
}

uint32_t wire_bytes(const JoinGroupRequest& m) {
  uint32_t bytes = kRequestHeader + 4 * kText + 8 + kCount;
  for (const auto& protocol : m.protocols) bytes += kText + bytes_of(protocol.subscription);
  return bytes;
}
uint32_t wire_bytes(const JoinGroupResponse& m) {
  uint32_t bytes = kResponseHeader + kError + 4 + 4 * kText + kCount;
  for (const auto& member : m.members) bytes += 2 * kText + bytes_of(member.subscription);
  return bytes;
}
uint32_t wire_bytes(const SyncGroupRequest& m) {
  uint32_t bytes = kRequestHeader + 5 * kText + 4 + kCount;
  for (const auto& assignment : m.assignments) {
    bytes += kText + partitions(assignment.partitions.size(), 0) +
             static_cast<uint32_t>(assignment.user_data.size()) * kUserWord;
  }
  return bytes;
}
uint32_t wire_bytes(const SyncGroupResponse& m) {
  return kResponseHeader + kError + 2 * kText + partitions(m.assignment.size(), 0) +
         static_cast<uint32_t>(m.user_data.size()) * kUserWord;
}
uint32_t wire_bytes(const HeartbeatRequest&) { return kRequestHeader + 3 * kText + 4; }
uint32_t wire_bytes(const HeartbeatResponse&) { return kResponseHeader + kError; }
uint32_t wire_bytes(const LeaveGroupRequest& m) {
  return kRequestHeader + kText + list(m.members.size(), 2 * kText);
}
uint32_t wire_bytes(const LeaveGroupResponse& m) {
  return kResponseHeader + kError + list(m.members.size(), 2 * kText + kError);
}
uint32_t wire_bytes(const OffsetCommitRequest& m) {
  return kRequestHeader + 3 * kText + 4 + partitions(m.offsets.size(), kOffset + kEpoch + 2);
}
uint32_t wire_bytes(const OffsetCommitResponse& m) {
  return kResponseHeader + partitions(m.partitions.size(), kError);
}
uint32_t wire_bytes(const OffsetFetchRequest& m) {
  return kRequestHeader + kText + 1 + partitions(m.partitions.size(), 0);
}
uint32_t wire_bytes(const OffsetFetchResponse& m) {
  return kResponseHeader + kError + partitions(m.partitions.size(), kOffset + kEpoch + kError + 2);
}

uint32_t wire_bytes(const BrokerRegistrationRequest&) { return kRequestHeader + 2 * kText + 20; }
uint32_t wire_bytes(const BrokerRegistrationResponse&) { return kResponseHeader + kError + 8; }
uint32_t wire_bytes(const BrokerHeartbeatRequest&) { return kRequestHeader + 4 + 8 + 8 + 2; }
uint32_t wire_bytes(const BrokerHeartbeatResponse&) { return kResponseHeader + kError + 3; }
uint32_t wire_bytes(const AlterPartitionRequest& m) {
  uint32_t bytes = kRequestHeader + 12 + partitions(m.partitions.size(), 2 * kEpoch + 1);
  for (const auto& partition : m.partitions) bytes += list(partition.isr.size(), 12);
  return bytes;
}
uint32_t wire_bytes(const AlterPartitionResponse& m) {
  uint32_t bytes = kResponseHeader + kError;
  bytes += partitions(m.partitions.size(), kError + 3 * kEpoch + 1);
  for (const auto& partition : m.partitions) bytes += list(partition.state.isr.size(), 4);
  return bytes;
}
uint32_t wire_bytes(const AllocateProducerIdsRequest&) { return kRequestHeader + 12; }
uint32_t wire_bytes(const AllocateProducerIdsResponse&) { return kResponseHeader + kError + 12; }
uint32_t wire_bytes(const FetchClusterMetadataRequest&) { return kRequestHeader + 25; }
uint32_t wire_bytes(const FetchClusterMetadataResponse& m, const MetadataStore& store) {
  // The records of the change, of which a partition's is what an image says of it.
  return kResponseHeader + (m.image.valid() ? bytes_of(store[m.image]) : 0);
}
uint32_t wire_bytes(const DescribeTransactionsRequest& m) {
  return kRequestHeader + list(m.transactional_ids.size(), kText);
}
uint32_t wire_bytes(const DescribeTransactionsResponse& m) {
  uint32_t bytes = kResponseHeader;
  for (const auto& one : m.transactions) {
    bytes += kError + 2 * kText + kProducer + 12 + partitions(one.partitions.size(), 0);
  }
  return bytes;
}
uint32_t wire_bytes(const ListTransactionsRequest& m) {
  return kRequestHeader + list(m.states.size(), kText) + list(m.producers.size(), 8) + 8;
}
uint32_t wire_bytes(const ListTransactionsResponse& m) {
  return kResponseHeader + kError + list(m.transactions.size(), 2 * kText + 8);
}
uint32_t wire_bytes(const DescribeProducersRequest& m) {
  return kRequestHeader + partitions(m.partitions.size(), 0);
}
uint32_t wire_bytes(const DescribeProducersResponse& m) {
  uint32_t bytes = kResponseHeader + partitions(m.partitions.size(), kError);
  for (const auto& partition : m.partitions) {
    bytes += list(partition.producers.size(), kProducer + kEpoch + 8 + 4 + kOffset);
  }
  return bytes;
}
uint32_t wire_bytes(const OffsetForLeaderEpochRequest& m) {
  return kRequestHeader + kEpoch + partitions(m.partitions.size(), 2 * kEpoch);
}
uint32_t wire_bytes(const OffsetForLeaderEpochResponse& m) {
  return kResponseHeader + partitions(m.partitions.size(), kError + kEpoch + kOffset);
}

}  // namespace eosim::kafka
