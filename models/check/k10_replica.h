// K10 replica. Copies of a partition agree below the smaller of their high watermarks, and what
// moves, moves in the allowed direction (groups-streams-replication.md 8: R1 to R10;
// transactions.md P6, P8, P17).
//
// By facts as they happen: leaders and epochs, high watermarks, truncations, records that a new
// leader lacks. By looking at the logs, at moments between steps of brokers: the batches that have
// come since the last look, and what orders each log's offsets and epochs. At quiescence: producer
// states. By looking, too: what was written in one leader epoch is the same everywhere, also above
// the high watermarks (R2), and who coordinates leads (R11). Not checked: copies of brokers that
// are down.
#pragma once

#include "models/check/check_context.h"
#include "models/check/cluster_view.h"

namespace eosim::check {

class ReplicaCheck {
 public:
  static bool wants(Event fact) {
    return fact == Event::kReplicaAppended || fact == Event::kLogHighWatermark ||
           fact == Event::kLogLastStableOffset || fact == Event::kLeaderStarted ||
           fact == Event::kLogTail || fact == Event::kLogTruncated || fact == Event::kLogLoaded ||
           fact == Event::kLogCleaned || fact == Event::kPartitionChanged;
  }
  // And any fact, that may come at a moment to look.
  bool wants_to_look() const { return touches_ >= kTouchesBetweenLooks; }
  void on_fact(const CheckContext& context, const ClusterView* view);
  void at_quiescence(const CheckContext& context, const ClusterView* view);

 private:
  static constexpr uint64_t kTouchesBetweenLooks = 256;

  // How far a copy was compared with its leader's, and whether something came since.
  struct Compared {
    std::vector<std::pair<sim::ProcessId, Offset>> until;
    Offset cleaned;  // below, batches may have been written anew
    bool dirty = false;
  };

  void touch(TopicPartition partition);
  void cut(TopicPartition partition, sim::ProcessId broker, Offset end);
  void on_leader(const CheckContext& context);
  void on_truncated(const CheckContext& context);
  void look(const CheckContext& context, const ClusterView& view);
  void compare(const CheckContext& context, TopicPartition partition, const ReplicasSeen& replicas);
  void compare(const CheckContext& context, TopicPartition partition, Compared& compared,
               const ReplicaSeen& leader, const ReplicaSeen& other);
  static void tails(const CheckContext& context, TopicPartition partition, Offset from,
                    const ReplicaSeen& leader, const ReplicaSeen& other);
  static Offset& until_of(Compared& compared, sim::ProcessId broker);

  PartitionMap<Compared> partitions_;
  std::vector<TopicPartition> dirty_;
  uint64_t touches_ = 0;
};

}  // namespace eosim::check
