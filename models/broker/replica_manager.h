// The replicas on this broker: their logs, in memory and on the host's disk, the roles that applied
// metadata gives them, and for those led here what may be read and must be acknowledged
// (groups-streams-replication.md 6.1-6.6, 6.8; Kafka's ReplicaManager and Partition).
//
// What a step changed is told by lists that the broker takes at its end and by nothing else: roles
// (take_role_changes), high watermarks and last stable offsets for those who wait (take_moved),
// logs that followers should look at (take_touched), ISR proposals for the controller
// (take_proposals).
//
// Files: replica_manager.cc finds and appends; replica_roles, replica_isr, replica_follow,
// replica_reads and replica_disk hold what their names say.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "models/broker/broker_config.h"
#include "models/broker/delayed_produce.h"
#include "models/broker/partition_rules.h"
#include "models/broker/replica.h"
#include "models/log/partition_log.h"
#include "models/protocol/batch.h"
#include "models/protocol/messages.h"
#include "models/protocol/types.h"
#include "sim/context.h"
#include "sim/ids.h"
#include "sim/outbox.h"

namespace eosim::kafka {

// Whose reference to a batch the log keeps: that of the caller, which is then gone (also after a
// refusal), or one of its own, while the caller keeps his.
enum class BatchReference : uint8_t { kGiven, kLent };

struct AppendTerms {
  Origin origin = Origin::kClient;
  int16_t acks = -1;
  BatchReference reference = BatchReference::kLent;
  bool min_isr = true;  // min.insync.replicas binds it
};
// Coordinators and markers wait for all replicas.
inline constexpr AppendTerms kCoordinatorTerms{Origin::kCoordinator, -1, BatchReference::kGiven};

struct ReadableBytes {
  Error error = Error::kNone;
  int64_t bytes = 0;
};

// A replica got another role, leader or leader epoch; what it is now stands in the replica.
struct RoleChange {
  uint32_t replica = 0;
  bool led = false;  // before
};

// What a leader makes of one partition of a follower's fetch (6.3).
struct FollowerView {
  Error error = Error::kNone;
  const PartitionLog* log = nullptr;  // that was looked at: good until the replica's role changes
  LeaderEpoch diverging_epoch;
  Offset diverging_end;  // with OFFSET_OUT_OF_RANGE: the leader's log end
  bool data = false;

  bool good() const { return error == Error::kNone && !diverging_epoch.valid(); }
};

class ReplicaManager {
 public:
  ReplicaManager() = default;
  explicit ReplicaManager(const BrokerConfig& config);

  // Replicas that the image places here, with what the disk has of them; roles come with apply().
  void recover(sim::Context& context, const MetadataImage& image);
  // Roles as this image has them (6.9).
  void apply(sim::Context& context, const MetadataImage& image);
  List<RoleChange> take_role_changes() { return std::exchange(role_changes_, {}); }

  // Checks, writes, and reports as a fact what was written or refused. Decided unless it has to
  // wait for the high watermark; a duplicate waits like the original.
  PartitionAppend append(sim::Context& context, TopicPartition partition, BatchId batch,
                         const AppendTerms& terms, const AppendVerification& verification = {});

  // A fact: why a batch is in no log.
  void report_refusal(sim::Context& context, TopicPartition partition, BatchId batch,
                      Error error) const;
  // transactions.md 4.11 step 1, for a partition led here.
  VerificationStart begin_verification(TopicPartition partition,
                                       const VerificationRequest& request);

  // What a fetch of the partition would get, counted up to `enough`.
  ReadableBytes readable(const FetchRequest::Partition& asked, IsolationLevel isolation,
                         int64_t enough) const;
  // Takes what it reads from `room`. The first batch of a whole answer comes also if it is larger.
  FetchResponse::Partition read(const FetchRequest::Partition& asked, IsolationLevel isolation,
                                int64_t& room, bool& first) const;
  ListOffsetsResponse::Partition list_offset(const BatchStore& store,
                                             const ListOffsetsRequest::Partition& asked,
                                             IsolationLevel isolation) const;
  OffsetForLeaderEpochResponse::Partition end_of_epoch(
      const OffsetForLeaderEpochRequest::Partition& asked) const;

  // --- leader, followers' fetches (replica_follow.cc, replica_isr.cc) ---
  FollowerView look(const FetchRequest::Partition& asked) const;
  // Up to the log's end. Gives where what was read ends.
  Offset read_for_follower(const PartitionLog& log, Offset from, int64_t& room,
                           FetchResponse::Partition& answer) const;
  // The session of this follower asks again; what it names comes through note_follower_fetch().
  // Gives the time of the fetch before.
  sim::SteadyTime note_session_fetch(sim::Context& context, BrokerId follower);
  void note_follower_fetch(sim::Context& context, BrokerId follower, BrokerEpoch epoch,
                           sim::SteadyTime previous_fetch, const FetchRequest::Partition& asked);
  // The follower's session does not ask for it any more, or was told an error.
  void note_follower_gone(TopicPartition partition, BrokerId follower);
  void shrink_isrs(sim::Context& context);
  // The number of the proposal is in the replica.
  List<uint32_t> take_proposals() { return std::exchange(proposals_, {}); }
  void on_alter_partition(sim::Context& context, uint32_t replica, uint32_t proposal, Error error,
                          const PartitionMetadata& state);

  // --- follower (replica_follow.cc) ---
  // What to ask the leader for next.
  FetchRequest::Partition next_fetch(uint32_t replica) const;
  // The answer to the last next_fetch(). An error that the fetcher has to wait after, or NONE.
  Error on_fetched(sim::Context& context, uint32_t replica, const FetchResponse::Partition& answer);

  void checkpoint_high_watermarks(sim::Context& context);
  // A stop in order: nothing is left to be lost, and producers stand beside the end of each log.
  void close(sim::Context& context);
  void expire_producers(sim::Context& context);
  void delete_old_segments(sim::Context& context);
  void clean_logs(sim::Context& context);

  // Partitions whose high watermark or last stable offset moved since the last call, in the order
  // of their first move. Lent until the next call, as what take_touched() gives.
  const std::vector<TopicPartition>& take_moved();
  bool any_moved() const { return !moved_.empty(); }
  bool any_touched() const { return !touched_.empty(); }
  bool any_proposals() const { return !proposals_.empty(); }
  // Replicas led here (or until now) of which followers may want to hear.
  const std::vector<uint32_t>& take_touched();
  Offset high_watermark(TopicPartition partition) const;
  Error error_after_append(TopicPartition partition) const;
  bool leads(TopicPartition partition) const;
  // UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER or NONE.
  Error leadership(TopicPartition partition) const;

  // Sorted by partition.
  const std::vector<Replica>& replicas() const { return replicas_; }
  const Replica& at(uint32_t replica) const { return replicas_.at(replica); }
  const Replica* find(TopicPartition partition) const;
  uint32_t index_of(const Replica& replica) const {
    return static_cast<uint32_t>(&replica - replicas_.data());
  }
  // Null: no replica here.
  const PartitionLog* log(TopicPartition partition) const;
  const Peers& peers() const { return peers_; }
  int32_t partitions_in_cluster() const { return first_index_.empty() ? 0 : first_index_.back(); }

 private:
  // Before leader epochs a follower could only trust what it knew to be committed (KIP-101).
  bool truncates_to_high_watermark() const { return switches_.on(Switch::kTruncateToHw); }
  Replica* find_mutable(TopicPartition partition);
  // The replica, if it leads and the asker knows the leader's epoch.
  struct Led {
    Error error = Error::kNone;
    const Replica* replica = nullptr;
  };
  Led find_led(TopicPartition partition, LeaderEpoch known_to_asker) const;
  // A replica outside the ISR of a partition that is led here.
  struct Missing {
    uint32_t replica = 0;  // the leader's
    BrokerId follower;
  };
  IsrTerms isr_terms(sim::Context& context) const { return {context.steady(), lag_max_}; }

  // replica_roles.cc
  void become_leader(sim::Context& context, Replica& replica, const PartitionMetadata& state);
  void become_follower(sim::Context& context, Replica& replica, const PartitionMetadata& state);

  // replica_isr.cc
  void raise_high_watermark(sim::Context& context, Replica& replica);
  void report_stable_offset(sim::Context& context, Replica& replica);
  void propose(Replica& replica, const BrokerList& isr);
  void list_missing();
  void note_move(Replica& replica);
  void touch(Replica& replica);

  // replica_follow.cc
  void copy(sim::Context& context, Replica& replica, const FetchResponse::Partition& answer);
  void truncate(sim::Context& context, Replica& replica, Offset end);
  void start_over(sim::Context& context, Replica& replica, Offset start);
  void follow_high_watermark(sim::Context& context, Replica& replica, Offset leaders);
  void report_start(sim::Context& context, const Replica& replica) const;

  // replica_disk.cc
  void recover_log(sim::Context& context, Replica& replica);
  void write_entry(sim::Context& context, Replica& replica, Offset before, bool rolled);
  void rewrite_file(sim::Context& context, const Replica& replica);
  void replace_file(sim::Context& context, const Replica& replica);
  void write_epochs(sim::Context& context, const Replica& replica) const;
  sim::FileId checkpoint_file(const Replica& replica) const;
  sim::FileId epoch_file(const Replica& replica) const;
  sim::FileId snapshot_file(const Replica& replica) const;
  void write_snapshots(sim::Context& context, const Replica& replica, bool closing) const;
  ExpiredProducers expired_producers(sim::Context& context) const;

  BrokerId self_;
  Switches switches_;
  List<int32_t> min_insync_replicas_;
  List<LogConfig> log_configs_;  // by TopicId
  sim::Duration lag_max_{};
  int64_t fetch_max_bytes_ = 0;
  int64_t producer_expiration_ms_ = 0;
  Peers peers_;
  std::vector<Replica> replicas_;
  std::vector<int32_t> first_index_;      // by TopicId: into partition_index_
  std::vector<int32_t> partition_index_;  // into replicas_, -1: no replica here
  sim::Outbox<TopicPartition> moved_;
  sim::Outbox<uint32_t> touched_;
  List<uint32_t> proposals_;
  List<Missing> missing_;
  bool missing_known_ = false;  // no ISR and no role has changed since it was listed
  List<RoleChange> role_changes_;
};

}  // namespace eosim::kafka
