// Which requests a partition leader has verified, and what their senders are told when that failed
// (transactions.md 4.11, 2.6).
#pragma once

#include <cstdint>

#include "models/protocol/errors.h"
#include "models/protocol/switches.h"

namespace eosim::kafka {

// What a request's version asks for.
enum class VerificationMode : uint8_t {
  kNone,
  kDefault,    // the client does not know TRANSACTION_ABORTABLE
  kAbortable,  // it does
  kAdd,        // transaction version 2: partitions are added, not verified
};
VerificationMode produce_verification(const Switches& switches, bool enabled, int16_t version);
VerificationMode offset_verification(const Switches& switches, bool enabled, int16_t version);

// Of a partition's error as the coordinator gave it, or of the connection.
Error verification_error(VerificationMode mode, Error error);
// As a producer is told.
Error produce_error_of_verification(const Switches& switches, VerificationMode mode, Error error);
// As who commits offsets is told.
Error offset_error_of_verification(const Switches& switches, VerificationMode mode, int16_t version,
                                   Error error);

}  // namespace eosim::kafka
