// The rules of EndTxn, of the abort inside a fence and of what is looked at again when the Prepare
// record is acknowledged: the first table of transactions.md 3.5, 3.2 and 3.6. This is the path of
// requests up to version 4 (TV1), and of internal aborts unless transaction.version is 2. The other
// path is in bumping_end_txn.h.
#pragma once

#include <optional>

#include "models/protocol/errors.h"
#include "models/protocol/switches.h"
#include "models/transaction/transaction_metadata.h"

namespace eosim::kafka {

struct EndDecision {
  bool prepare = false;        // append the Prepare record
  Error error = Error::kNone;  // else: answer this
  // The second table only: a producer id is to be allocated first, for what comes after the end.
  bool needs_producer_id = false;
};

enum class EndPath : uint8_t { kPlain, kBumping };  // TV1, TV2

// Steps 3 to 6. `epoch_rule` is for clients; an internal abort may only not be older.
EndDecision decide_end(const TransactionMetadata& metadata, ProducerIdAndEpoch producer,
                       ControlType result, bool from_client, ClientEndTxnEpoch epoch_rule);

// The epoch that a fence moves to (3.6 step 2). With the guard, an attempt after a failed one uses
// the epoch that the failed one has already taken. None: all epochs are used up (KAFKA-9666,
// KAFKA-20090), an illegal state in Kafka.
std::optional<ProducerEpoch> fence_epoch(const TransactionMetadata& metadata,
                                         bool failed_fence_guard);

// Step 7: the cached epoch is raised before the append (3.6 step 4).
void raise_epoch_for_fence(TransactionMetadata& metadata, ProducerEpoch epoch, FenceLastEpoch rule);

// Step 9, in the step in which the Prepare record was acknowledged. After a bumping end the cached
// epoch may also be one more than what was asked for.
Error recheck_prepared(const TransactionMetadata& metadata, ProducerIdAndEpoch ended,
                       TransactionState prepared, EndPath path);

}  // namespace eosim::kafka
