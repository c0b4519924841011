// The controller's rules over its own plain state: registrations, sessions, and for each partition
// leader, ISR and epochs (groups-streams-replication.md 6.1, 6.5, 6.7, 7.3). It knows no kernel: a
// call checks, changes the next image and leaves facts; the controller makes one commit of all that
// a call changed.
//
// Epochs: the leader epoch goes up by one whenever a change names a leader, also none, also the
// same again; the partition epoch with every change; the epoch of a registration is one that no
// registration has had before. Of versions, registrations and epochs none ever goes back.
//
// Kafka: ReplicationControlManager, PartitionChangeBuilder, ClusterControlManager,
// BrokerHeartbeatManager.
#pragma once

#include <cstdint>

#include "models/controller/controller_config.h"
#include "models/protocol/events.h"
#include "models/protocol/features.h"
#include "models/protocol/messages.h"
#include "sim/time.h"

namespace eosim::kafka {

class ClusterState {
 public:
  // `image`: version 0. Every broker of it is registered (epoch: broker id + 1, unless it has one)
  // as incarnation 1 and unfenced; no other broker will ever register.
  ClusterState(ControllerConfig config, MetadataImage image);

  // --- requests of brokers ---
  // NONE, STALE_BROKER_EPOCH or BROKER_ID_NOT_REGISTERED.
  Error check_epoch(BrokerId broker, BrokerEpoch epoch) const;
  // The new registration is fenced. DUPLICATE_BROKER_REGISTRATION while another life has a session.
  BrokerRegistrationResponse register_broker(const BrokerRegistrationRequest& request,
                                             sim::SteadyTime now);
  BrokerHeartbeatResponse heartbeat(const BrokerHeartbeatRequest& request, sim::SteadyTime now);
  AlterPartitionResponse alter_partitions(const AlterPartitionRequest& request);

  // --- sessions ---
  // A controller that has just started gives everybody a whole session.
  void restart_sessions(sim::SteadyTime now);
  // When the next session ends; kSteadyNever: nobody has one.
  sim::SteadyTime next_deadline() const;
  // Fences the broker whose session ended first. false: none has ended. One at a time, each its
  // own commit: the last one of an ISR to go must be the only one left in it.
  bool expire_session(sim::SteadyTime now);

  // --- orders ---
  // Every partition that its first replica could lead, and another one does.
  void elect_preferred();
  // To an unfenced member of the ISR; unset: the next one in the order of replicas. false: `to` is
  // no such member, or leads already.
  bool move_leader(TopicPartition partition, BrokerId to);
  // As if everybody in the ISR were gone for a moment: an unfenced replica leads with an ISR of its
  // own, whatever it has. Unset: the first one outside the ISR, or else the first that does not
  // lead. false: there is none.
  bool elect_unclean(TopicPartition partition, BrokerId to);

  // Levels of the whole cluster, up or down (KIP-584). They hold for a broker as soon as it has
  // applied the image, and for a client when a broker tells it.
  void finalise_features(FinalisedFeatures features);

  // --- commits ---
  bool changed() const { return brokers_changed_ || !changed_.empty(); }
  // Ends the change: image() has the next version, and what the change was is returned.
  List<EmittedEvent> commit();

  // --- looking ---
  const ControllerConfig& config() const { return config_; }
  const MetadataImage& image() const { return image_; }
  const BrokerMetadata& broker(BrokerId id) const { return image_.brokers.at(index_of(id)); }
  bool known(TopicPartition partition) const;
  const PartitionMetadata& partition(TopicPartition partition) const;
  // Eligible leader replicas beside the ISR (KIP-966); empty without the switch.
  const BrokerList& eligible(TopicPartition partition) const { return reserve(partition).elr; }
  // May lead and be in an ISR: registered, not fenced, not shutting down.
  bool active(BrokerId broker) const;
  // Which life of the broker is registered.
  uint64_t incarnation(BrokerId broker) const { return lives_.at(index_of(broker)).incarnation; }
  // Whether each partition with a replica there has another active member of the ISR. `absent`:
  // brokers not to count on, though they may still have a session here: those that are down, and
  // those whose present life has not registered yet.
  bool can_lose(BrokerId victim, const BrokerList& absent = {}) const;

 private:
  // What is known of a registration beside its part of the image; by index of image_.brokers.
  struct Life {
    uint64_t incarnation = 1;
    int64_t registered_version = 0;
    int64_t applied_version = 0;   // as its last heartbeat said
    int64_t shutdown_version = 0;  // in which it began to shut down
    sim::SteadyTime last_contact{};
  };
  // KIP-966: who may lead beside the ISR.
  struct Reserve {
    BrokerList elr;
    BrokerId last_known_leader;
    friend bool operator==(const Reserve&, const Reserve&) = default;
  };
  struct Choice {
    BrokerId leader;
    bool unclean = false;
  };

  // cluster_state.cc
  static constexpr size_t kNowhere = SIZE_MAX;
  size_t index_of(BrokerId broker) const;  // kNowhere: not known
  bool elr_on() const { return finalises_elr(config_.switches); }
  PartitionMetadata& at(TopicPartition partition);
  const Reserve& reserve(TopicPartition partition) const;
  int32_t min_isr(TopicPartition partition) const;
  // visit(TopicPartition, const PartitionMetadata&); may change the partition that it visits.
  template <class Visit>
  void each_partition(Visit visit) const;

  // broker_lifecycle.cc
  sim::SteadyTime deadline(size_t index) const;
  bool has_session(size_t index, sim::SteadyTime now) const;
  bool leads(BrokerId broker) const;
  int64_t lowest_applied() const;
  void fence(size_t index);
  void unfence(size_t index);
  void begin_shutdown(size_t index);
  void leave_isrs(BrokerId broker);
  void forget_replicas(BrokerId broker);
  void on_shutdown_wish(size_t index, BrokerHeartbeatResponse& response);

  // elections.cc
  Reserve reserve_beside(TopicPartition partition, const BrokerList& isr, BrokerId lost) const;
  Choice choose(TopicPartition partition, const BrokerList& isr, const Reserve& beside) const;
  void elect(TopicPartition partition, const BrokerList& isr, BrokerId lost = {});
  void lead_alone(TopicPartition partition, BrokerId leader);
  void name_leader(TopicPartition partition, BrokerId leader);
  void change(TopicPartition partition, PartitionMetadata next, Reserve beside, bool names_leader);

  // alter_partition.cc
  Error refusal(BrokerId sender, const AlterPartitionRequest::Partition& wanted) const;
  bool eligible_for_isr(const AlterPartitionRequest::Replica& replica) const;

  ControllerConfig config_;
  MetadataImage image_;
  List<Life> lives_;
  List<List<Reserve>> reserves_;  // as image_.topics
  int64_t next_broker_epoch_ = 0;
  // The change under way; empty between commits.
  List<TopicPartition> changed_;
  bool brokers_changed_ = false;
  List<EmittedEvent> facts_;
};

template <class Visit>
void ClusterState::each_partition(Visit visit) const {
  for (const TopicMetadata& topic : image_.topics) {
    for (size_t p = 0; p < topic.partitions.size(); ++p) {
      visit(TopicPartition{topic.topic, static_cast<int32_t>(p)}, topic.partitions[p]);
    }
  }
}

}  // namespace eosim::kafka
