// What a producer does with each error of a transactional request (transactions.md 2.13), as a pure
// function of the RPC, the code and the client's switches.
#pragma once

#include "models/protocol/errors.h"
#include "models/protocol/messages.h"
#include "models/protocol/switches.h"

namespace eosim::kafka {

enum class Reaction : uint8_t {
  kDone,            // no error
  kRetry,           // the same request again, after a sleep
  kRediscover,      // forget the coordinator, look it up, then the same request again
  kAbortable,       // the transaction has to be aborted
  kAbortableBump,   // so, and the epoch is raised then; fatal if the client cannot (5.9)
  kAbortableAtEnd,  // AddPartitions: so, but only after all partitions were looked at
  kCommitFailed,    // abortable as CommitFailedException
  kFencedInstance,  // abortable as FencedInstanceIdException
  kFatal,           //
  kFatalFenced,     // fatal as ProducerFencedException
};

// `aborting`: the request is an EndTxn that aborts (4.1+ tells it from a commit's).
Reaction reaction_to(Rpc rpc, Error error, const Switches& switches, bool aborting = false);

// The one place that reads the switch; Produce responses ask too.
bool pid_mapping_is_fatal(const Switches& switches);

}  // namespace eosim::kafka
