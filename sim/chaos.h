// Chaos: faults drawn from choices, by slots of time. One stream a fault kind decides whether it
// strikes in a slot, when, whom, and for how long; victims go by the rank of a hash of their names,
// so that one more instance does not re-deal the others (design.md section 2, Choices). What is
// drawn is a list of faults like any other: it can be pasted into a scenario.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/choices.h"
#include "sim/fault.h"
#include "sim/time.h"

namespace eosim::sim {

struct ChaosKind {
  FaultKind kind = FaultKind::kPause;
  std::string word;  // as a scenario writes it
  uint32_t weight = 1;
  // Names that may be hit. For kinds that hit a pair, the other end is drawn from `others`.
  std::vector<std::string> victims;
  std::vector<std::string> others;
  std::vector<MessageKind> rpcs;  // for kinds that hit one message: one of these
  // Of the model's own kinds: they last, and say how late something is; without, they are over at
  // once.
  bool lasts = false;
  bool late = false;
  bool spares_last_copy = false;  // see FaultSpec
};

struct ChaosSpec {
  Duration mean_interval = seconds(4);  // between faults, over all kinds
  Duration until = seconds(60);
  Duration length_min = milliseconds(1);  // one round trip
  Duration length_max = seconds(60);      // beyond the longest timeout it can race with
  bool swarm = false;                     // a seed switches a random subset of kinds off
  std::vector<ChaosKind> kinds;
};

std::vector<FaultSpec> draw_chaos(Choices& choices, const ChaosSpec& spec);

}  // namespace eosim::sim
