// K13 offsets. The committed offset of a group never moves back, unless a client asked for it after
// the newer commit, and never disappears (groups-streams-replication.md O3, O4, O9); and where that
// is promised nobody who asks for a stable offset is told one while a transaction has another that
// is undecided (O5, O6).
//
// As it happens: each commit that a coordinator shows, each answer to OffsetFetch. What a load
// shows before the log has decided it may be gone with that leader: it counts once it is decided.
// At quiescence: what the coordinator has is what the records of the offsets log say. An offset
// that its coordinator lets expire is none any more.
#pragma once

#include "models/check/check_context.h"
#include "models/check/observation.h"

namespace eosim::check {

class Offsets {
 public:
  static bool wants(Event fact) {
    return fact == Event::kOffsetCommitted || fact == Event::kOffsetFetched;
  }
  void on_fact(const CheckContext& context);
  void at_quiescence(const CheckContext& context, const Observation& seen);
};

}  // namespace eosim::check
