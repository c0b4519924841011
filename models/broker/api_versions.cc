// ApiVersions: the ranges that this broker speaks (transactions.md 2.1, 6.9).
#include "models/broker/respond.h"
#include "models/protocol/features.h"

namespace eosim::kafka {

void Broker::handle(sim::Context& context, RequestToken token, const ApiVersionsRequest& request) {
  const VersionRange range = config_.versions[static_cast<size_t>(Rpc::kApiVersions)];
  const bool known = range.min <= request.header.version && request.header.version <= range.max;
  ApiVersionsResponse response;
  // The table comes along also then, so that the client can ask again in an older version
  // (KIP-511).
  response.error = known ? Error::kNone : Error::kUnsupportedVersion;
  response.versions = config_.versions;
  response.features_epoch = features_epoch_;
  response.transaction_version = transaction_version(config_.switches);
  respond(context, token, std::move(response));
}

}  // namespace eosim::kafka
