// What a leader asks of a batch before it takes it, in Kafka's order (transactions.md 4.1 steps 1
// and 3, 4.3-4.6, 4.11 step 7). Reads and decides; changes nothing.
#pragma once

#include "models/log/log_entry.h"
#include "models/log/producer_state.h"
#include "models/log/verification.h"
#include "models/protocol/switches.h"

namespace eosim::kafka {

// The rules for a batch as such (1.7).
Error check_structure(const RecordBatch& batch, Origin origin, uint32_t max_message_bytes);

// What the partition knows of the batch's producer; either may be null.
struct KnownProducer {
  const ProducerEntry* entry = nullptr;
  const VerificationEntry* verification = nullptr;
};

// A transaction of the producer is open here, which vouches for the batch. Before 4.0 whatever the
// epoch is.
bool transaction_open(const Switches& switches, const ProducerEntry* entry, ProducerEpoch epoch);

// 4.11: an epoch that has passed is told so before it is verified.
bool stale_before_verification(const Switches& switches, const ProducerEntry* entry,
                               ProducerEpoch epoch);

// 4.1 step 3b: the first batch of a transaction needs the guard that it was verified with.
Error check_verification(const Switches& switches, const RecordBatch& batch, Origin origin,
                         KnownProducer known, const AppendVerification& verification);

// The producer's part of 4.3-4.6, for origins other than replication.
Error check_producer(const Switches& switches, const RecordBatch& batch, Origin origin,
                     KnownProducer known);

}  // namespace eosim::kafka
