// The join and sync flow of a group-managed consumer, on the application's thread
// (ConsumerCoordinator and AbstractCoordinator.joinGroupIfNeeded; groups-streams-replication.md 3.2
// and 3.3), with both rebalance protocols: eager gives everything up before the join, cooperative
// what the assignment takes away after it, and joins again (KIP-429).
//
// poll calls advance() until it says kDone. At kCallback the application has to deal with
// callback(), and callback_done() goes on from there. The first three kinds are those of
// ConsumerRebalanceListener, the others questions of the application's own assignor
// (partition_assignor.h), which it answers with answer_*() before callback_done().
#pragma once

#include <optional>

#include "models/client/consumer_core.h"

namespace eosim::kafka {

class ConsumerCoordinator {
 public:
  enum class Progress : uint8_t {
    kDone,              // member of a stable group, as far as it knows
    kNeedsCoordinator,  // waits for FindCoordinator
    kJoining,           // waits for Join or Sync, or until it may try again
    kCallback,          // the application's turn
    kFailed,            // core.member.fatal
  };
  struct Callback {
    enum class Kind : uint8_t {
      kNone,
      kRevoked,
      kLost,
      kAssigned,
      kSubscriptionUserData,  // answer_user_data(): goes into the JoinGroup
      kAssign,                // group(): this member leads; answer_assignment()
      kOnAssignment,          // `partitions` and `user_data`: what the leader gave
    };
    Kind kind = Kind::kNone;
    List<TopicPartition> partitions;
    UserData user_data;
  };

  explicit ConsumerCoordinator(const ConsumerConfig& config);

  Progress advance(sim::Context& context, ConsumerCore& core);
  const Callback& callback() const { return callback_; }
  const GroupSubscription& group() const { return group_; }
  void answer_user_data(UserData user_data);
  void answer_assignment(List<MemberAssignment> assignments);
  void callback_done(sim::Context& context, ConsumerCore& core);
  RebalanceProtocol protocol() const { return protocol_; }

  // true: the member has joined or has become STABLE (the heartbeat thread is to be enabled, if
  // this is a time for it to beat).
  bool on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply);
  // The assignment ends without a callback: close().
  void give_up_assignment(sim::Context& context, ConsumerCore& core, bool lost);

 private:
  enum class Phase : uint8_t {
    kIdle,
    kInFlight,   // Join or Sync
    kAssigning,  // the application's assignor deals the partitions out
    kSynced,
    kRevoked,   // onJoinComplete: after onPartitionsRevoked of the cooperative protocol
    kTaken,     // and after the assignor has seen the assignment
    kAssigned,  // and during onPartitionsAssigned
  };

  // --- joining: consumer_coordinator.cc
  bool go_on(sim::Context& context, ConsumerCore& core);
  bool start_join(sim::Context& context, ConsumerCore& core);
  void send_join(sim::Context& context, ConsumerCore& core);
  Subscription subscription(const ConsumerCore& core, size_t index) const;
  bool on_join(sim::Context& context, ConsumerCore& core, const Reply& reply);
  bool choose(sim::Context& context, ConsumerCore& core, const JoinGroupResponse& response);
  void lead(sim::Context& context, ConsumerCore& core, const JoinGroupResponse& response);
  void send_sync(sim::Context& context, ConsumerCore& core, List<MemberAssignment> assignments);
  bool on_sync(sim::Context& context, ConsumerCore& core, const Reply& reply);
  void fail(sim::Context& context, ConsumerCore& core, GroupRequest request, Error error,
            const Reply& reply);
  void try_again(sim::SteadyTime at);
  Name protocol_name(Names& names, const ConsumerConfig& config, size_t index) const;

  // --- onJoinPrepare and onJoinComplete: rebalance_callbacks.cc
  bool prepare(ConsumerCore& core);
  void complete(sim::Context& context, ConsumerCore& core);
  void tell_assignor(ConsumerCore& core);
  void take(sim::Context& context, ConsumerCore& core);
  void call(Callback::Kind kind, List<TopicPartition> partitions);
  void drop(sim::Context& context, ConsumerCore& core, const List<TopicPartition>& partitions,
            bool lost);

  RebalanceProtocol protocol_;  // the best that all its assignors support
  StickyClaims claims_;
  List<AssignorMemory> memories_;  // by assignor

  Phase phase_ = Phase::kIdle;
  uint64_t tag_ = 0;  // of the Join or Sync in flight
  Membership::Snapshot sent_;
  sim::SteadyTime retry_at_;
  size_t chosen_ = 0;  // index of the assignor that the group chose
  Name chosen_name_;   // and what the coordinator called it, with its type, for the Sync
  Name protocol_type_;
  Assignment synced_;  // what the Sync gave
  Callback callback_;
  GroupSubscription group_;            // during kAssign
  std::optional<UserData> user_data_;  // the application's assignor's, for the next Join
  std::optional<List<MemberAssignment>> assignments_;  // and its answer to kAssign
};

}  // namespace eosim::kafka
