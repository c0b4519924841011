// The legal transitions of a producer's state (transactions.md 5.1, TransactionManager.State).
#pragma once

#include "models/protocol/events.h"

namespace eosim::kafka {

// By target and allowed sources, as the table of the specification. Releases up to 2.4 lack two of
// them, which their rules never attempt: they know no epoch bump.
bool legal_transition(ProducerClientState from, ProducerClientState to);

}  // namespace eosim::kafka
