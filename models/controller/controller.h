// The controller: one process of one actor on a host of its own, always the only one, whose state
// survives a crash: its quorum is out of scope (groups-streams-replication.md 6.10). The rules are
// in ClusterState; here are requests, timers and the images.
//
// A commit is one new MetadataImage in KafkaShared::metadata with all that one step changed, and
// version + 1. The controller holds a reference to the newest image and none to older ones; whoever
// keeps an id retains it. Brokers learn of images by FetchClusterMetadata, a long poll that is
// answered with the newest image once it is newer than the one they know, so versions may be
// skipped. Requests are answered after the commit that they make.
//
// After a crash: state and image are as they were, polls and answers under way are gone, and every
// broker has a whole session again, as with a new active controller.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "models/controller/cluster_state.h"
#include "models/controller/controller_config.h"
#include "models/protocol/effects.h"
#include "models/protocol/shared.h"
#include "sim/context.h"
#include "sim/process.h"

namespace eosim::kafka {

// Faults that only the controller can carry out, as kControl steps made by controller_tag():
// cli-and-scenarios.md 2.4. What cannot be done is not done (ClusterState::move_leader,
// elect_unclean), and a step for a controller that is down is lost.
enum class ControllerControl : uint32_t {
  kMoveLeader,       // move_leader, move_coordinator
  kUncleanElection,  // unclean_election
  kFinaliseFeatures,
};
// `to` unset: the controller chooses.
sim::TimerTag controller_tag(ControllerControl what, TopicPartition partition, BrokerId to = {});
// kafka-features: what every broker supports is up to whoever asks.
sim::TimerTag features_tag(const FinalisedFeatures& features);

// Ids are handed out in blocks (transactions.md 1.6).
inline constexpr int32_t kProducerIdsPerBlock = 1'000;

class Controller final : public sim::Process {
 public:
  // `initial`: what config.image names.
  Controller(ControllerConfig config, const MetadataImage& initial)
      : image_(config.image), state_(std::move(config), initial) {}

  void step(sim::Context& context, const sim::Step& step) override;
  std::unique_ptr<sim::Process> clone() const override;
  std::unique_ptr<sim::Process> restarted() const override;
  std::string describe() const override;

  // slow_controller: `by` at the fault's begin, -by at its end; faults that overlap add up. Answers
  // that are made from now on leave so much later. To be called on the process itself, also while
  // it is down: it is no step of its own and moves nothing that waits.
  void slow_down(sim::Duration by);

  // --- for selectors, checkers and tools ---
  MetadataId image() const { return image_; }
  const ClusterState& state() const { return state_; }
  BrokerId leader(TopicPartition partition) const { return state_.partition(partition).leader; }
  bool can_lose(BrokerId victim, const BrokerList& absent = {}) const {
    return state_.can_lose(victim, absent);
  }
  size_t waiting_polls() const { return polls_.size(); }

 private:
  // A FetchClusterMetadata that waits for an image.
  struct Poll {
    uint64_t number = 0;
    RequestToken request;
    sim::TimerId timer;
  };
  // An answer that is ready and has to wait: the body is in its pool.
  struct LateAnswer {
    uint64_t number = 0;
    RequestToken request;
    sim::MessageKind kind;
    uint32_t bytes = 0;
    uint32_t body = 0;
  };

  void start(sim::Context& context);
  void on_request(sim::Context& context, const sim::Message& message);
  void on_timer(sim::Context& context, const sim::TimerTag& tag);
  void on_control(sim::Context& context, const sim::TimerTag& tag);
  template <class Request>
  void handle(sim::Context& context, const sim::Message& message);

  BrokerRegistrationResponse decide(sim::Context& context,
                                    const BrokerRegistrationRequest& request);
  BrokerHeartbeatResponse decide(sim::Context& context, const BrokerHeartbeatRequest& request);
  AlterPartitionResponse decide(sim::Context& context, const AlterPartitionRequest& request);
  AllocateProducerIdsResponse decide(sim::Context& context,
                                     const AllocateProducerIdsRequest& request);

  void poll(sim::Context& context, const sim::Message& message);
  void on_poll_timeout(sim::Context& context, uint64_t number);
  void answer_polls(sim::Context& context);
  void commit(sim::Context& context);
  void arm_sessions(sim::Context& context);
  void arm_rebalance(sim::Context& context);
  template <class Response>
  void answer(sim::Context& context, RequestToken request, Response response);
  void send_late(sim::Context& context, uint64_t number);

  static KafkaShared& shared(sim::Context& context) { return kafka_shared(context); }

  MetadataId image_;  // of state_.image()
  ClusterState state_;
  bool holds_image_ = false;
  bool started_ = false;
  List<Poll> polls_;  // in the order of their arrival
  List<LateAnswer> late_answers_;
  sim::Duration slow_by_{};
  uint64_t next_number_ = 0;
  sim::TimerId session_timer_;
};

}  // namespace eosim::kafka
