// commitSync(): a plain OffsetCommit, repeated while the error allows it
// (ConsumerCoordinator.commitOffsetsSync; groups-streams-replication.md 2.2, 3.4).
#pragma once

#include <optional>

#include "models/client/consumer_core.h"

namespace eosim::kafka {

class OffsetCommitter {
 public:
  void begin(List<OffsetAndEpoch> offsets);
  // The result once there is one.
  std::optional<CallResult> advance(sim::Context& context, ConsumerCore& core);
  void on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply);

 private:
  void send(sim::Context& context, ConsumerCore& core);

  List<OffsetAndEpoch> offsets_;
  uint64_t tag_ = 0;
  Membership::Snapshot sent_;
  sim::SteadyTime retry_at_;
  int32_t attempts_ = 0;
  std::optional<CallResult> result_;
};

}  // namespace eosim::kafka
