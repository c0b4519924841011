// Finds the position of partitions that have none: asks the leader for the earliest or the latest
// offset (SubscriptionState.reset, Fetcher.resetOffsetsIfNeeded;
// groups-streams-replication.md 3.6). Does not block a poll: a partition joins the fetches when its
// answer is there.
#pragma once

#include "models/client/consumer_core.h"

namespace eosim::kafka {

class OffsetResetter {
 public:
  void send(sim::Context& context, ConsumerCore& core);
  void on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply);

 private:
  struct InFlight {
    uint64_t tag = 0;
    uint64_t assignment_number = 0;
    List<ListOffsetsRequest::Partition> partitions;
  };
  bool asked(TopicPartition partition) const;
  // It is ours as it was when the request was sent.
  static bool still_asked(const ConsumerCore& core, const InFlight& request,
                          TopicPartition partition);
  void apply(sim::Context& context, ConsumerCore& core, const InFlight& request,
             const ListOffsetsResponse::Partition& answer);

  List<InFlight> in_flight_;
};

// The start of reading a partition, as a fact.
void emit_position(sim::Context& context, const ConsumerCore& core, TopicPartition partition,
                   Offset offset, bool reset);

}  // namespace eosim::kafka
