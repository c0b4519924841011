// K3 effect_once. In read-process-write every input record has exactly one effect in committed
// output, and the effects of one input partition stand in one output partition in the order of
// their inputs (groups-streams-replication.md E1-E3). Records carry their lineage as a ghost.
//
// Duplicates and disorder as they become visible; loss at quiescence, for the records that the
// group has passed. Not checked: records that no group has passed (K7 if they wait for ever).
#pragma once

#include "models/check/check_context.h"

namespace eosim::check {

class EffectOnce {
 public:
  // When effects have become visible.
  void on_fact(const CheckContext& context);
  void at_quiescence(const CheckContext& context);
};

}  // namespace eosim::check
