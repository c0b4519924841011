// A connection to one other process for requests of one purpose: one in flight, which ends with an
// answer, with the end of the connection, or when it is overdue; then the connection is closed and
// the next request opens another (what Kafka's NetworkClient does under a fetcher, a sender to a
// coordinator or a NodeToControllerChannelManager).
//
// An overdue request is found by a timer that is set once and looks again where it has to be, so
// that a line with much traffic sets none for each request.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "models/broker/timers.h"
#include "models/protocol/references.h"
#include "models/protocol/shared.h"
#include "models/protocol/wire.h"
#include "sim/assert.h"
#include "sim/context.h"

namespace eosim::kafka {

class PeerLine {
 public:
  PeerLine() = default;
  // `number`: of this line, unique in the broker; what the timer kLine brings back.
  PeerLine(uint32_t number, sim::ProcessId peer, sim::Duration timeout)
      : number_(number), peer_(peer), timeout_(timeout) {}

  template <class Request>
  void send(sim::Context& context, Request&& request) {
    static_assert(!std::is_reference_v<Request>, "a request is given away");
    EOSIM_ASSERT(!in_flight_ && peer_ != sim::kNoProcess);
    auto& shared = kafka_shared(context);
    if (connection_ == sim::kNoConnection) {
      connection_ = context.connect(peer_);
      shared.counters.connected(ClientKind::kBroker);
    }
    const uint32_t bytes = wire_bytes(request, shared);
    retain_references(shared, request);
    const uint32_t body = shared.bodies.put(std::forward<Request>(request));
    in_flight_ = true;
    due_ = context.steady() + timeout_;
    arm(context, timeout_);
    const sim::MessageKind kind{static_cast<uint16_t>(Request::kRpc)};
    context.send(connection_, kind, ++correlation_, bytes, body);
  }

  // This response is the one that is waited for.
  bool take(const sim::Message& message) {
    if (message.connection != connection_ || connection_ == sim::kNoConnection) return false;
    EOSIM_ASSERT(in_flight_ && message.correlation == correlation_);
    in_flight_ = false;
    return true;
  }
  // The connection has ended. `lost`: with a request that was in flight.
  bool closed(sim::ConnectionId connection, bool& lost) {
    if (connection != connection_ || connection_ == sim::kNoConnection) return false;
    connection_ = sim::kNoConnection;
    lost = std::exchange(in_flight_, false);
    return true;
  }
  // The timer. true: the request is overdue, and given up.
  bool overdue(sim::Context& context) {
    armed_ = false;
    if (!in_flight_) return false;
    const sim::Duration left = due_ - context.steady();
    if (left >= sim::microseconds(1)) {
      arm(context, left);
      return false;
    }
    hang_up(context);
    return true;
  }
  void hang_up(sim::Context& context) {
    if (connection_ != sim::kNoConnection) context.close(connection_);
    connection_ = sim::kNoConnection;
    in_flight_ = false;
  }

  bool in_flight() const { return in_flight_; }
  sim::ConnectionId connection() const { return connection_; }
  uint32_t number() const { return number_; }

 private:
  void arm(sim::Context& context, sim::Duration time) {
    if (armed_) return;
    armed_ = true;
    context.set_timer(context.actor(), time, timer_tag(BrokerTimer::kLine, number_));
  }

  uint32_t number_ = 0;
  sim::ProcessId peer_;
  sim::Duration timeout_{};
  sim::ConnectionId connection_ = sim::kNoConnection;
  uint32_t correlation_ = 0;
  bool in_flight_ = false;
  bool armed_ = false;
  sim::SteadyTime due_;
};

// Numbers of lines: a purpose and who is at the other end.
enum class LinePurpose : uint32_t { kController, kFetcher, kVerification };
constexpr uint32_t line_number(LinePurpose purpose, uint32_t index) {
  return static_cast<uint32_t>(purpose) << 16 | index;
}
constexpr LinePurpose line_purpose(uint32_t number) {
  return static_cast<LinePurpose>(number >> 16);
}
constexpr uint32_t line_index(uint32_t number) { return number & 0xffff; }

}  // namespace eosim::kafka
