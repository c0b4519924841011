// Which producers a leader has asked the transaction coordinator about before the first write of a
// transaction (KIP-890; transactions.md 1.9, 4.4, 4.11; Kafka's VerificationStateEntry and
// VerificationGuard). A guard is unique: that it is still there at the append proves that no marker
// and no other first write came between the coordinator's answer and this one. It is in no snapshot
// and ends with the process; a change of roles or a cut of the log ends none. Kafka's
// ProducerStateManager keeps verificationStates through makeFollower, makeLeader and
// truncateAndReload, and an append by replication removes what a leader's would
// (UnifiedLog.updateProducers). transactions.md 4.10 has it that they are lost with the role.
#pragma once

#include <cstdint>
#include <vector>

#include "models/protocol/errors.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

// Unset: nothing was verified, because nothing had to be (Kafka's sentinel).
using VerificationGuard = Strong<struct VerificationGuardTag, uint64_t, 0>;

struct VerificationEntry {
  ProducerId producer;
  ProducerEpoch epoch;
  Sequence lowest_sequence;  // that any of the requests began with
  VerificationGuard guard;
  int64_t timestamp_ms = -1;
  bool supports_epoch_bump = false;  // made by a request of transaction version 2
  friend bool operator==(const VerificationEntry&, const VerificationEntry&) = default;
};

// What a request wants to write to one partition, as the leader hears of it first.
struct VerificationRequest {
  ProducerIdAndEpoch producer;
  Sequence first_sequence;  // unset: an offset commit
  int64_t now_ms = 0;
  bool supports_epoch_bump = false;
};

struct VerificationStart {
  Error error = Error::kNone;
  VerificationGuard guard;  // unset: there is nothing to verify
};

// How an append was verified.
struct AppendVerification {
  bool enabled = false;  // transaction.partition.verification.enable at the time of the append
  VerificationGuard guard;
};

class VerificationTable {
 public:
  const VerificationEntry* find(ProducerId producer) const;
  // One entry a producer: requests at the same time share its guard.
  VerificationGuard begin(const VerificationRequest& request);
  // A batch of a transaction, or its marker, was appended. A marker leaves what belongs to the next
  // transaction, which is already on its way (4.6 item 5).
  void appended(ProducerIdAndEpoch producer, bool marker);
  void expire(int64_t now_ms, int64_t expiration_ms);
  bool empty() const { return entries_.empty(); }
  friend bool operator==(const VerificationTable&, const VerificationTable&) = default;

 private:
  std::vector<VerificationEntry> entries_;  // by producer
  uint64_t last_guard_ = 0;
};

}  // namespace eosim::kafka
