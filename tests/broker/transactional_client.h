// What a transactional client sends, one request at a time, and what a partition can know of a
// producer.
#pragma once

#include <string>

#include "cluster.h"

namespace eosim::kafka::testing {

// The producer's epoch as a partition knows it, against that of a batch.
enum class Known {
  kNothing,
  kOlder,
  kSame,
  kOnlyMarker,
  kNewer,
  kOpenOlder,
  kOpenSame,
  kOpenNewer
};
inline constexpr Known kIdleKnown[] = {Known::kNothing, Known::kOlder, Known::kSame,
                                       Known::kOnlyMarker, Known::kNewer};
inline constexpr Known kAllKnown[] = {Known::kNothing,    Known::kOlder,    Known::kSame,
                                      Known::kOnlyMarker, Known::kNewer,    Known::kOpenOlder,
                                      Known::kOpenSame,   Known::kOpenNewer};

inline AddPartitionsToTxnRequest add_request(Cluster& cluster, const std::string& id,
                                             ProducerIdAndEpoch producer,
                                             TopicPartition partition) {
  AddPartitionsToTxnRequest request;
  request.transactional_id = cluster.name(id);
  request.producer = producer;
  request.partitions = {partition};
  return request;
}

inline EndTxnRequest end_request(Cluster& cluster, const std::string& id,
                                 ProducerIdAndEpoch producer, bool committed) {
  EndTxnRequest request;
  request.transactional_id = cluster.name(id);
  request.producer = producer;
  request.committed = committed;
  return request;
}

inline TxnOffsetCommitRequest offsets_request(Cluster& cluster, const std::string& id,
                                              const std::string& group,
                                              ProducerIdAndEpoch producer) {
  TxnOffsetCommitRequest request;
  request.transactional_id = cluster.name(id);
  request.group = cluster.name(group);
  request.producer = producer;
  request.offsets = {{cluster.partition("data", 1), Offset{3}, LeaderEpoch{0}}};
  return request;
}

// Of a coordinator that nobody knows: whatever the partition holds of the producer ends.
inline WriteTxnMarkersRequest marker_request(TopicPartition to, ProducerIdAndEpoch producer,
                                             ControlType result = ControlType::kAbort) {
  WriteTxnMarkersRequest request;
  request.markers.push_back({producer, CoordinatorEpoch{0}, result, 0, {to}, {}});
  return request;
}

inline ProducerIdAndEpoch initialize(Cluster& cluster, const std::string& id,
                                     int32_t transaction_timeout_ms = 60'000) {
  InitProducerIdRequest request;
  request.transaction_timeout_ms = transaction_timeout_ms;
  request.transactional_id = cluster.name(id);
  const int32_t coordinator = cluster.coordinator(CoordinatorType::kTransaction, id);
  for (int i = 0; i < 100; ++i) {
    const auto answer = cluster.call<InitProducerIdResponse>(coordinator, request);
    if (answer.error == Error::kNone) return answer.producer;
    cluster.run_for(sim::milliseconds(50));
  }
  FAIL("no producer id");
  return {};
}

// Epoch 1, so that there is an older one.
inline ProducerIdAndEpoch second_session(Cluster& cluster, const std::string& id,
                                         int32_t transaction_timeout_ms = 60'000) {
  initialize(cluster, id);
  return initialize(cluster, id, transaction_timeout_ms);
}

inline ProducerIdAndEpoch with_epoch(ProducerIdAndEpoch producer, int difference) {
  return {producer.id, ProducerEpoch{static_cast<int16_t>(producer.epoch.value + difference)}};
}

inline void write_marker(Cluster& cluster, TopicPartition to, ProducerIdAndEpoch producer) {
  const auto answer =
      cluster.call<WriteTxnMarkersResponse>(cluster.leader(to), marker_request(to, producer));
  REQUIRE(answer.markers.at(0).partitions.at(0).error == Error::kNone);
}

// The first transactional id of this beginning whose coordinator is `broker`.
inline std::string id_coordinated_by(Cluster& cluster, int32_t broker, const std::string& begin,
                                     CoordinatorType type = CoordinatorType::kTransaction) {
  for (int i = 0; i < 100; ++i) {
    std::string id = begin + std::to_string(i);
    if (cluster.coordinator(type, id) == broker) return id;
  }
  FAIL("nobody has that coordinator");
  return {};
}

}  // namespace eosim::kafka::testing
