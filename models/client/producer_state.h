// The legal transitions of a producer's state (transactions.md 5.1, TransactionManager.State).
#pragma once

#include "models/protocol/events.h"

namespace eosim::kafka {

// By target and allowed sources, as the table of the specification. Releases lack those that their
// rules never attempt: up to 2.4 there is no epoch bump, up to 3.5 no second try of a refused
// initialisation. `v2`: the producer has gone over to TV2, and a commit may be followed by a bump.
bool legal_transition(ProducerClientState from, ProducerClientState to, bool v2 = false);

}  // namespace eosim::kafka
