// The rules of EndTxn when every end raises the epoch (KIP-890 part 2, "TV2"): the second table of
// transactions.md 3.5, the path of requests from version 5 on, and of internal aborts when
// transaction.version is 2. A producer that repeats its request, because the answer was lost, is
// told by its epoch, which is then one behind; one with the current epoch asks for the next end.
#pragma once

#include "models/transaction/end_txn.h"

namespace eosim::kafka {

// Steps 3 to 6. NONE without `prepare`: a repetition, answered with the cached pair.
EndDecision decide_bumping_end(const TransactionMetadata& metadata, ProducerIdAndEpoch producer,
                               ControlType result, bool from_client, bool pending_first);

}  // namespace eosim::kafka
