// What a step may ask of the world. Lives for one step; a model must not keep it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "sim/choices.h"
#include "sim/disk.h"
#include "sim/ids.h"
#include "sim/process.h"
#include "sim/time.h"

namespace eosim::sim {

class World;
class Shared;

class Context {
 public:
  Context(World& world, Shared& shared, ProcessId process, ActorId actor)
      : world_(world), shared_(shared), process_(process), actor_(actor) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  ProcessId process() const { return process_; }
  ActorId actor() const { return actor_; }

  // Clocks of this process's host.
  WallTime wall() const;
  // Asked for many times in a step, in which it stands still.
  SteadyTime steady() const {
    if (!steady_) steady_ = read_steady();
    return *steady_;
  }

  // Fires on `actor` after `delay` of the host's steady clock; wake() is a timer without delay: the
  // way one actor of a process tells another that something is done.
  TimerId set_timer(ActorId actor, Duration delay, TimerTag tag);
  TimerId wake(ActorId actor, TimerTag tag) { return set_timer(actor, {}, tag); }
  // A timer that has fired or was cancelled is no error: its id then names nothing.
  void cancel(TimerId timer);

  // A connection to a process, owned by the actor that opens it. Usable at once; whether the peer
  // is there shows by an answer, by kClosed or by silence.
  ConnectionId connect(ProcessId peer);
  // The client closes: what it has in flight is lost, arrives, or arrives late, and no answer
  // comes.
  void close(ConnectionId connection);
  bool is_open(ConnectionId connection) const;

  // Client side. The response, if it comes, is a kMessage step of the calling actor with the same
  // correlation. The body's ownership passes to the network.
  void send(ConnectionId connection, MessageKind kind, uint32_t correlation, uint32_t bytes,
            uint32_t body);
  // Server side: answers the request that is being handled on this connection; the next request of
  // the connection is delivered only then. false: the client is gone and the answer was dropped.
  bool respond(ConnectionId connection, MessageKind kind, uint32_t correlation, uint32_t bytes,
               uint32_t body);
  // Server side: the request has no answer (acks=0).
  void finish(ConnectionId connection);
  // Server side: ends the connection whose request is being handled, as a server does that does not
  // serve. The client learns of it; the outcome of what it had sent is unknown to it.
  void refuse(ConnectionId connection);

  // The host's disk. Appends are in the page cache at once; flush() makes them durable later and
  // ends in a kDiskDone step of this actor.
  Disk& disk();
  void flush(FileId file, TimerTag tag);

  // Randomness, by stream. Make the stream once, when the entity is made.
  Choices& choices();

  // A fact (or, if the kind says so, a note) of this process. Values in the order of the fields.
  void emit(EventKindId kind, std::span<const int64_t> values);
  void emit(EventKindId kind, std::initializer_list<int64_t> values) {
    emit(kind, std::span<const int64_t>(values.begin(), values.size()));
  }
  // Whether notes have a listener: guard for what is costly to make.
  bool notes_wanted() const;

  // The process ends with this step, of its own will: what it has written stays, its memory and its
  // connections go. The answer to kStop, when all is in order.
  void exit();

  Shared& shared() { return shared_; }
  const World& world() const { return world_; }
  std::string_view name(ProcessId process) const;

 private:
  SteadyTime read_steady() const;

  World& world_;
  Shared& shared_;
  ProcessId process_;
  ActorId actor_;
  mutable std::optional<SteadyTime> steady_;
};

}  // namespace eosim::sim
