// The partitions that this broker leads: their logs, in memory and on the host's disk, and what may
// be read and must be acknowledged of them (groups-streams-replication.md 6.1-6.4, Kafka's
// ReplicaManager and Partition).
//
// An append and the move of the high watermark are two things. Who waits for the high watermark
// learns of its moves, and of those of the last stable offset, from take_moved(), and from nothing
// else. Today a partition has one copy, so the high watermark may follow the log's end at once.
#pragma once

#include <cstdint>
#include <vector>

#include "models/broker/broker_config.h"
#include "models/broker/delayed_produce.h"
#include "models/log/partition_log.h"
#include "models/protocol/batch.h"
#include "models/protocol/messages.h"
#include "models/protocol/types.h"
#include "sim/context.h"
#include "sim/ids.h"

namespace eosim::kafka {

struct Replica {
  TopicPartition partition;
  sim::FileId file;  // number of the partition in the cluster: the same whoever has a copy
  LeaderEpoch leader_epoch;
  int32_t isr_size = 1;
  int32_t min_isr = 1;
  PartitionLog log;
  Offset reported_stable{0};  // last stable offset as last told
  bool moved = false;         // is in the list of take_moved()
};

// Whose reference to a batch the log keeps: that of the caller, which is then gone (also after a
// refusal), or one of its own, while the caller keeps his.
enum class BatchReference : uint8_t { kGiven, kLent };

struct AppendTerms {
  Origin origin = Origin::kClient;
  int16_t acks = -1;
  BatchReference reference = BatchReference::kLent;
};
// Coordinators and markers wait for all replicas.
inline constexpr AppendTerms kCoordinatorTerms{Origin::kCoordinator, -1, BatchReference::kGiven};

struct ReadableBytes {
  Error error = Error::kNone;
  int64_t bytes = 0;
};

class ReplicaManager {
 public:
  ReplicaManager() = default;
  // Leads what the image says, with empty logs.
  ReplicaManager(const BrokerConfig& config, const MetadataImage& image);

  // Reads every log back from the disk and leads it from there.
  void recover(sim::Context& context);

  // Checks, writes, and reports as a fact what was written or refused. Decided unless it has to
  // wait for the high watermark; a duplicate waits like the original.
  PartitionAppend append(sim::Context& context, TopicPartition partition, BatchId batch,
                         const AppendTerms& terms);

  // What a fetch of the partition would get, counted up to `enough`.
  ReadableBytes readable(const FetchRequest::Partition& asked, IsolationLevel isolation,
                         int64_t enough) const;
  // Takes what it reads from `room`. The first batch of a whole answer comes also if it is larger.
  FetchResponse::Partition read(const FetchRequest::Partition& asked, IsolationLevel isolation,
                                int64_t& room, bool& first) const;
  ListOffsetsResponse::Partition list_offset(const BatchStore& store,
                                             const ListOffsetsRequest::Partition& asked,
                                             IsolationLevel isolation) const;

  void expire_producers(sim::Context& context, int64_t expiration_ms);
  // BrokerConfig::high_watermark_lag is over for what was appended up to `offset`.
  void on_lag_over(sim::Context& context, uint32_t replica, Offset offset);

  // Partitions whose high watermark or last stable offset moved since the last call, in the order
  // of their first move.
  List<TopicPartition> take_moved();
  Offset high_watermark(TopicPartition partition) const;
  // What an append gets whose records are now below the high watermark: NONE, or
  // NOT_ENOUGH_REPLICAS_AFTER_APPEND if replicas were lost meanwhile.
  Error error_after_append(TopicPartition partition) const;

  // Sorted by partition.
  const std::vector<Replica>& replicas() const { return replicas_; }
  const Replica* find(TopicPartition partition) const;
  // Null: not led here.
  const PartitionLog* log(TopicPartition partition) const;

 private:
  Replica* find(TopicPartition partition);
  // UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER or NONE.
  Error leadership(TopicPartition partition) const;
  Error check_leader_epoch(TopicPartition partition, LeaderEpoch known_to_client) const;
  void advance_high_watermark(sim::Context& context, Replica& replica, Offset offset);
  void after_append(sim::Context& context, Replica& replica);
  void report_stable_offset(sim::Context& context, Replica& replica);
  void note_move(Replica& replica);

  Switches switches_;
  sim::Duration high_watermark_lag_{};
  std::vector<Replica> replicas_;
  std::vector<int32_t> first_index_;      // by TopicId: into partition_index_
  std::vector<int32_t> partition_index_;  // into replicas_, -1: not led here
  List<TopicPartition> moved_;
};

}  // namespace eosim::kafka
