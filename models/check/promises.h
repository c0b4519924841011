// What a cluster and a client of these generations promise to each other. Checkers ask this, never
// a preset or a guarantee: where a generation does not promise something, its absence is no
// violation (its consequences are). Defects are left out by whoever makes the switches: a promise
// that a defect breaks is still a promise.
#pragma once

#include "models/protocol/switches.h"

namespace eosim::check {

struct Promises {
  // A TxnOffsetCommit that carries a generation is taken only while it is current (KIP-447;
  // groups-streams-replication.md 2.3, O1).
  bool checks_generation = false;
  // And the client's do carry one: a member that was passed by commits no offsets.
  bool fences_offsets_by_generation = false;
  // An OffsetFetch that asks for it gets no offset while a transactional one is undecided (KIP-447;
  // 2.8, O6). The worker of the classic coordinator knows markers by their producer id alone, and
  // may take the offsets of the next transaction with them (2.5): there nothing is promised.
  bool stable_offset_fetch = false;
  // A partition takes the first batch of a transaction only if the coordinator knows of it
  // (KIP-890; transactions.md 4.11): a session that has passed writes nothing, not even to a log
  // that never saw its successor.
  bool verifies_produce = false;
  // The same for offset commits (transactions.md 4.11).
  bool verifies_offsets = false;
  // Every transaction has an epoch of its own (KIP-890 part 2, transaction version 2): records and
  // markers of two transactions cannot be taken for each other (P11, T5).
  bool epoch_per_transaction = false;
  // And a client may abort what has not begun.
  bool aborts_empty = false;
  // And a marker of an epoch that has passed closes nothing (KIP-1228; P12).
  bool strict_markers = false;
  // By how much ending a transaction raises the epoch at most (T18, T20); 0: nobody says.
  int16_t epoch_step_max = 0;
  // The first transactional batch of a producer in a partition has sequence 0 (P3). It is the
  // verification that knows it (transactions.md 4.4 row 0), which other batches do not have.
  bool first_sequence_is_zero = false;
  // A partition keeps somebody in sync, whoever dies (groups-streams-replication.md 8, R8).
  bool some_in_sync = false;
};

Promises promises(const kafka::Switches& cluster, const kafka::Switches& client);
// What both promise: the promise of a cluster is that of its weakest broker to the weakest client
// that is concerned.
Promises weaker(const Promises& a, const Promises& b);

}  // namespace eosim::check
