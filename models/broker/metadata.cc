// Metadata: what this broker knows of the cluster: the image that it has applied (6.9).
#include "models/broker/respond.h"

namespace eosim::kafka {

void Broker::handle(sim::Context& context, RequestToken token, const MetadataRequest&) {
  MetadataResponse response;
  response.image = applied_;
  respond(context, token, std::move(response));
}

}  // namespace eosim::kafka
