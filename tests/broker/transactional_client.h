// What a transactional client sends, one request at a time.
#pragma once

#include <string>

#include "cluster.h"

namespace eosim::kafka::testing {

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

// Of a coordinator that nobody knows: whatever the partition holds of the producer ends.
inline void write_marker(Cluster& cluster, TopicPartition to, ProducerIdAndEpoch producer) {
  WriteTxnMarkersRequest request;
  TxnMarkerEntry marker;
  marker.producer = producer;
  marker.coordinator_epoch = CoordinatorEpoch{0};
  marker.partitions = {to};
  request.markers.push_back(marker);
  const auto answer = cluster.call<WriteTxnMarkersResponse>(cluster.leader(to), request);
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
