// Message bodies in pools by kind. Sending moves a body to the network, delivery lends it to one
// step; the kernel gives a slot back when the message was handled or will reach nobody.
#pragma once

#include <array>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/protocol/messages.h"
#include "sim/assert.h"

namespace eosim::kafka {

template <class M>
class BodyPool {
 public:
  // The memory of the slot's last body comes back in the place of this one's: whoever fills the
  // same body again and again allocates nothing.
  uint32_t put(M&& body) {
    if (free_.empty()) {
      slots_.push_back(std::move(body));
      return static_cast<uint32_t>(slots_.size() - 1);
    }
    const uint32_t slot = free_.back();
    free_.pop_back();
    std::swap(slots_[slot], body);
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
  // Out of line: three dozen pools, and everybody includes this.
  Bodies();
  Bodies(const Bodies&);
  Bodies(Bodies&&) noexcept;
  Bodies& operator=(const Bodies&);
  Bodies& operator=(Bodies&&) noexcept;
  ~Bodies();

  template <class M>
  uint32_t put(M&& body) {
    using Body = std::remove_cvref_t<M>;
    if constexpr (std::is_lvalue_reference_v<M>) {
      return put(Body(body));
    } else {
      return static_cast<BodyPool<Body>&>(pools_).put(std::forward<M>(body));
    }
  }
  // The reference is good until the next put() of the same kind: read it before sending.
  template <class M>
  const M& get(uint32_t slot) const {
    return static_cast<const BodyPool<M>&>(pools_).get(slot);
  }
  void release(Rpc rpc, bool request, uint32_t slot);
  size_t in_use() const;

 private:
  // Bases and not a tuple: a tuple of so many is a chain that every reader would instantiate.
  template <class... M>
  struct AllPools : BodyPool<M>... {
    template <class F>
    void each(F f) const {
      (f(static_cast<const BodyPool<M>&>(*this)), ...);
    }
  };
  // How to give a slot back, by kind of message.
  using Release = void (*)(Bodies&, uint32_t);
  using ReleaseTable = std::array<Release, kRpcCount * 2>;
  template <class M>
  static void release_from(Bodies& bodies, uint32_t slot);
  template <class... M>
  static constexpr ReleaseTable table_of(const AllPools<M...>* pools);
  AllPools<ProduceRequest, ProduceResponse, FetchRequest, FetchResponse, ListOffsetsRequest,
           ListOffsetsResponse, MetadataRequest, MetadataResponse, OffsetCommitRequest,
           OffsetCommitResponse, OffsetFetchRequest, OffsetFetchResponse, FindCoordinatorRequest,
           FindCoordinatorResponse, JoinGroupRequest, JoinGroupResponse, HeartbeatRequest,
           HeartbeatResponse, LeaveGroupRequest, LeaveGroupResponse, SyncGroupRequest,
           SyncGroupResponse, ApiVersionsRequest, ApiVersionsResponse, InitProducerIdRequest,
           InitProducerIdResponse, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
           AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, EndTxnRequest, EndTxnResponse,
           WriteTxnMarkersRequest, WriteTxnMarkersResponse, TxnOffsetCommitRequest,
           TxnOffsetCommitResponse, BrokerRegistrationRequest, BrokerRegistrationResponse,
           BrokerHeartbeatRequest, BrokerHeartbeatResponse, AlterPartitionRequest,
           AlterPartitionResponse, AllocateProducerIdsRequest, AllocateProducerIdsResponse,
           FetchClusterMetadataRequest, FetchClusterMetadataResponse, DescribeTransactionsRequest,
           DescribeTransactionsResponse, ListTransactionsRequest, ListTransactionsResponse,
           DescribeProducersRequest, DescribeProducersResponse, OffsetForLeaderEpochRequest,
           OffsetForLeaderEpochResponse>
      pools_;
};

}  // namespace eosim::kafka
