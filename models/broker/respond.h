// Answers: for the files of the broker, not for its users.
#pragma once

#include <type_traits>
#include <utility>

#include "models/broker/broker.h"
#include "models/protocol/references.h"
#include "models/protocol/wire.h"

namespace eosim::kafka {

// The kernel drops what nobody waits for any more.
template <class Response>
void Broker::respond(sim::Context& context, RequestToken request, Response&& response) {
  static_assert(!std::is_reference_v<Response>, "an answer is given away");
  KafkaShared& world = shared(context);
  const uint32_t bytes = wire_bytes(response, world);
  retain_references(world, response);
  const uint32_t body = world.bodies.put(std::forward<Response>(response));
  const sim::MessageKind kind{static_cast<uint16_t>(Response::kRpc)};
  context.respond(request.connection, kind, request.correlation, bytes, body);
}

}  // namespace eosim::kafka
