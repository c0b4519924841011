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

bool verifies(const Switches& switches, TransactionalWrite write) {
  const bool produce = write == TransactionalWrite::kProduce;
  return switches.on(produce ? Switch::kVerifyProduce : Switch::kVerifyOffsetCommit);
}

}  // namespace eosim::kafka
