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
// A life of a broker (groups-streams-replication.md 6.7, 6.9): the first one of the world begins
// registered, unfenced and with the first image applied. Every other registers with the controller,
// fetches metadata, and serves nobody before it has applied an image that knows its registration.
// lifecycle.cc, metadata_feed.cc and apply_metadata.cc hold that; a broker whose configuration
// names no controller keeps the first image for ever. It ends by a crash, or in order
// (shutdown.cc): controlled shutdown, all that is written made durable, and a mark on the disk that
// says so.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/broker/broker_config.h"
#include "models/broker/delayed_fetch.h"
#include "models/broker/delayed_produce.h"
#include "models/broker/follower_sessions.h"
#include "models/broker/marker_sender.h"
#include "models/broker/peer_line.h"
#include "models/broker/replica_fetchers.h"
#include "models/broker/replica_manager.h"
#include "models/broker/timers.h"
#include "models/broker/verification_rules.h"
#include "models/broker/verification_sender.h"
#include "models/group/group_coordinator.h"
#include "models/log/partition_log.h"
#include "models/protocol/shared.h"
#include "models/transaction/transaction_coordinator.h"
#include "sim/choices.h"
#include "sim/context.h"
#include "sim/outbox.h"
#include "sim/process.h"
#include "sim/small_list.h"

namespace eosim::kafka {

class Broker final : public sim::Process {
 public:
  explicit Broker(BrokerConfig config) : config_(std::move(config)) {}

  void step(sim::Context& context, const sim::Step& step) override;
  std::unique_ptr<sim::Process> clone() const override;
  std::unique_ptr<sim::Process> restarted() const override;
  std::string describe() const override;
  // What the logs hold stays with the disk.
  void on_death(sim::Shared& world) override;

  // --- for checkers and tools ---
  const BrokerConfig& config() const { return config_; }
  // The broker has roles. Before, also while it is down or waits for its registration, there are no
  // coordinators to ask for, and no logs.
  bool started() const { return stage_ == Stage::kServing; }
  // The coordinators are still reading logs.
  bool loading() const { return loads_ > 0; }
  // It was asked to stop, and gives its leaderships away first.
  bool shutting_down() const { return wants_shutdown_; }
  bool fenced() const { return fenced_; }
  BrokerEpoch epoch() const { return broker_epoch_; }
  // What it has applied; -1: nothing yet.
  int64_t metadata_version() const { return applied_version_; }
  MetadataId metadata() const { return applied_; }
  // Null: no replica here.
  const PartitionLog* log(TopicPartition partition) const { return replicas_.log(partition); }
  bool leads(TopicPartition partition) const { return replicas_.leads(partition); }
  const ReplicaManager& replicas() const { return replicas_; }
  const TransactionCoordinator& transaction_coordinator() const { return transactions_.value(); }
  const GroupCoordinator& group_coordinator() const { return groups_.value(); }
  const DelayedProduces& waiting_appends() const { return delayed_produces_; }
  const DelayedFetches& waiting_fetches() const { return delayed_fetches_; }
  // WriteTxnMarkers being handled, and sent by this broker.
  size_t marker_writes() const { return marker_writes_.size(); }
  size_t marker_requests_in_flight() const { return marker_sender_.in_flight(); }
  size_t verifications() const { return verifications_.size(); }
  size_t parked_follower_fetches() const { return sessions_.parked(); }

  // --- for faults that are no step of the broker ---
  // What the next life begins with: an upgrade.
  void reconfigure(BrokerConfig config);
  // slow_metadata: `by` at the fault's begin, -by at its end. Images that arrive from now on are
  // applied so much later.
  void slow_metadata(sim::Duration by) { slow_metadata_ = slow_metadata_ + by; }

 private:
  struct PartitionBatch {
    TopicPartition partition;
    BatchId batch;
    AppendVerification verification;
    Error error = Error::kNone;  // refused before it came to the log
    bool min_isr = true;
  };
  using PartitionBatches = sim::SmallList<PartitionBatch, 2>;
  struct Guarded {
    TopicPartition partition;
    VerificationGuard guard;
    Error error = Error::kNone;
  };
  // A request whose first write of a transaction the coordinator is asked about. Holds a reference
  // to each of its batches.
  struct PendingVerification {
    VerificationMode mode = VerificationMode::kNone;
    RequestToken token;
    std::optional<ProduceRequest> produce;
    std::optional<TxnOffsetCommitRequest> offsets;
    List<Guarded> guarded;
    sim::SteadyTime since;
  };
  // A WriteTxnMarkers request whose appends are not all decided.
  struct MarkerWrite {
    RequestToken request;
    List<TxnMarkerEntry> markers;
    WriteTxnMarkersResponse response;
    size_t undecided = 0;  // markers
  };
  enum class FetchRead : uint8_t { kIfEnough, kAsItIs };
  enum class Stage : uint8_t {
    kNew,          // before its first step
    kRegistering,  //
    kCatchingUp,   // registered, without an image that says so
    kServing,
    kStopped,  // ends with this step
  };
  // An image that has arrived and takes its time to be applied. Holds a reference.
  struct PendingImage {
    MetadataId image;
    sim::SteadyTime due;
  };
  struct SentProposal {
    uint32_t replica = 0;
    uint32_t proposal = 0;
  };
  enum ControllerLine : uint32_t {
    kMetadataLine,
    kLifecycleLine,
    kAlterLine,
    kIdsLine,
    kLineCount
  };

  // start.cc
  void start(sim::Context& context);
  void wake_up(sim::Context& context);
  void begin_serving(sim::Context& context, MetadataId image);

  // shutdown.cc
  void on_stop(sim::Context& context);
  void stop(sim::Context& context);
  BrokerEpoch read_clean_mark(sim::Context& context) const;
  void write_clean_mark(sim::Context& context, BrokerEpoch epoch) const;

  // coordinator_roles.cc
  bool is_coordinator_log(TopicPartition partition) const;
  void begin_load(sim::Context& context, const Replica& replica);
  void on_loaded(sim::Context& context, uint32_t replica, LeaderEpoch epoch);
  void load(sim::Context& context, const Replica& replica, LeaderEpoch epoch);
  void wait_for_loaded(const Replica& replica);
  void resign(sim::Context& context, const Replica& replica);

  // apply_metadata.cc
  void on_image(sim::Context& context, MetadataId image);
  void on_image_due(sim::Context& context);
  void apply_image(sim::Context& context, MetadataId image);
  void apply_roles(sim::Context& context);

  // metadata_feed.cc
  void fetch_metadata(sim::Context& context);
  void on_metadata(sim::Context& context, const FetchClusterMetadataResponse& response);

  // lifecycle.cc
  bool has_controller() const { return config_.controller != sim::kNoProcess; }
  bool on_controller_response(sim::Context& context, const sim::Message& message);
  bool on_controller_closed(sim::Context& context, sim::ConnectionId connection);
  void on_controller_silent(sim::Context& context, uint32_t line);
  void say_hello(sim::Context& context);
  void arm_hello(sim::Context& context);
  void arm_hello(sim::Context& context, sim::Duration wait);
  void on_registered(sim::Context& context, const BrokerRegistrationResponse& response);
  void on_heartbeat(sim::Context& context, const BrokerHeartbeatResponse& response);

  // alter_partition.cc
  void send_proposals(sim::Context& context);
  void on_altered(sim::Context& context, const AlterPartitionResponse* response);

  // producer_ids.cc
  void take_producer_ids(sim::Context& context);
  void on_producer_ids(sim::Context& context, const AllocateProducerIdsResponse* response);

  // broker.cc
  void on_message(sim::Context& context, const sim::Message& message);
  void on_closed(sim::Context& context, sim::ConnectionId connection);
  void on_timer(sim::Context& context, const sim::TimerTag& tag);
  void on_line_timer(sim::Context& context, uint32_t line);
  void wake_waiting(sim::Context& context);
  void settle(sim::Context& context);
  void complete(sim::Context& context, const FinishedAppend& finished);
  void append(sim::Context& context, const AppendOwner& owner, const PartitionBatches& batches,
              const AppendTerms& terms, sim::Duration timeout);

  // coordinator_timer.cc
  void arm_coordinators(sim::Context& context);
  void on_coordinator_deadline(sim::Context& context);
  void arm_producer_expiry(sim::Context& context);
  void on_producer_expiry(sim::Context& context);

  // dispatch.cc
  void on_request(sim::Context& context, const sim::Message& message);
  bool is_too_new(sim::Context& context, const sim::Message& message);
  template <class Request>
  const Request& read(sim::Context& context, const sim::Message& message) const;
  template <class Request>
  void handle(sim::Context& context, const sim::Message& message);
  template <class Request>
  void ask_transactions(sim::Context& context, const sim::Message& message);
  template <class Request>
  void ask_groups(sim::Context& context, const sim::Message& message);
  // respond.h
  template <class Response>
  void respond(sim::Context& context, RequestToken request, Response&& response);

  // A file an API.
  void handle(sim::Context& context, RequestToken token, const ProduceRequest& request);
  void handle(sim::Context& context, RequestToken token, const FetchRequest& request);
  void handle(sim::Context& context, RequestToken token, const ListOffsetsRequest& request);
  void handle(sim::Context& context, RequestToken token, const MetadataRequest& request);
  void handle(sim::Context& context, RequestToken token, const ApiVersionsRequest& request);
  void handle(sim::Context& context, RequestToken token, const FindCoordinatorRequest& request);
  void handle(sim::Context& context, RequestToken token, const WriteTxnMarkersRequest& request);
  void handle(sim::Context& context, RequestToken token, const DescribeProducersRequest& request);
  void handle(sim::Context& context, RequestToken token,
              const OffsetForLeaderEpochRequest& request);

  void append_verified(sim::Context& context, RequestToken token, const ProduceRequest& request,
                       const List<Guarded>& guarded);

  // verification.cc
  bool verify_produce(sim::Context& context, RequestToken token, const ProduceRequest& request,
                      sim::SteadyTime since);
  bool verify_offsets(sim::Context& context, RequestToken token,
                      const TxnOffsetCommitRequest& request);
  bool begin_verification(sim::Context& context, PendingVerification& pending,
                          TopicPartition partition, ProducerIdAndEpoch producer, Sequence first);
  void ask_coordinator(sim::Context& context, PendingVerification pending,
                       AddPartitionsToTxnRequest::Transaction question);
  void on_verified(sim::Context& context, const VerificationOutcome& outcome);
  void on_verification_retry(sim::Context& context, SlotId id);
  void finish_offset_verification(sim::Context& context, PendingVerification pending);
  sim::Duration verification_patience() const;
  sim::Duration isr_check_interval() const;

  // maintenance.cc
  void arm_maintenance(sim::Context& context);

  void finish_produce(sim::Context& context, const FinishedAppend& finished);

  // Answers if the fetch is complete; false: it has to wait.
  bool try_fetch(sim::Context& context, RequestToken token, const FetchRequest& request,
                 FetchRead read);
  void on_fetch_timeout(sim::Context& context, SlotId id);
  bool may_be_enough(const FetchRequest& request, TopicPartition moved) const;
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
  void carry_out_one(sim::Context& context, AppendOwner::Kind owner,
                     FetchProducerIdsEffect& effect);
  void carry_out_one(sim::Context& context, AppendOwner::Kind owner, EmittedEvent& effect);
  template <class Response>
  void carry_out_one(sim::Context& context, AppendOwner::Kind owner,
                     AnswerEffect<Response>& effect);
  CoordinatorEnv environment(sim::Context& context) const;

  static KafkaShared& shared(sim::Context& context) { return kafka_shared(context); }
  const MetadataImage& image(sim::Context& context) const {
    return shared(context).metadata[applied_];
  }

  BrokerConfig config_;
  std::optional<BrokerConfig> next_config_;
  Stage stage_ = Stage::kNew;
  bool awake_ = false;  // looks for others
  uint32_t loads_ = 0;  // windows of coordinators that read
  // When the last window of each log ends.
  std::map<TopicPartition, sim::SteadyTime> load_ends_;
  BrokerEpoch broker_epoch_;
  BrokerEpoch previous_epoch_;  // of the life before, if it ended in order
  bool fenced_ = true;
  bool wants_shutdown_ = false;
  bool shutdown_known_ = false;  // the controller has answered once since then
  MetadataId applied_;           // holds a reference
  int64_t applied_version_ = -1;
  int64_t features_epoch_ = 0;
  int64_t known_version_ = -1;         // newest that the controller has sent
  std::vector<PendingImage> pending_;  // in the order of their versions
  sim::Duration slow_metadata_{};
  std::array<PeerLine, kLineCount> controller_;
  List<uint32_t> proposals_;  // replicas whose ISR is to be proposed
  List<SentProposal> sent_proposals_;
  sim::TimerId hello_timer_;
  bool hello_due_ = false;  // there was something to say while a request was under way
  bool alter_resting_ = false;
  ReplicaManager replicas_;
  ReplicaFetchers fetchers_;
  FollowerSessions sessions_;
  std::optional<TransactionCoordinator> transactions_;
  std::optional<GroupCoordinator> groups_;
  DelayedProduces delayed_produces_;
  DelayedFetches delayed_fetches_;
  Slots<MarkerWrite> marker_writes_;
  MarkerSender marker_sender_;
  VerificationSender verification_sender_;
  Slots<PendingVerification> verifications_;
  sim::Outbox<VerificationOutcome> verified_;  // to be dealt with: empty between steps
  VerificationGuard offsets_guard_;            // of the TxnOffsetCommit that is being handled
  // Decided appends whose owners are to be told: empty between steps.
  sim::Outbox<FinishedAppend> finished_;
  std::vector<sim::TimerId> decided_timers_;  // of those: empty between steps
  bool coordinators_touched_ = false;         // their deadlines may have moved
  sim::TimerId coordinator_timer_;
  sim::SteadyTime coordinator_deadline_ = sim::kSteadyNever;  // for which that timer is set
  sim::StreamId metadata_stream_;
  sim::LogNormal metadata_delay_;
  sim::StreamId load_stream_;
  sim::StreamId materialisation_stream_;
  sim::LogNormal materialisation_delay_;
};

}  // namespace eosim::kafka
