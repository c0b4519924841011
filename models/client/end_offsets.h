// Where partitions end, asked of their leaders (ListOffsets; KafkaConsumer.endOffsets, and what
// Streams asks its admin client for since KAFKA-10167): as read_committed readers see it, or with
// everything below the high watermark.
#pragma once

#include "models/client/consumer_core.h"

namespace eosim::kafka {

class EndOffsets {
 public:
  void begin(List<TopicPartition> partitions, IsolationLevel isolation);
  // true: all are known.
  bool advance(sim::Context& context, ConsumerCore& core);
  const List<OffsetAndEpoch>& found() const { return found_; }
  // true: the reply was ours.
  bool on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply);

 private:
  struct InFlight {
    uint64_t tag = 0;
    List<TopicPartition> partitions;  // none: nobody waits for it any more
  };
  bool asked(TopicPartition partition) const;

  List<TopicPartition> missing_;  // sorted
  IsolationLevel isolation_ = IsolationLevel::kReadUncommitted;
  sim::SteadyTime retry_at_;
  List<InFlight> in_flight_;
  List<OffsetAndEpoch> found_;
};

}  // namespace eosim::kafka
