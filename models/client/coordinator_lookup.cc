#include "models/client/coordinator_lookup.h"

#include "models/client/consumer_core.h"

namespace eosim::kafka {

bool CoordinatorLookup::ensure(sim::Context& context, ConsumerCore& core) {
  if (broker_ && core.network.backing_off(context, *broker_, Lane::kGroupCoordinator)) {
    mark_unknown(context, core);
  }
  if (broker_) return true;
  if (tag_ != 0) return false;
  if (context.steady() < retry_at_) {
    core.wake_at(retry_at_);
    return false;
  }
  const std::optional<BrokerId> node = core.network.least_loaded(context);
  if (!node) {
    retry_at_ = core.backoff_end(context, ++attempts_);
    core.wake_at(retry_at_);
    return false;
  }
  FindCoordinatorRequest request;
  request.type = CoordinatorType::kGroup;
  request.key = core.config.group;
  tag_ = core.next_tag();
  core.network.send(context, *node, Lane::kData, request, tag_);
  return false;
}

void CoordinatorLookup::mark_unknown(sim::Context& context, ConsumerCore& core) {
  if (!broker_) return;
  const BrokerId old = *broker_;
  broker_.reset();
  for (const Completion& ended : core.network.disconnect(context, old, Lane::kGroupCoordinator)) {
    core.ended.push_back(ended);
  }
}

void CoordinatorLookup::mark_unknown(sim::Context& context, ConsumerCore& core,
                                     const Reply& reply) {
  if (broker_ == reply.how.broker) mark_unknown(context, core);
}

bool CoordinatorLookup::on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply) {
  if (reply.how.tag != tag_) return false;
  tag_ = 0;
  retry_at_ = core.backoff_end(context, ++attempts_);
  if (reply.transport_error() != Error::kNone) {
    core.metadata.request_update();
    return false;
  }
  const auto& response = reply.get<FindCoordinatorResponse>();
  if (response.error != Error::kNone) return false;
  EOSIM_ASSERT(response.broker.valid());
  broker_ = response.broker;
  attempts_ = 0;
  return true;
}

}  // namespace eosim::kafka
