#include "models/check/promises.h"

namespace eosim::check {

using kafka::Switch;

Promises promises(const kafka::Switches& cluster, const kafka::Switches& client) {
  Promises made;
  made.checks_generation = cluster.on(Switch::kTxnOffsetMembershipCheck);
  made.fences_offsets_by_generation = made.checks_generation && client.on(Switch::kGroupMetadata);
  made.stable_offset_fetch =
      cluster.on(Switch::kStableOffsetFetch) && client.on(Switch::kRequireStable);
  made.verifies_produce = cluster.on(Switch::kVerifyProduce);
  made.verifies_offsets = cluster.on(Switch::kVerifyOffsetCommit);
  made.epoch_per_transaction =
      cluster.on(Switch::kTv2Endtxn) && client.on(Switch::kExplicitRegistration);
  made.aborts_empty = cluster.on(Switch::kTv2Endtxn);
  made.strict_markers = made.epoch_per_transaction && cluster.on(Switch::kStrictMarkerEpoch);
  if (cluster.on(Switch::kFailedFenceGuard)) {
    made.epoch_step_max = cluster.on(Switch::kFenceDoubleBump) ? 2 : 1;
  }
  made.first_sequence_is_zero =
      made.epoch_per_transaction && cluster.on(Switch::kRejectNonzeroFirstSeq);
  made.some_in_sync = !cluster.on(Switch::kElr);
  return made;
}

}  // namespace eosim::check
