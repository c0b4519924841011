// The facts of replication and of the controller by name; see facts.h.
#pragma once

#include "models/check/facts.h"

namespace eosim::check {

struct LeaderStarted {
  static constexpr Event kEvent = Event::kLeaderStarted;
  explicit LeaderStarted(FieldReader f)
      : partition(f.partition()),
        leader_epoch(f.integer()),
        high_watermark(f.offset()),
        end(f.offset()) {}
  TopicPartition partition;
  int64_t leader_epoch;
  Offset high_watermark;
  Offset end;
};

struct LogTail {  // log.tail, and replica.appended
  explicit LogTail(FieldReader f)
      : partition(f.partition()),
        base(f.offset()),
        last(f.offset()),
        batch(f.batch()),
        leader_epoch(f.integer()) {}
  TopicPartition partition;
  Offset base;
  Offset last;
  BatchId batch;
  int64_t leader_epoch;  // of the term; of a replica: of the batch
};

struct FollowerStarted {
  static constexpr Event kEvent = Event::kFollowerStarted;
  explicit FollowerStarted(FieldReader f)
      : partition(f.partition()), leader_epoch(f.integer()), leader(f.integer()), end(f.offset()) {}
  TopicPartition partition;
  int64_t leader_epoch;
  int64_t leader;
  Offset end;
};

struct LogTruncated {
  static constexpr Event kEvent = Event::kLogTruncated;
  explicit LogTruncated(FieldReader f)
      : partition(f.partition()), end(f.offset()), from(f.offset()) {}
  TopicPartition partition;
  Offset end;
  Offset from;
};

struct LogMoved {  // log.start_moved
  explicit LogMoved(FieldReader f) : partition(f.partition()), offset(f.offset()) {}
  TopicPartition partition;
  Offset offset;
};

struct LogCleaned {
  static constexpr Event kEvent = Event::kLogCleaned;
  explicit LogCleaned(FieldReader f)
      : partition(f.partition()), entries(f.integer()), up_to(f.offset()) {}
  TopicPartition partition;
  int64_t entries;
  Offset up_to;
};

struct PartitionChanged {
  static constexpr Event kEvent = Event::kPartitionChanged;
  explicit PartitionChanged(FieldReader f)
      : partition(f.partition()),
        leader(f.integer()),
        leader_epoch(f.integer()),
        partition_epoch(f.integer()),
        isr(static_cast<uint64_t>(f.integer())) {}
  TopicPartition partition;
  int64_t leader;
  int64_t leader_epoch;
  int64_t partition_epoch;
  uint64_t isr;
};

struct UncleanElection {
  static constexpr Event kEvent = Event::kUncleanElection;
  explicit UncleanElection(FieldReader f)
      : partition(f.partition()), leader(f.integer()), leader_epoch(f.integer()) {}
  TopicPartition partition;
  int64_t leader;
  int64_t leader_epoch;
};

struct LogLoaded {
  static constexpr Event kEvent = Event::kLogLoaded;
  explicit LogLoaded(FieldReader f)
      : partition(f.partition()), end(f.offset()), high_watermark(f.offset()), stable(f.offset()) {}
  TopicPartition partition;
  Offset end;
  Offset high_watermark;
  Offset stable;
};

}  // namespace eosim::check
