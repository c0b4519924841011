// What an application does about an exception of its transactional producer: the table of
// groups-streams-replication.md 4.3 and the rule of transactions.md 5.11. It goes by what an
// application can see: by the call and the exception, and not by the producer's state.
#pragma once

#include "models/client/exceptions.h"

namespace eosim::kafka {

enum class ApiCall : uint8_t { kInit, kBegin, kSend, kSendOffsets, kCommit, kAbort };

enum class AppReaction : uint8_t {
  kGoOn,
  kRepeat,  // the same call, and nothing else
  kAbort,   // then go back in the input
  kClose,   // the producer, without an abort; a supervisor starts anew
};

AppReaction reaction_to(ApiCall call, Exception thrown);

}  // namespace eosim::kafka
