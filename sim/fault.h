// Faults are data: timed or triggered, from a scenario or drawn by chaos, applied by the kernel
// (cli-and-scenarios.md 2.4). Targets and ends are texts: process names, threads ("app-0/1") or
// selectors, which the model resolves when the fault strikes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/ids.h"
#include "sim/time.h"

namespace eosim::sim {

enum class FaultKind : uint8_t {
  kCrash,            // memory is gone, the disk stays
  kPowerLoss,        // and what was not flushed is gone too; the peers are told nothing
  kDiskLoss,         // as a crash, and the disk comes back empty
  kPause,            // the whole process stands still
  kStall,            // its stallable actors do, or the one that is named
  kPartition,        // messages between two sets are held
  kResetConnection,  // connections break
  kDelay,            // a message, or all of a kind, is late
  kDropResponse,     // handled, and the answer never arrives
  kSlowLink,         // a factor on the latency of a process's links
  kSlowDisk,         // writes occupy the process, and flushes take their time
  kSlowCpu,          // steps occupy the process: what arrives meanwhile waits
  kClockJump,        //
  kClockDrift,       //
  kModel,            // the model's own: Shared::apply
  kRestart,          // the process is asked to end in order, and starts again
};

enum class Phase : uint8_t { kSent, kDelivered, kHandled, kResponded };
enum class Direction : uint8_t { kBoth, kTo, kFrom };  // seen from `between`
enum class What : uint8_t { kRequest, kResponse, kBoth };

struct Trigger {
  // Messages: kind, ends (empty: any) and phase; or an event by name with values of its fields.
  MessageKind rpc;
  std::string from;
  std::string to;
  Phase phase = Phase::kSent;
  std::string event;
  std::vector<std::pair<std::string, std::string>> where;
  uint32_t nth = 1;
  Time after{};
};

struct FaultSpec {
  FaultKind kind = FaultKind::kPause;
  std::string word;  // as the scenario says it: "pause", "rebalance"
  Time at{};         // without a trigger
  std::optional<Trigger> on;
  bool repeat = false;
  Duration length{-1};  // "for"; negative: not given
  std::string target;
  std::vector<std::string> between;
  std::vector<std::string> others;  // "and"; empty: all that are not in `between`
  Direction direction = Direction::kBoth;
  std::string from;  // ends of connections or messages
  std::string to;
  MessageKind rpc;  // unset: any
  What what = What::kRequest;
  Duration by{};
  int64_t factor_thousandths = 1'000;
  int64_t ppm = 0;
  uint32_t plan = 0;   // of the model's own kinds: which of what it has prepared
  bool drawn = false;  // by chaos
  // Shared::may_strike() is asked when it strikes: for what destroys data and must leave a copy.
  bool spares_last_copy = false;
};

// What became of a fault, for the result: a scripted one that never struck is worth a warning.
struct FaultRecord {
  FaultSpec spec;
  bool struck = false;
  Time at{};     // first strike
  Time until{};  // end of its effect (at: instantaneous)
  uint32_t strikes = 0;
  std::string victim;  // resolved, at the first strike
};

}  // namespace eosim::sim
