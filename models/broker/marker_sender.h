// The connections over which this broker sends WriteTxnMarkers to the leaders of a transaction's
// partitions, itself included: Kafka sends those over the network as well. One request in flight
// for each destination; it ends with an answer, with the end of the connection, or after
// request.timeout.ms, and in the last two cases it may still be executed.
//
// Queues, retries and the reconnect backoff are the coordinator's (MarkerChannel,
// transactions.md 3.10); this is what NetworkClient does under Kafka's InterBrokerSendThread.
#pragma once

#include <optional>
#include <vector>

#include "models/protocol/messages.h"
#include "sim/context.h"
#include "sim/ids.h"
#include "sim/process.h"

namespace eosim::kafka {

struct MarkerSenderConfig {
  int16_t version = 0;
  int32_t request_timeout_ms = 30'000;
};

// How a request ended.
struct MarkerOutcome {
  uint64_t token = 0;
  bool answered = false;
  uint32_t body = UINT32_MAX;  // answered: the response, readable in this step
};

class MarkerSender {
 public:
  MarkerSender() = default;
  MarkerSender(MarkerSenderConfig config, const List<BrokerMetadata>& brokers);

  void send(sim::Context& context, BrokerId destination, WriteTxnMarkersRequest request,
            uint64_t token);

  // Each returns what ended in this step; none if the step was not about a request of ours.
  std::optional<MarkerOutcome> on_response(sim::Context& context, const sim::Message& message);
  std::optional<MarkerOutcome> on_closed(sim::Context& context, sim::ConnectionId connection);
  std::optional<MarkerOutcome> on_timeout(sim::Context& context, uint32_t destination);

  size_t in_flight() const;

 private:
  struct Destination {
    BrokerId broker;
    sim::ProcessId process;
    sim::ConnectionId connection = sim::kNoConnection;
    bool in_flight = false;
    uint64_t token = 0;
    uint32_t correlation = 0;
    sim::TimerId timeout;
  };
  Destination* find(sim::ConnectionId connection);

  MarkerSenderConfig config_;
  std::vector<Destination> destinations_;  // by broker id
};

}  // namespace eosim::kafka
