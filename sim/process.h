// A process as the kernel sees it: something that takes indivisible steps. Everything that waits in
// it is data, so it can be cloned in the middle of a run.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sim/ids.h"
#include "sim/time.h"

namespace eosim::sim {

class Context;
class Shared;

// What a timer brings back to its actor: a kind and two arguments of the model's own.
struct TimerTag {
  uint32_t kind = 0;
  uint32_t small = 0;
  uint64_t large = 0;
};

// The envelope of a delivered message. The body is lent to this step only: the model reads it in
// its pools under `kind` and `body`; what must outlive the step is copied.
struct Message {
  ConnectionId connection;
  MessageKind kind;
  bool request = true;
  uint32_t correlation = 0;  // chosen by the client, copied into the response
  uint32_t bytes = 0;
  uint32_t body = UINT32_MAX;
  ProcessId from;
};

enum class StepKind : uint8_t {
  kStart,     // first step of an incarnation; actor 0
  kMessage,   // a request (servers) or the response to one (to the actor that sent the request)
  kTimer,     // a timer of this actor fired, or wake() was called
  kClosed,    // the connection ended without our doing: what was in flight has an unknown outcome
  kDiskDone,  // a flush ended
  kControl,   // a fault that only the model understands (rebalance, ...): Shared::apply sent it
  kStop,      // end in order: what has to be done first may take its time, then Context::exit()
};

struct Step {
  StepKind kind = StepKind::kStart;
  ActorId actor;
  Message message;          // kMessage
  TimerId timer;            // kTimer: the id that fired
  TimerTag tag;             // kTimer, kDiskDone, kControl
  ConnectionId connection;  // kClosed
};

class Process {
 public:
  virtual ~Process() = default;
  virtual void step(Context& context, const Step& step) = 0;
  virtual std::unique_ptr<Process> clone() const = 0;
  // What a restart begins with: the same configuration and no memory. The disk is the host's.
  virtual std::unique_ptr<Process> restarted() const = 0;
  // It crashes or is removed, and its memory is lost: gives back what the world's stores hold for
  // it. No step: nothing may be sent, set or emitted.
  virtual void on_death(Shared&) {}
  // One line for reports: what this process is doing and waits for.
  virtual std::string describe() const = 0;
};

}  // namespace eosim::sim
