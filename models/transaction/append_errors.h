// How the result of an append to the transaction log is told to a client (transactions.md 3.4 step
// 3).
#pragma once

#include "models/protocol/errors.h"

namespace eosim::kafka {

Error transaction_append_error(Error append);

// A failed append whose record may stand in the log all the same, and replicate later.
bool may_be_in_log(Error append);

}  // namespace eosim::kafka
