// What goes into a log, what stands in it, and what comes out of it.
#pragma once

#include <cstdint>
#include <vector>

#include "models/protocol/batch.h"
#include "models/protocol/errors.h"
#include "models/protocol/messages.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

// Who appends. Clients are checked in full, coordinators have no sequences, and what is replicated
// or replayed was checked by the leader that took it.
enum class Origin : uint8_t { kClient, kCoordinator, kReplication };

struct LogEntry {
  Offset base_offset;
  BatchId batch;
  LeaderEpoch leader_epoch;
  int32_t count = 0;  // offsets, not records: the cleaner takes records and leaves offsets
  uint32_t bytes = 0;

  Offset end_offset() const { return base_offset + count; }
  friend bool operator==(const LogEntry&, const LogEntry&) = default;
};

struct AppendResult {
  Error error = Error::kNone;
  bool duplicate = false;  // nothing was appended; the offsets are those of the first time
  Offset base_offset;      // unset if refused
  Offset last_offset;
  bool rolled = false;             // into a new segment: what stands before it is flushed
  Error violation = Error::kNone;  // replication: what a leader would have refused, and is logged

  bool appended() const { return error == Error::kNone && !duplicate; }
  friend bool operator==(const AppendResult&, const AppendResult&) = default;
};

struct ReadResult {
  Error error = Error::kNone;        // or OFFSET_OUT_OF_RANGE
  FetchedBatches batches;            // whole ones; the first may begin before what was asked
  List<AbortedTransaction> aborted;  // read_committed only
  uint32_t bytes = 0;
  Offset end;  // of the last batch; unset: there is none
};

// Batches that a log no longer holds: the caller gives the references back.
using Released = std::vector<BatchId>;

}  // namespace eosim::kafka
