#include "models/check/promises.h"

namespace eosim::check {

using kafka::Switch;

Promises promises(const kafka::Switches& cluster, const kafka::Switches& client) {
  Promises made;
  made.checks_generation = cluster.on(Switch::kTxnOffsetMembershipCheck);
  made.fences_offsets_by_generation = made.checks_generation && client.on(Switch::kGroupMetadata);
  made.stable_offset_fetch =
      cluster.on(Switch::kStableOffsetFetch) && client.on(Switch::kRequireStable);
  made.verifies_produce = false;  // no switch of E1 and E2 brings it
  return made;
}

}  // namespace eosim::check
