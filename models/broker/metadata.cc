// Metadata: what this broker knows of the cluster. The image is static until there is a controller.
#include "models/broker/respond.h"

namespace eosim::kafka {

void Broker::handle(sim::Context& context, RequestToken token, const MetadataRequest&) {
  MetadataResponse response;
  response.image = config_.image;
  respond(context, token, response);
}

}  // namespace eosim::kafka
