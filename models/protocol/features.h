// Switches that more than one part of a server goes by. Each is read here and nowhere else
// (design.md section 4).
#pragma once

#include <cstdint>

#include "models/protocol/messages.h"
#include "models/protocol/switches.h"

namespace eosim::kafka {

// The server's finalised transaction.version is 2: whatever a client speaks, what the server ends
// of itself gets a new epoch (transactions.md 3.5, 6.7).
bool ends_with_new_epoch(const Switches& switches);
// How the values of the transaction log are written (1.5).
TxnLogValueVersion log_value_version(const Switches& switches);
// The finalised feature as ApiVersions tells it (6.7).
int16_t transaction_version(const Switches& switches);

// Partitions have replicas that may lead beside the ISR (KIP-966).
bool finalises_elr(const Switches& switches);
// What these switches have of the features that are finalised for a whole cluster.
FinalisedFeatures finalised_in(const Switches& switches);
// The other way: a server that could do more does no more than the cluster has finalised.
void finalise(const FinalisedFeatures& features, Switches& switches);

// What a partition leader can be asked to write for a transaction.
enum class TransactionalWrite : uint8_t { kProduce, kOffsetCommit };
// The first one in a partition has to be vouched for by the transaction coordinator
// (KIP-890; 4.11).
bool verifies(const Switches& switches, TransactionalWrite write);

}  // namespace eosim::kafka
