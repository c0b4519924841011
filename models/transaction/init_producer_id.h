// The rules of InitProducerId from the point where the transactional id is in the cache
// (transactions.md 2.3, steps 8 to 12, and its table "assign").
#pragma once

#include "models/protocol/errors.h"
#include "models/transaction/transaction_metadata.h"

namespace eosim::kafka {

struct InitDecision {
  enum class Step : uint8_t {
    kRefuse,  // with `error`
    kAssign,  // append Empty with `producer`; when `rotate`, its id is still to be allocated
    kFence,   // abort the open transaction first (3.6)
  };
  Step step = Step::kRefuse;
  Error error = Error::kNone;
  bool rotate = false;
  ProducerIdAndEpoch producer;
  ProducerEpoch last_producer_epoch;
};

// `expected` is unset when the client gave none or the variant does not look at it. Fencing is
// PRODUCER_FENCED here; what the client is told depends on its version (2.1).
InitDecision decide_init(const TransactionMetadata& metadata, ProducerIdAndEpoch expected);

}  // namespace eosim::kafka
