// From a request to its handler: this broker's own, a file an API, or one of the coordinators'.
#include <utility>

#include "models/broker/respond.h"
#include "models/group/coverage.h"
#include "models/transaction/coverage.h"
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
      if (is_too_new(context, message)) return;
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
      if (verify_offsets(context, {message.connection, message.correlation},
                         read<TxnOffsetCommitRequest>(context, message))) {
        return;
      }
      return ask_groups<TxnOffsetCommitRequest>(context, message);
    case Rpc::kDescribeTransactions:
      return ask_transactions<DescribeTransactionsRequest>(context, message);
    case Rpc::kListTransactions:
      return ask_transactions<ListTransactionsRequest>(context, message);
    case Rpc::kDescribeProducers:
      return handle<DescribeProducersRequest>(context, message);
    case Rpc::kOffsetForLeaderEpoch:
      return handle<OffsetForLeaderEpochRequest>(context, message);
    case Rpc::kBrokerRegistration:
    case Rpc::kBrokerHeartbeat:
    case Rpc::kAlterPartition:
    case Rpc::kAllocateProducerIds:
    case Rpc::kFetchClusterMetadata:
      break;
  }
  EOSIM_ASSERT(false);
}

// A leader of a newer release asks in a form that this broker does not know; ours does not look at
// ApiVersions first, and is told here (transactions.md 6.9).
bool Broker::is_too_new(sim::Context& context, const sim::Message& message) {
  const auto& request = shared(context).bodies.get<AddPartitionsToTxnRequest>(message.body);
  const VersionRange range = config_.versions[static_cast<size_t>(Rpc::kAddPartitionsToTxn)];
  if (request.header.version <= range.max) return false;
  AddPartitionsToTxnResponse response;
  response.error = Error::kUnsupportedVersion;
  respond(context, {message.connection, message.correlation}, std::move(response));
  return true;
}

template <class Request>
const Request& Broker::read(sim::Context& context, const sim::Message& message) const {
  const Request& request = shared(context).bodies.get<Request>(message.body);
  // Clients ask for the versions first and use one that both speak; only the question for the
  // versions itself is answered whatever its version is. Brokers of a mixed cluster know each
  // other.
  const VersionRange range = config_.versions[static_cast<size_t>(Request::kRpc)];
  constexpr bool kBrokers = Request::kRpc == Rpc::kWriteTxnMarkers ||
                            Request::kRpc == Rpc::kFetch || Request::kRpc == Rpc::kApiVersions;
  EOSIM_ASSERT(kBrokers ||
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
  const Request& request = read<Request>(context, message);
  const Encounter met = met_by(*transactions_, shared(context).names, request);
  TransactionCoordinator::Effects effects;
  transactions_->on_request(environment(context), {message.connection, message.correlation, met},
                            request, effects);
  carry_out(context, effects);
}

template <class Request>
void Broker::ask_groups(sim::Context& context, const sim::Message& message) {
  const Request& request = read<Request>(context, message);
  const Encounter met = met_by(*groups_, shared(context).names, request);
  GroupCoordinator::Effects effects;
  groups_->on_request(environment(context), {message.connection, message.correlation, met}, request,
                      effects);
  carry_out(context, effects);
}

}  // namespace eosim::kafka
