// The controller's requests: what a broker asks, one decision, one answer.
#include <algorithm>
#include <utility>

#include "models/controller/controller.h"
#include "models/controller/timers.h"
#include "models/protocol/references.h"
#include "models/protocol/wire.h"
#include "sim/assert.h"

namespace eosim::kafka {

void Controller::on_request(sim::Context& context, const sim::Message& message) {
  switch (static_cast<Rpc>(message.kind.index)) {
    case Rpc::kBrokerRegistration:
      return handle<BrokerRegistrationRequest>(context, message);
    case Rpc::kBrokerHeartbeat:
      return handle<BrokerHeartbeatRequest>(context, message);
    case Rpc::kAlterPartition:
      return handle<AlterPartitionRequest>(context, message);
    case Rpc::kAllocateProducerIds:
      return handle<AllocateProducerIdsRequest>(context, message);
    case Rpc::kFetchClusterMetadata:
      return poll(context, message);
    default:
      EOSIM_ASSERT(false && "a request that is not for the controller");
  }
}

template <class Request>
void Controller::handle(sim::Context& context, const sim::Message& message) {
  auto response = decide(context, shared(context).bodies.get<Request>(message.body));
  commit(context);
  answer(context, {message.connection, message.correlation}, std::move(response));
}

BrokerRegistrationResponse Controller::decide(sim::Context& context,
                                              const BrokerRegistrationRequest& request) {
  return state_.register_broker(request, context.steady());
}

BrokerHeartbeatResponse Controller::decide(sim::Context& context,
                                           const BrokerHeartbeatRequest& request) {
  return state_.heartbeat(request, context.steady());
}

AlterPartitionResponse Controller::decide(sim::Context&, const AlterPartitionRequest& request) {
  return state_.alter_partitions(request);
}

// The counter is the world's, because brokers of older generations in the same cluster take blocks
// from it without asking (transactions.md 1.6); so it also outlives every crash.
AllocateProducerIdsResponse Controller::decide(sim::Context& context,
                                               const AllocateProducerIdsRequest& request) {
  AllocateProducerIdsResponse response;
  response.error = state_.check_epoch(request.broker, request.broker_epoch);
  if (response.error != Error::kNone) return response;
  const int64_t block = shared(context).next_producer_id_block++;
  response.first = block * kProducerIdsPerBlock;
  response.count = kProducerIdsPerBlock;
  return response;
}

void Controller::poll(sim::Context& context, const sim::Message& message) {
  const auto& request = shared(context).bodies.get<FetchClusterMetadataRequest>(message.body);
  const RequestToken token{message.connection, message.correlation};
  EOSIM_ASSERT(request.known_version <= state_.image().version);
  if (request.known_version < state_.image().version) {
    return answer(context, token, FetchClusterMetadataResponse{.image = image_});
  }
  if (request.max_wait_ms <= 0) return answer(context, token, FetchClusterMetadataResponse{});
  const uint64_t number = next_number_++;
  const sim::TimerId timer =
      context.set_timer(context.actor(), sim::milliseconds(request.max_wait_ms),
                        timer_tag(ControllerTimer::kPoll, number));
  polls_.push_back({number, token, timer});
}

void Controller::on_poll_timeout(sim::Context& context, uint64_t number) {
  const auto over = std::find_if(polls_.begin(), polls_.end(),
                                 [&](const Poll& waiting) { return waiting.number == number; });
  EOSIM_ASSERT(over != polls_.end());
  const RequestToken request = over->request;
  polls_.erase(over);
  answer(context, request, FetchClusterMetadataResponse{});
}

void Controller::answer_polls(sim::Context& context) {
  for (const Poll& waiting : std::exchange(polls_, {})) {
    context.cancel(waiting.timer);
    answer(context, waiting.request, FetchClusterMetadataResponse{.image = image_});
  }
}

// The kernel drops what nobody waits for any more.
template <class Response>
void Controller::answer(sim::Context& context, RequestToken request, Response response) {
  KafkaShared& world = shared(context);
  const uint32_t bytes = wire_bytes(response, world);
  retain_references(world, response);
  const uint32_t body = world.bodies.put(std::move(response));
  const sim::MessageKind kind{static_cast<uint16_t>(Response::kRpc)};
  if (slow_by_.ns == 0) {
    context.respond(request.connection, kind, request.correlation, bytes, body);
    return;
  }
  const uint64_t number = next_number_++;
  late_answers_.push_back({number, request, kind, bytes, body});
  context.set_timer(context.actor(), slow_by_, timer_tag(ControllerTimer::kAnswer, number));
}

void Controller::send_late(sim::Context& context, uint64_t number) {
  const auto due = std::find_if(late_answers_.begin(), late_answers_.end(),
                                [&](const LateAnswer& answer) { return answer.number == number; });
  EOSIM_ASSERT(due != late_answers_.end());
  const LateAnswer answer = *due;
  late_answers_.erase(due);
  context.respond(answer.request.connection, answer.kind, answer.request.correlation, answer.bytes,
                  answer.body);
}

}  // namespace eosim::kafka
