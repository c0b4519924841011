// Typed trace events. Every step emits events with stable names; an event kind carries the names
// and types of its fields, so that a sink needs no code for each. Two classes (design.md section
// 2): facts are what a run is, go into the digest always and to observers; notes explain, exist
// only while somebody listens, and never touch the digest.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sim/ids.h"
#include "sim/time.h"

namespace eosim::sim {

// How the 64-bit value of a field is read. The kernel knows the first three; the others belong to
// the model, whose Shared formats them and gives them a stable hash for the digest.
enum class FieldType : uint8_t {
  kInteger,
  kDuration,  // nanoseconds
  kProcess,   // ProcessId::index
  kStoreId,   // an id in a store: names nothing outside this run, so it is left out of the digest
  kModel,     // from here on: the model's own types, kModel + n
};

struct FieldSpec {
  std::string_view name;
  FieldType type = FieldType::kInteger;
};

inline constexpr size_t kFieldsMax = 10;

struct EventKind {
  std::string_view name;  // "group.generation_began"; stable: part of the contract with the user
  bool fact = true;
  std::array<FieldSpec, kFieldsMax> fields{};
  uint8_t field_count = 0;
};

// One event as observers and sinks get it. `step` numbers the item of the queue in whose step it
// was emitted, `cause` the step that scheduled that item (0: the world itself).
struct TraceEvent {
  Time at;
  uint64_t step = 0;
  uint64_t cause = 0;
  EventKindId kind;
  ProcessId process;
  ActorId actor;
  std::array<int64_t, kFieldsMax> fields{};
};

// What the kernel itself reports, for sinks and for observers that ask.
enum class KernelEvent : uint8_t {
  kSent,        // a message left its sender
  kDelivered,   // it reached the process and is stepped
  kDropped,     // it will reach nobody
  kTimerFired,  //
  kClosed,      // a client learns that its connection ended
  kStarted,     // a process started (incarnation)
  kDisk,        // a flush ended
  kFaultBegan,
  kFaultEnded,
  kExited,  // a process ended in order
};

struct KernelRecord {
  Time at;
  uint64_t step = 0;
  uint64_t cause = 0;
  KernelEvent event;
  bool request = false;  // kSent, kDelivered, kDropped: request or response
  bool late = false;     // what a dead or given-up connection had sent
  MessageKind kind;
  ProcessId from;  // the sender; for others the process concerned
  ProcessId to;
  ActorId actor;
  ConnectionId connection;
  uint32_t correlation = 0;
  uint32_t bytes = 0;
  uint32_t body = UINT32_MAX;  // readable during the call only
  std::string_view text;       // faults: what and whom
};

class World;

// Somebody who watches a run: checkers, metrics, sinks. Draws nothing, changes nothing; a run with
// and without observers has the same digest. Owned beside the world and copied with it by the
// owner.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_event(const World&, const TraceEvent&) {}
  virtual void on_kernel(const World&, const KernelRecord&) {}
  virtual bool wants_kernel_records() const { return false; }
  virtual bool wants_notes() const { return false; }
};

}  // namespace eosim::sim
