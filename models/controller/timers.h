// The controller's timers: TimerTag::kind, and what the tag's arguments are.
#pragma once

#include <cstdint>

#include "sim/process.h"

namespace eosim::kafka {

enum class ControllerTimer : uint32_t {
  kSessions,   // the earliest end of a session, as it was when the timer was set
  kRebalance,  // leader.imbalance.check.interval.seconds
  kPoll,       // large: number of a poll; its max wait is over
  kAnswer,     // large: number of a late answer
};

constexpr sim::TimerTag timer_tag(ControllerTimer kind, uint64_t large = 0) {
  return {static_cast<uint32_t>(kind), 0, large};
}

}  // namespace eosim::kafka
