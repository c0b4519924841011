// How many bytes a message takes on a link: an estimate from Kafka's layouts, with a fixed length
// for every text, because models know names by id. What is in a store is counted with it.
#pragma once

#include <cstdint>

#include "models/protocol/messages.h"
#include "models/protocol/shared.h"

namespace eosim::kafka {

uint32_t wire_bytes(const ProduceRequest&, const BatchStore&);
uint32_t wire_bytes(const ProduceResponse&);
uint32_t wire_bytes(const FetchRequest&);
uint32_t wire_bytes(const FetchResponse&, const BatchStore&);
uint32_t wire_bytes(const ListOffsetsRequest&);
uint32_t wire_bytes(const ListOffsetsResponse&);
uint32_t wire_bytes(const MetadataRequest&);
uint32_t wire_bytes(const MetadataResponse&, const MetadataStore&);
uint32_t wire_bytes(const OffsetCommitRequest&);
uint32_t wire_bytes(const OffsetCommitResponse&);
uint32_t wire_bytes(const OffsetFetchRequest&);
uint32_t wire_bytes(const OffsetFetchResponse&);
uint32_t wire_bytes(const FindCoordinatorRequest&);
uint32_t wire_bytes(const FindCoordinatorResponse&);
uint32_t wire_bytes(const JoinGroupRequest&);
uint32_t wire_bytes(const JoinGroupResponse&);
uint32_t wire_bytes(const HeartbeatRequest&);
uint32_t wire_bytes(const HeartbeatResponse&);
uint32_t wire_bytes(const LeaveGroupRequest&);
uint32_t wire_bytes(const LeaveGroupResponse&);
uint32_t wire_bytes(const SyncGroupRequest&);
uint32_t wire_bytes(const SyncGroupResponse&);
uint32_t wire_bytes(const ApiVersionsRequest&);
uint32_t wire_bytes(const ApiVersionsResponse&);
uint32_t wire_bytes(const InitProducerIdRequest&);
uint32_t wire_bytes(const InitProducerIdResponse&);
uint32_t wire_bytes(const AddPartitionsToTxnRequest&);
uint32_t wire_bytes(const AddPartitionsToTxnResponse&);
uint32_t wire_bytes(const AddOffsetsToTxnRequest&);
uint32_t wire_bytes(const AddOffsetsToTxnResponse&);
uint32_t wire_bytes(const EndTxnRequest&);
uint32_t wire_bytes(const EndTxnResponse&);
uint32_t wire_bytes(const WriteTxnMarkersRequest&);
uint32_t wire_bytes(const WriteTxnMarkersResponse&);
uint32_t wire_bytes(const TxnOffsetCommitRequest&);
uint32_t wire_bytes(const TxnOffsetCommitResponse&);
uint32_t wire_bytes(const BrokerRegistrationRequest&);
uint32_t wire_bytes(const BrokerRegistrationResponse&);
uint32_t wire_bytes(const BrokerHeartbeatRequest&);
uint32_t wire_bytes(const BrokerHeartbeatResponse&);
uint32_t wire_bytes(const AlterPartitionRequest&);
uint32_t wire_bytes(const AlterPartitionResponse&);
uint32_t wire_bytes(const AllocateProducerIdsRequest&);
uint32_t wire_bytes(const AllocateProducerIdsResponse&);
uint32_t wire_bytes(const FetchClusterMetadataRequest&);
uint32_t wire_bytes(const FetchClusterMetadataResponse&, const MetadataStore&);
uint32_t wire_bytes(const DescribeTransactionsRequest&);
uint32_t wire_bytes(const DescribeTransactionsResponse&);
uint32_t wire_bytes(const ListTransactionsRequest&);
uint32_t wire_bytes(const ListTransactionsResponse&);
uint32_t wire_bytes(const DescribeProducersRequest&);
uint32_t wire_bytes(const DescribeProducersResponse&);
uint32_t wire_bytes(const OffsetForLeaderEpochRequest&);
uint32_t wire_bytes(const OffsetForLeaderEpochResponse&);

// The same for any message, for senders that do not know which one they send.
template <class M>
uint32_t wire_bytes(const M& message, const KafkaShared& shared) {
  if constexpr (requires { wire_bytes(message, shared.batches); }) {
    return wire_bytes(message, shared.batches);
  } else if constexpr (requires { wire_bytes(message, shared.metadata); }) {
    return wire_bytes(message, shared.metadata);
  } else {
    return wire_bytes(message);
  }
}

}  // namespace eosim::kafka
