// The model's half of a world: bodies of messages in pools by kind, stores, names. The kernel keeps
// it, copies it with the world, and otherwise only asks what is below.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/disk.h"
#include "sim/ids.h"
#include "sim/trace.h"

namespace eosim::sim {

class World;
struct FaultSpec;

// What a selector or a process name stands for: a process, and one actor of it or all.
struct Target {
  ProcessId process;
  bool one_actor = false;
  ActorId actor;
};

class Shared {
 public:
  virtual ~Shared() = default;
  virtual std::unique_ptr<Shared> clone() const = 0;

  // The message was handled or will reach nobody: its body's slot may be used again.
  virtual void release_body(MessageKind kind, bool request, uint32_t body) = 0;

  // These entries of a file are no longer on any disk: a loss of power or of the disk took them.
  virtual void entries_lost(FileId, std::span<const DiskEntry>) {}

  // The table of event kinds; indexed by EventKindId.
  virtual const std::vector<EventKind>& event_kinds() const = 0;
  virtual std::string format(FieldType type, int64_t value) const = 0;
  // The same for equal things in every run, whatever their ids: a hash of the text.
  virtual uint64_t stable_hash(FieldType type, int64_t value) const = 0;
  // The value itself is the same in every run, and is its own stable_hash().
  virtual bool is_stable(FieldType) const { return false; }

  // Selectors that are not process names: "leader:output-0". Empty: nobody at the moment.
  virtual std::vector<Target> resolve(const World& world, std::string_view selector) const = 0;
  // Actors that stand still when a process is stalled as a whole (its application threads).
  virtual std::vector<ActorId> stallable_actors(const World& world, ProcessId process) const = 0;
  // What stores and pools hold, by counts and fixed sizes: the same on every machine.
  virtual uint64_t memory_bytes() const { return 0; }
  // Whether a fault that must not take a last copy (FaultSpec::spares_last_copy) may strike this
  // victim now; the victim is unset for the model's own faults.
  virtual bool may_strike(const World&, const FaultSpec&, ProcessId) const { return true; }
  // A fault kind that the kernel does not know.
  virtual void apply(World& world, const FaultSpec& fault, bool begin) = 0;
  // World::wake_model() asked for it.
  virtual void on_wake(World&, uint64_t) {}
  // All faults end now; processes that are down are about to start.
  virtual void on_heal(World&) {}
};

}  // namespace eosim::sim
