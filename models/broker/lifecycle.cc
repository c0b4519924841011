// The broker and its controller: registration, heartbeats, and what ends the requests on the lines
// to it (groups-streams-replication.md 6.7; Kafka's BrokerLifecycleManager).
#include <algorithm>
#include <utility>

#include "models/broker/broker.h"
#include "sim/assert.h"
#include "sim/world.h"

namespace eosim::kafka {
namespace {

constexpr sim::Duration kLifecycleBackoff = sim::milliseconds(50);
// BrokerLifecycleManager asks again sooner, once, because a shutdown may be over quickly.
constexpr sim::Duration kSecondShutdownWish = sim::milliseconds(50);

}  // namespace

// Registration first, heartbeats from then on. Also called when there is something to say.
void Broker::say_hello(sim::Context& context) {
  PeerLine& line = controller_[kLifecycleLine];
  hello_due_ = line.in_flight();
  if (hello_due_) return;
  if (stage_ == Stage::kRegistering) {
    BrokerRegistrationRequest request;
    request.broker = config_.id;
    request.incarnation = context.world().incarnation(context.process());
    request.previous_epoch = previous_epoch_;
    return line.send(context, std::move(request));
  }
  BrokerHeartbeatRequest request;
  request.broker = config_.id;
  request.broker_epoch = broker_epoch_;
  request.metadata_version = std::max<int64_t>(applied_version_, 0);
  request.want_fence = stage_ != Stage::kServing;
  request.want_shut_down = wants_shutdown_;
  line.send(context, std::move(request));
}

void Broker::arm_hello(sim::Context& context) {
  arm_hello(context, sim::milliseconds(config_.broker_heartbeat_interval_ms));
}

void Broker::arm_hello(sim::Context& context, sim::Duration wait) {
  context.cancel(hello_timer_);
  hello_timer_ = context.set_timer(context.actor(), wait, timer_tag(BrokerTimer::kHeartbeat));
}

void Broker::on_registered(sim::Context& context, const BrokerRegistrationResponse& response) {
  arm_hello(context);
  // DUPLICATE_BROKER_REGISTRATION: the session of the life before is not over.
  if (response.error != Error::kNone || stage_ != Stage::kRegistering) return;
  broker_epoch_ = response.broker_epoch;
  stage_ = Stage::kCatchingUp;
  fetch_metadata(context);
  say_hello(context);
}

void Broker::on_heartbeat(sim::Context& context, const BrokerHeartbeatResponse& response) {
  arm_hello(context);
  if (response.error != Error::kNone) return;
  fenced_ = response.fenced;
  if (response.should_shut_down && wants_shutdown_) return stop(context);
  if (wants_shutdown_ && !std::exchange(shutdown_known_, true)) {
    arm_hello(context, kSecondShutdownWish);
  }
  if (hello_due_) say_hello(context);
}

bool Broker::on_controller_response(sim::Context& context, const sim::Message& message) {
  const auto line = std::ranges::find_if(controller_, [&](PeerLine& l) { return l.take(message); });
  if (line == controller_.end()) return false;
  const Bodies& bodies = shared(context).bodies;
  switch (static_cast<Rpc>(message.kind.index)) {
    case Rpc::kFetchClusterMetadata:
      on_metadata(context, bodies.get<FetchClusterMetadataResponse>(message.body));
      return true;
    case Rpc::kBrokerRegistration:
      on_registered(context, bodies.get<BrokerRegistrationResponse>(message.body));
      return true;
    case Rpc::kBrokerHeartbeat:
      on_heartbeat(context, bodies.get<BrokerHeartbeatResponse>(message.body));
      return true;
    case Rpc::kAlterPartition:
      on_altered(context, &bodies.get<AlterPartitionResponse>(message.body));
      return true;
    case Rpc::kAllocateProducerIds:
      on_producer_ids(context, &bodies.get<AllocateProducerIdsResponse>(message.body));
      return true;
    default:
      EOSIM_ASSERT(false);
  }
  return false;
}

bool Broker::on_controller_closed(sim::Context& context, sim::ConnectionId connection) {
  for (uint32_t line = 0; line < kLineCount; ++line) {
    bool lost = false;
    if (!controller_[line].closed(connection, lost)) continue;
    if (lost) on_controller_silent(context, line);
    return true;
  }
  return false;
}

// A request to the controller has no answer, and may have been carried out.
void Broker::on_controller_silent(sim::Context& context, uint32_t line) {
  switch (line) {
    case kMetadataLine:
      context.set_timer(context.actor(), kLifecycleBackoff, timer_tag(BrokerTimer::kMetadataRetry));
      return;
    case kLifecycleLine:
      return arm_hello(context);
    case kAlterLine:
      return on_altered(context, nullptr);
    case kIdsLine:
      return on_producer_ids(context, nullptr);
    default:
      EOSIM_ASSERT(false);
  }
}

}  // namespace eosim::kafka
