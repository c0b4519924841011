// The broker's copy of the controller's log: a long poll that never ends (6.9).
#include <utility>

#include "models/broker/broker.h"

namespace eosim::kafka {

void Broker::fetch_metadata(sim::Context& context) {
  if (controller_[kMetadataLine].in_flight()) return;
  FetchClusterMetadataRequest request;
  request.broker = config_.id;
  request.known_version = known_version_;
  controller_[kMetadataLine].send(context, std::move(request));
}

void Broker::on_metadata(sim::Context& context, const FetchClusterMetadataResponse& response) {
  if (response.image.valid()) {
    known_version_ = shared(context).metadata[response.image].version;
    on_image(context, response.image);
  }
  fetch_metadata(context);
}

}  // namespace eosim::kafka
