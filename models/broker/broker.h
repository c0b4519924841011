// A broker: one actor (design.md section 2) whose handlers, replica manager, coordinators and
// marker sender are plain objects that a step calls. Each step of the kernel is handled to its end:
// the request or timer, then everything that it made possible at this instant, in settle(): appends
// that the high watermark has reached, the coordinators' next moves, fetches that found their data.
// What waits longer is in one of four tables: appends for the high watermark, fetches for data,
// WriteTxnMarkers for their appends, and what the coordinators keep themselves.
//
// A file an API (produce.cc, fetch.cc, ...); coordinator_effects.cc carries out what the
// coordinators ask for; start.cc is what happens after a restart.
//
// Left out until replication: followers, moving leaders, the ISR (taken to be full, so
// NOT_ENOUGH_REPLICAS appears only where min.insync.replicas exceeds the replication factor) and
// the checkpoint of the high watermark, which a single copy does not need: all that it has is
// committed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/broker/broker_config.h"
#include "models/broker/delayed_fetch.h"
#include "models/broker/delayed_produce.h"
#include "models/broker/marker_sender.h"
#include "models/broker/replica_manager.h"
#include "models/broker/timers.h"
#include "models/group/group_coordinator.h"
#include "models/log/partition_log.h"
#include "models/protocol/shared.h"
#include "models/transaction/transaction_coordinator.h"
#include "sim/choices.h"
#include "sim/context.h"
#include "sim/process.h"

namespace eosim::kafka {

class Broker final : public sim::Process {
 public:
  explicit Broker(BrokerConfig config) : config_(std::move(config)) {}

  void step(sim::Context& context, const sim::Step& step) override;
  std::unique_ptr<sim::Process> clone() const override;
  std::unique_ptr<sim::Process> restarted() const override;
  std::string describe() const override;

  // --- for checkers and tools ---
  const BrokerConfig& config() const { return config_; }
  // The broker has run its first step. Before, also while it is down, there are no coordinators to
  // ask for, and no logs.
  bool started() const { return started_; }
  // The coordinators are still reading their logs.
  bool loading() const { return loading_; }
  // Null: not led here.
  const PartitionLog* log(TopicPartition partition) const { return replicas_.log(partition); }
  const ReplicaManager& replicas() const { return replicas_; }
  const TransactionCoordinator& transaction_coordinator() const { return transactions_.value(); }
  const GroupCoordinator& group_coordinator() const { return groups_.value(); }
  const DelayedProduces& waiting_appends() const { return delayed_produces_; }
  const DelayedFetches& waiting_fetches() const { return delayed_fetches_; }
  // WriteTxnMarkers being handled, and sent by this broker.
  size_t marker_writes() const { return marker_writes_.size(); }
  size_t marker_requests_in_flight() const { return marker_sender_.in_flight(); }

 private:
  struct PartitionBatch {
    TopicPartition partition;
    BatchId batch;
  };
  // A WriteTxnMarkers request whose appends are not all decided.
  struct MarkerWrite {
    RequestToken request;
    List<TxnMarkerEntry> markers;
    WriteTxnMarkersResponse response;
    size_t undecided = 0;  // markers
  };
  enum class FetchRead : uint8_t { kIfEnough, kAsItIs };

  // start.cc
  void start(sim::Context& context);
  bool is_coordinator_log(TopicPartition partition) const;
  void load_coordinators(sim::Context& context);
  void load_transactions(sim::Context& context, const Replica& replica);
  void load_offsets(sim::Context& context, const Replica& replica);

  // broker.cc
  void on_timer(sim::Context& context, const sim::TimerTag& tag);
  void settle(sim::Context& context);
  void complete(sim::Context& context, const FinishedAppend& finished);
  void append(sim::Context& context, const AppendOwner& owner, const List<PartitionBatch>& batches,
              const AppendTerms& terms, sim::Duration timeout);

  // coordinator_timer.cc
  void arm_coordinators(sim::Context& context);
  void on_coordinator_deadline(sim::Context& context);
  void arm_producer_expiry(sim::Context& context);

  // dispatch.cc
  void on_request(sim::Context& context, const sim::Message& message);
  template <class Request>
  const Request& read(sim::Context& context, const sim::Message& message) const;
  template <class Request>
  void handle(sim::Context& context, const sim::Message& message);
  template <class Request>
  void ask_transactions(sim::Context& context, const sim::Message& message);
  template <class Request>
  void ask_groups(sim::Context& context, const sim::Message& message);
  void take_producer_ids(sim::Context& context);
  // respond.h
  template <class Response>
  void respond(sim::Context& context, RequestToken request, Response response);

  // A file an API.
  void handle(sim::Context& context, RequestToken token, const ProduceRequest& request);
  void handle(sim::Context& context, RequestToken token, const FetchRequest& request);
  void handle(sim::Context& context, RequestToken token, const ListOffsetsRequest& request);
  void handle(sim::Context& context, RequestToken token, const MetadataRequest& request);
  void handle(sim::Context& context, RequestToken token, const ApiVersionsRequest& request);
  void handle(sim::Context& context, RequestToken token, const FindCoordinatorRequest& request);
  void handle(sim::Context& context, RequestToken token, const WriteTxnMarkersRequest& request);

  void finish_produce(sim::Context& context, const FinishedAppend& finished);

  // Answers if the fetch is complete; false: it has to wait.
  bool try_fetch(sim::Context& context, RequestToken token, const FetchRequest& request,
                 FetchRead read);
  void on_fetch_timeout(sim::Context& context, SlotId id);
  void wake_fetches(sim::Context& context, TopicPartition partition);

  void finish_marker(sim::Context& context, const FinishedAppend& finished);
  void materialise_offsets(sim::Context& context, TopicPartition partition,
                           const TxnMarkerEntry& marker);

  // coordinator_effects.cc
  void on_markers_sent(sim::Context& context, const MarkerOutcome& outcome);
  void carry_out(sim::Context& context, TransactionCoordinator::Effects& effects);
  void carry_out(sim::Context& context, GroupCoordinator::Effects& effects);
  template <class Effects>
  void carry_out_all(sim::Context& context, AppendOwner::Kind owner, Effects& effects);
  void carry_out_one(sim::Context& context, AppendOwner::Kind owner, AppendEffect& effect);
  void carry_out_one(sim::Context& context, AppendOwner::Kind owner, SendMarkersEffect& effect);
  void carry_out_one(sim::Context& context, AppendOwner::Kind owner, EmittedEvent& effect);
  template <class Response>
  void carry_out_one(sim::Context& context, AppendOwner::Kind owner,
                     AnswerEffect<Response>& effect);
  CoordinatorEnv environment(sim::Context& context) const;

  static KafkaShared& shared(sim::Context& context) {
    return static_cast<KafkaShared&>(context.shared());
  }
  const MetadataImage& image(sim::Context& context) const {
    return shared(context).metadata[config_.image];
  }

  BrokerConfig config_;
  bool started_ = false;
  bool loading_ = false;
  ReplicaManager replicas_;
  std::optional<TransactionCoordinator> transactions_;
  std::optional<GroupCoordinator> groups_;
  DelayedProduces delayed_produces_;
  DelayedFetches delayed_fetches_;
  Slots<MarkerWrite> marker_writes_;
  MarkerSender marker_sender_;
  // Decided appends whose owners are to be told: empty between steps.
  List<FinishedAppend> finished_;
  bool coordinators_touched_ = false;  // their deadlines may have moved
  sim::TimerId coordinator_timer_;
  sim::SteadyTime coordinator_deadline_ = sim::kSteadyNever;  // for which that timer is set
  sim::StreamId materialisation_stream_;
  sim::LogNormal materialisation_delay_;
};

}  // namespace eosim::kafka
