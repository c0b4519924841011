// The words for the enumerations of the protocol, as Kafka spells them where it has a spelling.
#pragma once

#include <string_view>

#include "models/protocol/batch.h"
#include "models/protocol/events.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

std::string_view word(TransactionState state);     // "PrepareCommit"
std::string_view word(GroupState state);           // "CompletingRebalance"
std::string_view word(ProducerClientState state);  // "IN_TRANSACTION"
std::string_view word(IsolationLevel level);       // "read_committed"
std::string_view word(CommitOutcome outcome);      // "committed"
std::string_view word(RemovalReason reason);       // "session_expired"
std::string_view word(ControlType type);           // "COMMIT"

}  // namespace eosim::kafka
