// Strong ids. Parts of a world name each other by these, never by pointer: a copy of a world is a
// copy of vectors (design.md section 2).
#pragma once

#include <compare>
#include <cstdint>

namespace eosim::sim {

// A process: what crashes, pauses and restarts. It runs on a host of its own, which has the disk
// and the clocks. The index is dense, in the order in which the processes were added to the world.
struct ProcessId {
  uint32_t index = UINT32_MAX;
  friend constexpr auto operator<=>(ProcessId, ProcessId) = default;
};
inline constexpr ProcessId kNoProcess{};

// An actor: what runs in order by itself and what a stall can stop. Numbered by its process.
struct ActorId {
  uint16_t index = 0;
  friend constexpr auto operator<=>(ActorId, ActorId) = default;
};

// A slot and its generation: an id of something that has ended never names its successor.
struct ConnectionId {
  uint32_t slot = UINT32_MAX;
  uint32_t generation = 0;
  friend constexpr auto operator<=>(ConnectionId, ConnectionId) = default;
};
inline constexpr ConnectionId kNoConnection{};

struct TimerId {
  uint32_t slot = UINT32_MAX;
  uint32_t generation = 0;
  friend constexpr auto operator<=>(TimerId, TimerId) = default;
};
inline constexpr TimerId kNoTimer{};

// A file on a process's disk. The model numbers its files densely from 0.
struct FileId {
  uint32_t index = UINT32_MAX;
  friend constexpr auto operator<=>(FileId, FileId) = default;
};

// A kind of message, registered by the model with its name (World::Config::message_kinds).
struct MessageKind {
  uint16_t index = UINT16_MAX;
  friend constexpr auto operator<=>(MessageKind, MessageKind) = default;
};

// A kind of trace event: an index into the model's table of kinds (sim/trace.h).
struct EventKindId {
  uint16_t index = UINT16_MAX;
  friend constexpr auto operator<=>(EventKindId, EventKindId) = default;
};

}  // namespace eosim::sim
