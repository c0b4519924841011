#include "models/check/promises.h"

#include <algorithm>

namespace eosim::check {

using kafka::Switch;

Promises promises(const kafka::Switches& cluster, const kafka::Switches& client) {
  Promises made;
  made.checks_generation = cluster.on(Switch::kTxnOffsetMembershipCheck);
  made.fences_offsets_by_generation = made.checks_generation && client.on(Switch::kGroupMetadata);
  made.stable_offset_fetch =
      cluster.on(Switch::kStableOffsetFetch) && client.on(Switch::kRequireStable) &&
      cluster.as<kafka::CoordinatorImpl>(Switch::kCoordinatorImpl) ==
          kafka::CoordinatorImpl::kNew &&
      cluster.as<kafka::MarkerMaterialization>(Switch::kMarkerMaterialization) ==
          kafka::MarkerMaterialization::kAtomic;
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

Promises weaker(const Promises& a, const Promises& b) {
  Promises both;
  both.checks_generation = a.checks_generation && b.checks_generation;
  both.fences_offsets_by_generation =
      a.fences_offsets_by_generation && b.fences_offsets_by_generation;
  both.stable_offset_fetch = a.stable_offset_fetch && b.stable_offset_fetch;
  both.verifies_produce = a.verifies_produce && b.verifies_produce;
  both.verifies_offsets = a.verifies_offsets && b.verifies_offsets;
  both.epoch_per_transaction = a.epoch_per_transaction && b.epoch_per_transaction;
  // Not what somebody must not do, but what somebody may.
  both.aborts_empty = a.aborts_empty || b.aborts_empty;
  both.strict_markers = a.strict_markers && b.strict_markers;
  const bool both_say = a.epoch_step_max > 0 && b.epoch_step_max > 0;
  both.epoch_step_max = both_say ? std::max(a.epoch_step_max, b.epoch_step_max) : int16_t{0};
  both.first_sequence_is_zero = a.first_sequence_is_zero && b.first_sequence_is_zero;
  both.some_in_sync = a.some_in_sync && b.some_in_sync;
  return both;
}

}  // namespace eosim::check
