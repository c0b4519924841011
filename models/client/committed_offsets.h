// Asks the group coordinator for committed offsets until it has an answer (OffsetFetch;
// groups-streams-replication.md 2.8, 2.9). One object for the positions of newly assigned
// partitions, another one for committed().
#pragma once

#include "models/client/consumer_core.h"

namespace eosim::kafka {

class CommittedOffsets {
 public:
  enum class Progress : uint8_t { kDone, kWaiting, kFailed };

  // Sends when something has to be sent. A question that differs from the last one (partitions or
  // `number`) begins anew, and what is in flight for the old one is of the past.
  Progress advance(sim::Context& context, ConsumerCore& core,
                   const List<TopicPartition>& partitions, uint64_t number);
  // After kDone: in the order asked. The question is then over.
  List<OffsetAndEpoch> take();
  CallResult failure() const { return failure_; }
  void forget();
  // true: the reply was ours.
  bool on_reply(sim::Context& context, ConsumerCore& core, const Reply& reply);

 private:
  void send(sim::Context& context, ConsumerCore& core);
  void on_response(sim::Context& context, ConsumerCore& core, const Reply& reply);
  void on_error(sim::Context& context, ConsumerCore& core, Error error, const Reply& reply);

  List<TopicPartition> asked_;
  uint64_t number_ = 0;
  uint64_t tag_ = 0;  // of the request in flight
  sim::SteadyTime retry_at_;
  int32_t attempts_ = 0;
  bool wants_stable_ = false;
  bool done_ = false;
  CallResult failure_;
  List<OffsetAndEpoch> found_;
};

}  // namespace eosim::kafka
