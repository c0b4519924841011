// Blocking calls of an application thread. A call leaves an entry in its client's call table and
// ends the step; the thread goes on when the client wakes it (kTimer step with
// ClientTimer::kCallDone on the application's actor). What waits is data (design.md section 2,
// Blocking calls).
#pragma once

#include <cstdint>

#include "models/protocol/errors.h"
#include "sim/process.h"

namespace eosim::kafka {

// TimerTag::kind of every timer in a client process; TimerTag::small names the component (index of
// the producer, consumer or application thread in its process), TimerTag::large is the component's.
enum class ClientTimer : uint32_t {
  kCallDone,        // to the application's actor: large = call number
  kCallTimeout,     // to the application's actor: large = call number (max.block.ms, poll timeout)
  kSenderWake,      // producer: something to do for the sender thread
  kSenderBackoff,   // producer: the sender thread's sleep ends
  kSenderDeadline,  // producer: linger or delivery timeout
  kConsumerRetry,   // consumer, application's actor
  kHeartbeat,       // consumer, heartbeat actor
  kRequestTimeout,  // network client: large = packed owner's choice
  kReconnect,       // network client
  kApplication,     // the application's own
};

inline sim::TimerTag client_tag(ClientTimer kind, uint32_t component, uint64_t value = 0) {
  return {static_cast<uint32_t>(kind), component, value};
}

// A call's number within its client; never reused.
struct CallId {
  uint64_t number = 0;
  bool valid() const { return number != 0; }
  friend constexpr auto operator<=>(CallId, CallId) = default;
};

// How a call ended, in the terms in which an application must tell them apart
// (transactions.md 5.11, groups-streams-replication.md 4.3).
enum class Thrown : uint8_t {
  kNothing,               // returned normally
  kTimeout,               // TimeoutException: the outcome is unknown, the same call may be repeated
  kProducerFenced,        // fatal: ProducerFencedException
  kInvalidProducerEpoch,  // abortable since 2.7
  // OutOfOrderSequenceException, thrown as it is by the commit that waits for the batch: abortable
  // to the producer, and the documentation has applications close it all the same.
  kOutOfOrderSequence,
  kCommitFailed,         // CommitFailedException: abort, rejoin
  kRebalanceInProgress,  // RebalanceInProgressException of a plain commit
  kFencedInstanceId,     // fatal
  kIllegalState,         // IllegalStateException: misuse
  kAbortable,            // any other KafkaException while the producer can abort
  kFatal,                // any other error after which only close() helps
};

struct CallResult {
  Thrown thrown = Thrown::kNothing;
  Error error = Error::kNone;  // the code behind it, where there is one
  // A KafkaException around the error, because the call came after it; a call that was waiting when
  // it struck throws the error itself (transactions.md 5.11).
  bool wrapped = false;
  bool ok() const { return thrown == Thrown::kNothing; }
};
inline constexpr CallResult kIllegal{Thrown::kIllegalState, Error::kNone};

}  // namespace eosim::kafka
