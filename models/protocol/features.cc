#include "models/protocol/features.h"

namespace eosim::kafka {

bool ends_with_new_epoch(const Switches& switches) { return switches.on(Switch::kTv2Endtxn); }

TxnLogValueVersion log_value_version(const Switches& switches) {
  return switches.as<TxnLogValueVersion>(Switch::kTxnLogValueVersion);
}

int16_t transaction_version(const Switches& switches) {
  if (ends_with_new_epoch(switches)) return 2;
  return log_value_version(switches) == TxnLogValueVersion::kV1 ? 1 : 0;
}

bool finalises_elr(const Switches& switches) { return switches.on(Switch::kElr); }

FinalisedFeatures finalised_in(const Switches& switches) {
  FinalisedFeatures features;
  features.transaction_version = transaction_version(switches);
  features.eligible_leader_replicas = finalises_elr(switches);
  return features;
}

void finalise(const FinalisedFeatures& features, Switches& switches) {
  const int16_t level = features.transaction_version;
  const auto value = level >= 1 ? TxnLogValueVersion::kV1 : TxnLogValueVersion::kV0;
  switches.set(Switch::kTv2Endtxn, static_cast<uint8_t>(level >= 2));
  switches.set(Switch::kTxnLogValueVersion, static_cast<uint8_t>(value));
  switches.set(Switch::kElr, static_cast<uint8_t>(features.eligible_leader_replicas));
}

bool verifies(const Switches& switches, TransactionalWrite write) {
  const bool produce = write == TransactionalWrite::kProduce;
  return switches.on(produce ? Switch::kVerifyProduce : Switch::kVerifyOffsetCommit);
}

}  // namespace eosim::kafka
