// Connections of one Kafka client (a producer or a consumer), as its NetworkClient keeps them: one
// per broker for data, and one of its own to a coordinator (Kafka gives the coordinator a node id
// of its own for that). Asks a new connection for the broker's versions first (ApiVersions), queues
// what is sent meanwhile, sets the version of every request, counts what is in flight, and gives up
// on a connection when a request is older than its timeout
// (NetworkClient.handleTimedOutRequests). After a failure a link backs off before it connects
// again (ClusterConnectionStates).
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "models/client/calls.h"
#include "models/protocol/messages.h"
#include "models/protocol/shared.h"
#include "models/protocol/versions.h"
#include "sim/choices.h"
#include "sim/context.h"
#include "sim/small_list.h"

namespace eosim::kafka {

enum class Lane : uint8_t { kData, kGroupCoordinator, kTransactionCoordinator };

// How one request ended.
struct Completion {
  enum class Kind : uint8_t { kResponse, kDisconnected, kTimedOut, kUnsupportedVersion };
  Kind kind = Kind::kResponse;
  Rpc rpc = Rpc::kApiVersions;
  BrokerId broker;
  Lane lane = Lane::kData;
  uint64_t tag = 0;            // given at send()
  int16_t version = 0;         // that was sent
  uint32_t body = UINT32_MAX;  // kResponse: the response, readable during this step
  sim::ActorId actor;          // that called send()
};
using Completions = sim::SmallList<Completion, 2>;

// What a client sends.
using ClientRequest =
    std::variant<ApiVersionsRequest, MetadataRequest, FindCoordinatorRequest, ProduceRequest,
                 InitProducerIdRequest, AddPartitionsToTxnRequest, AddOffsetsToTxnRequest,
                 TxnOffsetCommitRequest, EndTxnRequest, FetchRequest, ListOffsetsRequest,
                 OffsetCommitRequest, OffsetFetchRequest, JoinGroupRequest, SyncGroupRequest,
                 HeartbeatRequest, LeaveGroupRequest, DescribeProducersRequest,
                 ListTransactionsRequest, DescribeTransactionsRequest, WriteTxnMarkersRequest,
                 OffsetForLeaderEpochRequest>;

struct NetworkClientConfig {
  Name client_id;
  ClientKind kind = ClientKind::kProducer;  // for the count of connections
  ApiVersionTable versions{};
  int32_t request_timeout_ms = 30'000;
  int32_t reconnect_backoff_ms = 50;
  int32_t reconnect_backoff_max_ms = 1'000;
  uint32_t component = 0;  // TimerTag::small of its timers
  sim::ActorId actor;      // whose timers these are
};

class NetworkClient {
 public:
  explicit NetworkClient(NetworkClientConfig config) : config_(config) {}

  // Where the brokers are; grows with metadata. Bootstrap: all brokers. Sorted by id. Not `listed`:
  // metadata does not show it (it is fenced), so nothing is sent there that any broker could
  // answer.
  void know(BrokerId broker, sim::ProcessId process, bool listed = true);
  const std::vector<BrokerId>& brokers() const { return broker_ids_; }

  // Connected and versions known; starts to connect if it is not (unless it is backing off).
  bool ready(sim::Context& context, BrokerId broker, Lane lane);
  bool backing_off(sim::Context& context, BrokerId broker, Lane lane) const;
  // Sent or queued, without an answer yet.
  uint32_t in_flight(BrokerId broker, Lane lane) const;
  // The broker with the fewest requests in flight among the connected ones; else one that is being
  // connected to; else the one longest not tried, unless it is backing off; ties by id
  // (NetworkClient.leastLoadedNode, data lane). None: all are backing off.
  std::optional<BrokerId> least_loaded(sim::Context& context) const;
  // Version that a request would have; none before ApiVersions was answered or if not supported.
  std::optional<int16_t> version(BrokerId broker, Lane lane, Rpc rpc) const;
  // The finalised transaction.version: the lowest that a broker has told last, as a level is
  // finalised only when all support it. 0: nobody has told any.
  int16_t transaction_version() const;

  // Sends, or queues until the connection is ready (while backing off: until it was tried again).
  // The response, or the failure, comes back from on_message(), on_closed() or on_timer() as a
  // Completion with this tag, never from within send(). `timeout_ms` overrides request.timeout.ms
  // (JoinGroup); `max_version` keeps a request below a version that would mean more than is meant
  // (transactions.md 5.12). The step of the response goes to the actor that called send(); a
  // failure of the connection goes to the actor that opened it or whose timer it was
  // (Completion::actor tells).
  template <class Request>
  void send(sim::Context& context, BrokerId broker, Lane lane, Request request, uint64_t tag,
            int32_t timeout_ms = 0, int16_t max_version = INT16_MAX) {
    enqueue(
        context, broker, lane,
        Queued{ClientRequest(std::move(request)), tag, timeout_ms, context.actor(), max_version});
  }

  bool owns(sim::ConnectionId connection) const { return find(connection) != nullptr; }

  // Each returns what ended in this step, in order of sending.
  Completions on_message(sim::Context& context, const sim::Message& message);
  Completions on_closed(sim::Context& context, sim::ConnectionId connection);
  // For kRequestTimeout and kReconnect with this client's component. kReconnect also comes when a
  // backing-off ends, so that its actor can go on with what waits for that broker.
  Completions on_timer(sim::Context& context, const sim::TimerTag& tag);

  // Gives the connection up: what is in flight on it ends as kDisconnected.
  Completions disconnect(sim::Context& context, BrokerId broker, Lane lane);
  // Without completions: nobody is left to be told.
  void close_all(sim::Context& context);
  bool idle() const;  // nothing in flight, nothing queued

 private:
  struct Queued {
    ClientRequest request;
    uint64_t tag = 0;
    int32_t timeout_ms = 0;
    sim::ActorId actor;
    int16_t max_version = INT16_MAX;
  };
  struct InFlight {
    uint32_t correlation = 0;
    Rpc rpc = Rpc::kApiVersions;
    int16_t version = 0;
    sim::ActorId actor;
    uint64_t tag = 0;
    sim::SteadyTime deadline;
  };
  struct Link {
    BrokerId broker;
    Lane lane = Lane::kData;
    sim::ConnectionId connection;  // none: disconnected
    bool versions_known = false;
    bool ever_told = false;  // the three below, by a connection of before at least
    int64_t features_epoch = 0;
    int16_t transaction_version = 0;  // the cluster's, as the broker knows it
    ApiVersionTable versions{};       // the broker's
    std::vector<InFlight> in_flight;  // in order of sending; the handshake is one of them
    std::vector<Queued> queued;
    int32_t failures = 0;  // in a row
    sim::SteadyTime last_attempt;
    sim::SteadyTime backoff_until;
    sim::TimerId timer;  // request timeout; fires at or before the earliest deadline
    sim::SteadyTime timer_at = sim::kSteadyNever;
    sim::StreamId jitter;
  };

  void enqueue(sim::Context& context, BrokerId broker, Lane lane, Queued request);
  Link& link(BrokerId broker, Lane lane);
  const Link* find(BrokerId broker, Lane lane) const;
  const Link* find(sim::ConnectionId connection) const;
  uint64_t index_of(const Link& link) const { return static_cast<uint64_t>(&link - links_.data()); }
  sim::ProcessId process_of(BrokerId broker) const;
  bool connected(const Link& link) const { return link.connection != sim::kNoConnection; }
  void connect_if_due(sim::Context& context, Link& link);
  // Sends what this step's actor has queued; wakes the other actors for theirs.
  void flush(sim::Context& context, Link& link, Completions& ended);
  bool transmit(sim::Context& context, Link& link, Queued& queued);
  void arm_timeout(sim::Context& context, Link& link);
  Completions fail(sim::Context& context, Link& link, Completion::Kind kind);
  void back_off(sim::Context& context, Link& link);
  Completion ended_unsent(const Link& link, const Queued& queued, Completion::Kind kind) const;

  NetworkClientConfig config_;
  std::vector<BrokerId> broker_ids_;
  std::vector<sim::ProcessId> broker_processes_;  // beside broker_ids_
  std::vector<bool> broker_listed_;               // the same
  std::vector<Link> links_;                       // in order of first use; only grows
  Completions refused_;                           // by send(), to be told at the next timer
  uint32_t next_correlation_ = 1;
};

}  // namespace eosim::kafka
