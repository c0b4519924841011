// K4 durable_ack. What an idempotent producer was told to be written is in the settled log at that
// offset, once, and in the order in which it was sent (transactions.md 7.3, X8 and X9;
// groups-streams-replication.md 8, R5). Records are told apart by their call of send(), so a batch
// that is sent again under another epoch is known again.
//
// As it happens: acknowledgements against the log, settled batches against each other, and what a
// new leader lacks. At quiescence: acknowledgements that the log never reached. Not checked:
// producers without an id, which promise neither; what was lost by unclean elections and disks.
// Bounded: of a producer's records in a partition the newest batches are compared, and what was
// folded is not judged.
#pragma once

#include <array>

#include "models/check/check_context.h"

namespace eosim::check {

class DurableAck {
 public:
  static bool wants(Event fact) {
    return fact == Event::kLogHighWatermark || fact == Event::kProducerAcknowledged ||
           fact == Event::kLeaderStarted || fact == Event::kLogLoaded;
  }
  void on_fact(const CheckContext& context);
  void at_quiescence(const CheckContext& context);

 private:
  struct Sent {
    uint64_t first = 0;  // number of the batch's first call of send()
    Offset base;
    BatchId batch;
  };
  // The newest batches of a producer in a partition, and the highest of them all.
  struct Window {
    std::array<Sent, 8> newest;
    size_t next = 0;
    uint64_t highest = 0;
  };
  // A batch that is in the log behind one that was sent after it: wrong if it is acknowledged.
  struct Late {
    TopicPartition partition;
    BatchId batch;
    Offset base;
    Sent before;
  };

  void on_settled(const CheckContext& context, const TailEntry& entry);
  void on_acknowledged(const CheckContext& context);
  void on_leader(const CheckContext& context);

  FlatMap<std::pair<TopicPartition, ProducerId>, Window> windows_;
  std::vector<Late> late_;
};

}  // namespace eosim::check
