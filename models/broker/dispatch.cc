// From a request to its handler: this broker's own, a file an API, or one of the coordinators'.
#include "models/broker/broker.h"
#include "sim/assert.h"

namespace eosim::kafka {

void Broker::on_request(sim::Context& context, const sim::Message& message) {
  switch (static_cast<Rpc>(message.kind.index)) {
    case Rpc::kProduce:
      return handle<ProduceRequest>(context, message);
    case Rpc::kFetch:
      return handle<FetchRequest>(context, message);
    case Rpc::kListOffsets:
      return handle<ListOffsetsRequest>(context, message);
    case Rpc::kMetadata:
      return handle<MetadataRequest>(context, message);
    case Rpc::kFindCoordinator:
      return handle<FindCoordinatorRequest>(context, message);
    case Rpc::kApiVersions:
      return handle<ApiVersionsRequest>(context, message);
    case Rpc::kWriteTxnMarkers:
      return handle<WriteTxnMarkersRequest>(context, message);
    case Rpc::kInitProducerId:
      take_producer_ids(context);
      return ask_transactions<InitProducerIdRequest>(context, message);
    case Rpc::kAddPartitionsToTxn:
      return ask_transactions<AddPartitionsToTxnRequest>(context, message);
    case Rpc::kAddOffsetsToTxn:
      return ask_transactions<AddOffsetsToTxnRequest>(context, message);
    case Rpc::kEndTxn:
      return ask_transactions<EndTxnRequest>(context, message);
    case Rpc::kJoinGroup:
      return ask_groups<JoinGroupRequest>(context, message);
    case Rpc::kSyncGroup:
      return ask_groups<SyncGroupRequest>(context, message);
    case Rpc::kHeartbeat:
      return ask_groups<HeartbeatRequest>(context, message);
    case Rpc::kLeaveGroup:
      return ask_groups<LeaveGroupRequest>(context, message);
    case Rpc::kOffsetCommit:
      return ask_groups<OffsetCommitRequest>(context, message);
    case Rpc::kOffsetFetch:
      return ask_groups<OffsetFetchRequest>(context, message);
    case Rpc::kTxnOffsetCommit:
      return ask_groups<TxnOffsetCommitRequest>(context, message);
  }
  EOSIM_ASSERT(false);
}

template <class Request>
const Request& Broker::read(sim::Context& context, const sim::Message& message) const {
  const Request& request = shared(context).bodies.get<Request>(message.body);
  // Clients ask for the versions first and use one that both speak; only the question for the
  // versions itself is answered whatever its version is.
  const VersionRange range = config_.versions[static_cast<size_t>(Request::kRpc)];
  EOSIM_ASSERT(Request::kRpc == Rpc::kApiVersions ||
               (range.min <= request.header.version && request.header.version <= range.max));
  return request;
}

template <class Request>
void Broker::handle(sim::Context& context, const sim::Message& message) {
  handle(context, RequestToken{message.connection, message.correlation},
         read<Request>(context, message));
}

template <class Request>
void Broker::ask_transactions(sim::Context& context, const sim::Message& message) {
  TransactionCoordinator::Effects effects;
  transactions_->on_request(environment(context), {message.connection, message.correlation},
                            read<Request>(context, message), effects);
  carry_out(context, effects);
}

template <class Request>
void Broker::ask_groups(sim::Context& context, const sim::Message& message) {
  GroupCoordinator::Effects effects;
  groups_->on_request(environment(context), {message.connection, message.correlation},
                      read<Request>(context, message), effects);
  carry_out(context, effects);
}

// Before 3.0 a block of producer ids is a compare-and-set on a ZooKeeper node, which the broker
// waits for (transactions.md 1.6).
void Broker::take_producer_ids(sim::Context& context) {
  if (!transactions_->needs_producer_ids()) return;
  const int64_t block = shared(context).next_producer_id_block++;
  transactions_->give_producer_ids(block * ProducerIdBlock::kBlockSize,
                                   ProducerIdBlock::kBlockSize);
}

}  // namespace eosim::kafka
