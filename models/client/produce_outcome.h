// What a producer does with the error of a batch (transactions.md 5.7 and the last paragraph of
// 2.13), as pure functions of what it knows of the batch.
#pragma once

#include "models/protocol/errors.h"
#include "models/protocol/switches.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

// What is known when the answer comes.
struct RefusedBatch {
  Error error = Error::kNone;
  Offset log_start_offset;  // of the response
  bool transactional = false;
  bool can_bump = false;          // the client may raise its epoch (5.9)
  bool rewritten = false;         // its sequence was changed after it had been sent
  bool next_in_sequence = false;  // it is lastAckedSequence + 1
  bool partition_unresolved = false;
  bool follows_unresolved = false;  // directly
  bool current_producer = true;     // it has the producer's present id and epoch
  Offset last_acked_offset;
};

struct RetryDecision {
  bool retry = false;
  bool request_bump = false;       // idempotent: raise the epoch, renumber this partition
  bool restart_sequences = false;  // renumber this partition from 0 in the same epoch
  friend bool operator==(const RetryDecision&, const RetryDecision&) = default;
};
RetryDecision decide_retry(const RefusedBatch& batch);

// What failing a batch does to the state of a transactional producer.
enum class FailedBatchReaction : uint8_t { kAbortable, kFatal, kFatalFenced };
// `knows_bumps`: the client is of KIP-360 (5.9).
FailedBatchReaction reaction_to_failed_batch(Error error, const Switches& switches,
                                             bool knows_bumps);
// What the producer is then said to have failed with: since 4.1 what an abort heals has one name.
Error error_of_failed_batch(Error error, const Switches& switches);

}  // namespace eosim::kafka
