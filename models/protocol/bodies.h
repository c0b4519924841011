// Message bodies in pools by kind. Sending moves a body to the network, delivery lends it to one
// step; the kernel gives a slot back when the message was handled or will reach nobody.
#pragma once

#include <tuple>
#include <utility>
#include <vector>

#include "models/protocol/messages.h"
#include "sim/assert.h"

namespace eosim::kafka {

template <class M>
class BodyPool {
 public:
  uint32_t put(M body) {
    if (free_.empty()) {
      slots_.push_back(std::move(body));
      return static_cast<uint32_t>(slots_.size() - 1);
    }
    const uint32_t slot = free_.back();
    free_.pop_back();
    slots_[slot] = std::move(body);
    return slot;
  }
  const M& get(uint32_t slot) const { return slots_.at(slot); }
  void release(uint32_t slot) {
    EOSIM_ASSERT(slot < slots_.size());
    free_.push_back(slot);
  }
  size_t in_use() const { return slots_.size() - free_.size(); }

 private:
  std::vector<M> slots_;
  std::vector<uint32_t> free_;
};

class Bodies {
 public:
  template <class M>
  uint32_t put(M body) {
    return std::get<BodyPool<M>>(pools_).put(std::move(body));
  }
  // The reference is good until the next put() of the same kind: read it before sending.
  template <class M>
  const M& get(uint32_t slot) const {
    return std::get<BodyPool<M>>(pools_).get(slot);
  }
  void release(Rpc rpc, bool request, uint32_t slot);
  size_t in_use() const;

 private:
  template <class... M>
  using Pools = std::tuple<BodyPool<M>...>;
  Pools<ProduceRequest, ProduceResponse, FetchRequest, FetchResponse, ListOffsetsRequest,
        ListOffsetsResponse, MetadataRequest, MetadataResponse, OffsetCommitRequest,
        OffsetCommitResponse, OffsetFetchRequest, OffsetFetchResponse, FindCoordinatorRequest,
        FindCoordinatorResponse, JoinGroupRequest, JoinGroupResponse, HeartbeatRequest,
        HeartbeatResponse, LeaveGroupRequest, LeaveGroupResponse, SyncGroupRequest,
        SyncGroupResponse, ApiVersionsRequest, ApiVersionsResponse, InitProducerIdRequest,
        InitProducerIdResponse, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
        AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, EndTxnRequest, EndTxnResponse,
        WriteTxnMarkersRequest, WriteTxnMarkersResponse, TxnOffsetCommitRequest,
        TxnOffsetCommitResponse>
      pools_;
};

}  // namespace eosim::kafka
