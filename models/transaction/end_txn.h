// The rules of EndTxn, of the abort inside a fence and of what is looked at again when the Prepare
// record is acknowledged (transactions.md 3.2, 3.5 first table, 3.6; variants A to D).
#pragma once

#include "models/protocol/errors.h"
#include "models/protocol/switches.h"
#include "models/transaction/transaction_metadata.h"

namespace eosim::kafka {

struct EndDecision {
  bool prepare = false;        // append the Prepare record
  Error error = Error::kNone;  // else: answer this
};

// Steps 3 to 6. `epoch_rule` is for clients; an internal abort may only not be older.
EndDecision decide_end(const TransactionMetadata& metadata, ProducerIdAndEpoch producer,
                       ControlType result, bool from_client, ClientEndTxnEpoch epoch_rule);

// The epoch that a fence moves to (3.6 step 2). With the guard, an attempt after a failed one uses
// the epoch that the failed one has already taken.
ProducerEpoch fence_epoch(const TransactionMetadata& metadata, bool failed_fence_guard);

// Step 7: the cached epoch is raised before the append (3.6 step 4).
void raise_epoch_for_fence(TransactionMetadata& metadata, ProducerEpoch epoch, FenceLastEpoch rule);

// Step 9, in the step in which the Prepare record was acknowledged.
Error recheck_prepared(const TransactionMetadata& metadata, ProducerIdAndEpoch ended,
                       TransactionState prepared);

}  // namespace eosim::kafka
