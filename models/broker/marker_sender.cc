#include "models/broker/marker_sender.h"

#include <algorithm>
#include <utility>

#include "models/broker/timers.h"
#include "models/protocol/shared.h"
#include "models/protocol/wire.h"
#include "sim/assert.h"

namespace eosim::kafka {

MarkerSender::MarkerSender(MarkerSenderConfig config, const List<BrokerMetadata>& brokers)
    : config_(config) {
  for (const BrokerMetadata& broker : brokers) {
    Destination destination;
    destination.broker = broker.id;
    destination.process = broker.process;
    destinations_.push_back(destination);
  }
}

void MarkerSender::send(sim::Context& context, BrokerId destination, WriteTxnMarkersRequest request,
                        uint64_t token) {
  const auto to = std::find_if(destinations_.begin(), destinations_.end(),
                               [&](const Destination& d) { return d.broker == destination; });
  EOSIM_ASSERT(to != destinations_.end());
  EOSIM_ASSERT(!to->in_flight);
  EOSIM_ASSERT(!request.markers.empty());
  auto& shared = kafka_shared(context);
  if (to->connection == sim::kNoConnection) {
    to->connection = context.connect(to->process);
    shared.counters.connected(ClientKind::kBroker);
  }
  request.header.version = config_.version;
  const uint32_t bytes = wire_bytes(request);
  const uint32_t body = shared.bodies.put(std::move(request));
  to->in_flight = true;
  to->token = token;
  ++to->correlation;
  const auto index = static_cast<uint32_t>(to - destinations_.begin());
  to->timeout = context.set_timer(context.actor(), sim::milliseconds(config_.request_timeout_ms),
                                  timer_tag(BrokerTimer::kMarkerTimeout, index));
  const sim::MessageKind kind{static_cast<uint16_t>(Rpc::kWriteTxnMarkers)};
  context.send(to->connection, kind, to->correlation, bytes, body);
}

std::optional<MarkerOutcome> MarkerSender::on_response(sim::Context& context,
                                                       const sim::Message& message) {
  Destination* from = find(message.connection);
  if (from == nullptr) return std::nullopt;
  EOSIM_ASSERT(from->in_flight && from->correlation == message.correlation);
  context.cancel(from->timeout);
  from->in_flight = false;
  return MarkerOutcome{from->token, true, message.body};
}

std::optional<MarkerOutcome> MarkerSender::on_closed(sim::Context& context,
                                                     sim::ConnectionId connection) {
  Destination* from = find(connection);
  if (from == nullptr) return std::nullopt;
  from->connection = sim::kNoConnection;
  if (!from->in_flight) return std::nullopt;
  context.cancel(from->timeout);
  from->in_flight = false;
  return MarkerOutcome{from->token};
}

std::optional<MarkerOutcome> MarkerSender::on_timeout(sim::Context& context, uint32_t destination) {
  Destination& late = destinations_.at(destination);
  EOSIM_ASSERT(late.in_flight);
  context.close(late.connection);
  late.connection = sim::kNoConnection;
  late.in_flight = false;
  return MarkerOutcome{late.token};
}

size_t MarkerSender::in_flight() const {
  return static_cast<size_t>(std::count_if(destinations_.begin(), destinations_.end(),
                                           [](const Destination& d) { return d.in_flight; }));
}

MarkerSender::Destination* MarkerSender::find(sim::ConnectionId connection) {
  const auto found = std::find_if(destinations_.begin(), destinations_.end(),
                                  [&](const Destination& d) { return d.connection == connection; });
  return found == destinations_.end() ? nullptr : &*found;
}

}  // namespace eosim::kafka
