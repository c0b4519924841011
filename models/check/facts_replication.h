// The facts of replication and of the controller by name; see facts.h.
#pragma once

#include "models/check/facts.h"

namespace eosim::check {

struct LeaderStarted {
  static constexpr Event kEvent = Event::kLeaderStarted;
  TopicPartition partition;
  int64_t leader_epoch;
  Offset high_watermark;
  Offset end;
};

struct LogTail {  // log.tail, and replica.appended
  TopicPartition partition;
  Offset base;
  Offset last;
  BatchId batch;
  int64_t leader_epoch;  // of the term; of a replica: of the batch
};

struct FollowerStarted {
  static constexpr Event kEvent = Event::kFollowerStarted;
  TopicPartition partition;
  int64_t leader_epoch;
  int64_t leader;
  Offset end;
};

struct LogTruncated {
  static constexpr Event kEvent = Event::kLogTruncated;
  TopicPartition partition;
  Offset end;
  Offset from;
};

struct LogMoved {  // log.start_moved
  TopicPartition partition;
  Offset offset;
};

struct LogCleaned {
  static constexpr Event kEvent = Event::kLogCleaned;
  TopicPartition partition;
  int64_t entries;
  Offset up_to;
};

struct PartitionChanged {
  static constexpr Event kEvent = Event::kPartitionChanged;
  TopicPartition partition;
  int64_t leader;
  int64_t leader_epoch;
  int64_t partition_epoch;
  uint64_t isr;
};

struct UncleanElection {
  static constexpr Event kEvent = Event::kUncleanElection;
  TopicPartition partition;
  int64_t leader;
  int64_t leader_epoch;
};

struct LogLoaded {
  static constexpr Event kEvent = Event::kLogLoaded;
  TopicPartition partition;
  Offset end;
  Offset high_watermark;
  Offset stable;
};

}  // namespace eosim::check
