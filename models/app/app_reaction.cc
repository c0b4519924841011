#include "models/app/app_reaction.h"

namespace eosim::kafka {

AppReaction reaction_to(ApiCall call, Exception thrown) {
  switch (thrown) {
    case Exception::kNone:
      return AppReaction::kGoOn;
    case Exception::kProducerFenced:
    case Exception::kFencedInstanceId:
    case Exception::kOutOfOrderSequence:
    case Exception::kAuthorization:
    case Exception::kUnsupportedVersion:
    case Exception::kIllegalState:
      return AppReaction::kClose;
    case Exception::kTimeout:
      // Its outcome is unknown. A batch that expired shows as a TimeoutException, too: then the
      // same call throws what the state says, and an abort follows.
      if (call == ApiCall::kSend || call == ApiCall::kSendOffsets) return AppReaction::kAbort;
      return AppReaction::kRepeat;
    default:
      // Not even an abort goes: the error was the producer's end.
      if (call == ApiCall::kAbort || call == ApiCall::kInit) return AppReaction::kClose;
      return AppReaction::kAbort;
  }
}

}  // namespace eosim::kafka
