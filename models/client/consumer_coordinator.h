// The join and sync flow of a group-managed consumer, on the application's thread
// (ConsumerCoordinator and AbstractCoordinator.joinGroupIfNeeded; groups-streams-replication.md 3.2
// and 3.3). Eager protocol: everything is revoked before the join.
//
// poll calls advance() until it says kDone. At kCallback the application has to deal with
// callback(), and callback_done() goes on from there.
#pragma once

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
    enum class Kind : uint8_t { kNone, kRevoked, kLost, kAssigned };
    Kind kind = Kind::kNone;
    List<TopicPartition> partitions;
  };

  Progress advance(sim::Context& context, ConsumerCore& core);
  const Callback& callback() const { return callback_; }
  void callback_done(sim::Context& context, ConsumerCore& core);

  // true: the member has joined or has become STABLE (the heartbeat thread is to be enabled, if
  // this is a time for it to beat).
  bool on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply);
  // The assignment ends without a callback: close().
  void give_up_assignment(sim::Context& context, ConsumerCore& core, bool lost);

 private:
  enum class Phase : uint8_t { kIdle, kInFlight, kSynced };

  bool prepare(ConsumerCore& core);
  void send_join(sim::Context& context, ConsumerCore& core);
  bool on_join(sim::Context& context, ConsumerCore& core, const Reply& reply);
  void send_sync(sim::Context& context, ConsumerCore& core, List<MemberAssignment> assignments);
  bool on_sync(sim::Context& context, ConsumerCore& core, const Reply& reply);
  void complete(sim::Context& context, ConsumerCore& core);
  void fail(sim::Context& context, ConsumerCore& core, GroupRequest request, Error error,
            const Reply& reply);
  void try_again(sim::SteadyTime at);

  Phase phase_ = Phase::kIdle;
  bool needs_prepare_ = true;
  uint64_t tag_ = 0;  // of the Join or Sync in flight
  Membership::Snapshot sent_;
  sim::SteadyTime retry_at_;
  List<TopicPartition> synced_;  // what the Sync gave
  Callback callback_;
};

}  // namespace eosim::kafka
