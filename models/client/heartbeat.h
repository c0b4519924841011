// The background thread of a group member (AbstractCoordinator.HeartbeatThread and Heartbeat;
// groups-streams-replication.md 3.5). It beats while the member is STABLE, since 2.6.1 from the
// answer to its Join on, watches its own session and the application's polls, and decides nothing
// else: it never revokes partitions, the application learns of everything at its next poll.
#pragma once

#include "models/client/consumer_core.h"

namespace eosim::kafka {

class Heartbeat {
 public:
  // The member has joined, or become STABLE: timers begin anew and the thread runs.
  void enable(sim::Context& context, const ConsumerCore& core);
  // The application's thread is in poll: max.poll.interval.ms counts from here.
  void polled(sim::Context& context, const ConsumerCore& core);
  void coordinator_found(sim::Context& context, const ConsumerCore& core);
  void stop(sim::Context& context);

  // One round of the thread, at its timer.
  void run(sim::Context& context, ConsumerCore& core);
  void on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply);

  // Sends LeaveGroup for a dynamic member that the coordinator knows. The tag, 0 if nothing is
  // sent.
  static uint64_t send_leave(sim::Context& context, ConsumerCore& core);

  // Whether this is a time to beat at (KAFKA-10134 changed both sides at once).
  static bool beats(const ConsumerCore& core);

 private:
  void send_beat(sim::Context& context, ConsumerCore& core);
  void leave(sim::Context& context, ConsumerCore& core);
  void succeeded(sim::Context& context, const ConsumerCore& core);
  void arm(sim::Context& context, const ConsumerCore& core, sim::SteadyTime at);
  void arm_next(sim::Context& context, const ConsumerCore& core);

  bool armed_ = false;
  sim::TimerId timer_;
  sim::SteadyTime beat_at_;
  sim::SteadyTime session_ends_at_;
  sim::SteadyTime poll_ends_at_;
  uint64_t tag_ = 0;  // of the beat in flight
  Membership::Snapshot sent_;
};

}  // namespace eosim::kafka
