// Asks a leader that is new to a position whether its log has all that was read: where does the
// epoch of the last batch end there (KIP-320; Fetcher.validateOffsetsIfNeeded, later
// OffsetFetcher.validatePositionsIfNeeded; groups-streams-replication.md 3.7)? Without that, a
// fetch from a leader that has lost records, or was deposed before it had them, ends out of range,
// and the reset policy decides. Does not block a poll: a partition joins the fetches when its
// answer is there.
#pragma once

#include "models/client/consumer_core.h"

namespace eosim::kafka {

class PositionValidator {
 public:
  void send(sim::Context& context, ConsumerCore& core);
  void on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply);

  // Not ok: truncation, and no policy for it (LogTruncationException, which is an
  // OffsetOutOfRangeException).
  CallResult failure() const { return failure_; }

 private:
  struct InFlight {
    uint64_t tag = 0;
    uint64_t assignment_number = 0;
    List<PartitionPosition> positions;  // as they were
  };
  static bool still_asked(const ConsumerCore& core, const InFlight& request,
                          const PartitionPosition& asked);
  void apply(sim::Context& context, ConsumerCore& core,
             const OffsetForLeaderEpochResponse::Partition& answer);

  List<InFlight> in_flight_;
  CallResult failure_;
};

}  // namespace eosim::kafka
