// Records written and read (transactions.md 2.8, 4; groups-streams-replication.md 3.5, 6.3).
#pragma once

#include <cstdint>

#include "models/protocol/batch.h"
#include "models/protocol/errors.h"
#include "models/protocol/rpc.h"
#include "models/protocol/types.h"
#include "sim/small_list.h"

namespace eosim::kafka {

struct ProduceRequest : RequestOf<Rpc::kProduce> {
  struct Partition {
    TopicPartition partition;
    BatchId batch;
  };
  Name transactional_id;
  int16_t acks = -1;
  int32_t timeout_ms = 30'000;
  sim::SmallList<Partition, 2> partitions;
};
struct ProduceResponse : ResponseOf<Rpc::kProduce> {
  struct Partition {
    TopicPartition partition;
    Error error = Error::kNone;
    Offset base_offset;
    Offset log_start_offset;
    // Who leads instead, where this broker knows (version 10, KIP-951).
    BrokerId leader;
    LeaderEpoch leader_epoch;
  };
  sim::SmallList<Partition, 2> partitions;
};

struct FetchRequest : RequestOf<Rpc::kFetch> {
  struct Partition {
    TopicPartition partition;
    Offset offset;
    LeaderEpoch current_leader_epoch;
    LeaderEpoch last_fetched_epoch;  // followers: of the last batch they hold; unset: none
  };
  BrokerId replica;           // unset: a consumer
  BrokerEpoch replica_epoch;  // followers (KIP-903)
  // Followers fetch in sessions (KIP-227): 0 opens one and names every partition, later ones count
  // from 1 and name only what changed since the last request.
  int32_t session_epoch = 0;
  List<TopicPartition> forgotten;  // left the session
  IsolationLevel isolation = IsolationLevel::kReadUncommitted;
  int32_t max_wait_ms = 500;
  int32_t min_bytes = 1;
  int32_t max_bytes = 52'428'800;
  sim::SmallList<Partition, 2> partitions;
};
struct AbortedTransaction {
  ProducerId producer_id;
  Offset first_offset;
};
struct FetchedBatch {
  Offset base_offset;
  LeaderEpoch leader_epoch;
  BatchId batch;
};
using FetchedBatches = sim::SmallList<FetchedBatch, 2>;
struct FetchResponse : ResponseOf<Rpc::kFetch> {
  struct Partition {
    TopicPartition partition;
    Error error = Error::kNone;
    Offset fetch_offset;  // what was asked, so that a stale response can be dropped
    Offset high_watermark;
    Offset last_stable_offset;
    Offset log_start_offset;
    // Followers: where the leader's log parts from theirs (groups-streams-replication.md 6.3).
    LeaderEpoch diverging_epoch;
    Offset diverging_end;
    FetchedBatches batches;
    List<AbortedTransaction> aborted;
  };
  // FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH: open a new session.
  Error error = Error::kNone;
  List<Partition> partitions;  // in a session: those with something to say
};

inline constexpr int64_t kLatestTimestamp = -1;
inline constexpr int64_t kEarliestTimestamp = -2;

struct ListOffsetsRequest : RequestOf<Rpc::kListOffsets> {
  struct Partition {
    TopicPartition partition;
    int64_t timestamp = kLatestTimestamp;
    LeaderEpoch current_leader_epoch;
  };
  IsolationLevel isolation = IsolationLevel::kReadUncommitted;
  List<Partition> partitions;
};
struct ListOffsetsResponse : ResponseOf<Rpc::kListOffsets> {
  struct Partition {
    TopicPartition partition;
    Error error = Error::kNone;
    Offset offset;
    LeaderEpoch leader_epoch;
  };
  List<Partition> partitions;
};

// Where the log of a leader ends for an epoch (KIP-320).
struct OffsetForLeaderEpochRequest : RequestOf<Rpc::kOffsetForLeaderEpoch> {
  struct Partition {
    TopicPartition partition;
    LeaderEpoch current_leader_epoch;
    LeaderEpoch leader_epoch;  // the one asked about
  };
  List<Partition> partitions;
};
struct OffsetForLeaderEpochResponse : ResponseOf<Rpc::kOffsetForLeaderEpoch> {
  struct Partition {
    TopicPartition partition;
    Error error = Error::kNone;
    // The greatest epoch up to the one asked about, and its end; unset: not known to the leader.
    LeaderEpoch leader_epoch;
    Offset end_offset;
  };
  List<Partition> partitions;
};

}  // namespace eosim::kafka
