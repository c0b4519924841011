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
  // 2.8, O6).
  bool stable_offset_fetch = false;
  // A partition takes the first batch of a transaction only if the coordinator knows of it
  // (KIP-890; transactions.md 4.11): a session that has passed writes nothing, not even to a log
  // that never saw its successor.
  bool verifies_produce = false;
};

Promises promises(const kafka::Switches& cluster, const kafka::Switches& client);

}  // namespace eosim::check
