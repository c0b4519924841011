// The way of markers from a coordinator to the leaders of a transaction's partitions
// (transactions.md 3.10, workloads-and-figures.md 2). Entries queue per destination. Every wake-up
// of the sender drains all entries of a destination into one new request; requests to a destination
// wait in a FIFO, are not merged, and one is in flight at a time. A destination that lost its
// connection is left alone for the reconnect backoff. Plumbing only: what an answer means is
// decided by the coordinator. Kafka: TransactionMarkerChannelManager, InterBrokerSendThread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "models/protocol/messages.h"
#include "sim/time.h"

namespace eosim::kafka {

struct MarkerEntry {
  Name transactional_id;
  uint64_t completion = 0;  // the PendingCompletion it works for
  int32_t transaction_partition = -1;
  TxnMarkerEntry marker;
};

// Carried out by the broker: send to that broker (possibly to itself, through the same path), hand
// the response or its absence back with the token. Absence: disconnected, or request.timeout.ms is
// over.
struct SendMarkersEffect {
  BrokerId destination;
  WriteTxnMarkersRequest request;
  uint64_t token = 0;
};

class MarkerChannel {
 public:
  struct Request {
    uint64_t token = 0;
    sim::SteadyTime created;
    std::vector<MarkerEntry> entries;
  };
  struct Destination {
    std::vector<MarkerEntry> queue;
    std::deque<Request> waiting;
    bool in_flight = false;
    Request flight;
    sim::SteadyTime backoff_until{INT64_MIN};
  };
  static constexpr sim::Duration kReconnectBackoff = sim::milliseconds(50);

  // Splits the entry by the leaders of its partitions. Partitions whose leader is not known or not
  // alive wait in the unresolved queue; those that the metadata do not know are returned.
  List<TopicPartition> enqueue(const MetadataImage& metadata, MarkerEntry entry);

  // What needs a fresh look at the metadata before it can be sent: the unresolved queue, the queues
  // of destinations whose backoff has just ended, requests that waited longer than `timeout`.
  std::vector<MarkerEntry> take_for_lookup(sim::SteadyTime now, sim::Duration timeout);

  // One wake-up of the sender. Tokens are numbered from `next_token` on.
  std::vector<SendMarkersEffect> drain(sim::SteadyTime now, uint64_t& next_token);

  // The request is answered: its entries, in the order of the request.
  std::vector<MarkerEntry> finish(uint64_t token);
  // The connection broke: the entries of the request and of all that waited behind it.
  std::vector<MarkerEntry> fail(uint64_t token, sim::SteadyTime now);

  // Queued entries of a transaction partition that is led no longer. What is in a request stays.
  void drop(int32_t transaction_partition);

  sim::SteadyTime next_deadline() const;  // the earliest end of a backoff that holds entries back
  bool has_unresolved() const { return !unresolved_.empty(); }
  const std::map<BrokerId, Destination>& destinations() const { return destinations_; }
  const std::vector<MarkerEntry>& unresolved() const { return unresolved_; }

 private:
  Destination& owner(uint64_t token);

  std::map<BrokerId, Destination> destinations_;
  std::vector<MarkerEntry> unresolved_;
};

}  // namespace eosim::kafka
