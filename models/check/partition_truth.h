// What a partition's log says, folded from its facts alone: which batch was decided how, and by
// which marker. The broker has no part in it: this is the independent reading that consumers, logs
// and coordinators are compared with. A marker decides all that is open of its producer id, whoever
// it was meant for (transactions.md 4.6); which transaction instance a batch belongs to is known
// from its ghost.
//
// Of a replicated log only what is settled is true: what the leader of the newest term has told to
// be below its high watermark, once, in log order. Behind it lies the tail: what that leader has
// appended, or had when it began to lead (groups-streams-replication.md 6.4, 6.7). A leader of an
// older term settles nothing.
//
// Bounded: what is decided and below every reader is let go; a reader that goes below the kept part
// is not judged there.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/check/facts.h"
#include "models/check/flat_map.h"
#include "sim/ids.h"

namespace eosim::check {

enum class Fate : uint8_t { kPlain, kOpen, kCommitted, kAborted };

struct BatchTruth {
  Offset base;
  Offset last;
  ProducerIdAndEpoch producer;
  uint64_t instance = 0;
  Fate fate = Fate::kPlain;
  Offset marker;  // that decided it
  BatchId id;
  bool acknowledged = false;  // its producer was told that it is there
};

// An entry of the tail. The leader's log holds its batch until it is settled or dropped.
struct TailEntry {
  BatchId batch;
  Offset base;
  Offset last;
  ProducerIdAndEpoch producer;
  bool transactional = false;
  bool marker = false;
  bool commit = false;
  int64_t appended_ns = 0;
};

// Somebody was told that a batch is at an offset that is not settled yet.
struct EarlyAck {
  Offset base;
  BatchId batch;
};

// Who leads, in the newest term that is known.
struct TermTruth {
  int64_t epoch = -1;
  sim::ProcessId leader = sim::kNoProcess;  // kNoProcess: nobody said
  uint32_t incarnation = 0;
  bool told = false;  // by the leader itself, when it began
};

// A copy of the log, as its broker's facts say.
struct ReplicaTruth {
  sim::ProcessId broker;
  Offset end{0};
  // Its broker came back with less than it had: until it has that much again.
  Offset short_of;
};

// The controller's record.
struct ControllerTruth {
  int64_t leader = -1;
  int64_t leader_epoch = -1;
  int64_t partition_epoch = -1;
  uint64_t isr = 0;  // bits by broker
  bool known = false;
};

// A record of an output that is the effect of an input record.
struct PlacedEffect {
  Offset at;
  ProducerId producer;
  uint64_t instance = 0;
  Name application;
  TopicPartition input;
  Offset input_offset;
  int32_t ordinal = 0;
  int32_t key = 0;
  int64_t value = 0;
};

class PartitionTruth {
 public:
  explicit PartitionTruth(TopicPartition partition = {}) : partition_(partition) {}

  TopicPartition partition() const { return partition_; }
  // A data batch; its effects wait with it.
  void append(const BatchTruth& batch, const std::vector<PlacedEffect>& effects);
  // A marker: gives the batches that it decided and, of a commit, their effects.
  void decide(Offset marker, ProducerIdAndEpoch producer, bool commit,
              std::vector<BatchTruth>& closed, std::vector<PlacedEffect>& effects);
  // Settled batches from `end` on are lost, and those that lost their marker are open again: both
  // as they were before.
  void truncate(Offset end, std::vector<BatchTruth>& lost, std::vector<BatchTruth>& reopened);
  void set_high_watermark(Offset offset) { high_watermark_ = offset; }
  void set_stable(Offset offset) { stable_ = offset; }

  // --- replication ---
  const TermTruth& term() const { return term_; }
  void begin_term(const TermTruth& term) {
    term_ = term;
    tail_.clear();
  }
  void take(const TailEntry& entry) { tail_.push_back(entry); }
  // The entries that a high watermark passes, in order, and no longer in the tail.
  // Effects of a batch that is open again.
  void wait(const std::vector<PlacedEffect>& effects) {
    waiting_.insert(waiting_.end(), effects.begin(), effects.end());
  }
  void pass(Offset high_watermark, std::vector<TailEntry>& passed);
  // A marker or a record of the transaction log is settled: nothing but an offset.
  void settled(Offset last) { end_ = std::max(end_, last + 1); }
  const std::vector<TailEntry>& tail() const { return tail_; }
  // Where the leader's log ends.
  Offset log_end() const { return tail_.empty() ? end_ : tail_.back().last + 1; }
  const std::vector<ReplicaTruth>& replicas() const { return replicas_; }
  ReplicaTruth& replica(sim::ProcessId broker);
  // Its broker has come back, or says for another reason where the log ends: what is not there and
  // was not cut, its disk has lost.
  ReplicaTruth& replica_ends(sim::ProcessId broker, Offset end);
  const ReplicaTruth* find_replica(sim::ProcessId broker) const;
  ControllerTruth controller;
  // An election took a replica that was not in sync: whatever vanishes at its start, vanishes by
  // the rules (6.7).
  bool unclean = false;
  Offset log_start{0};
  // Records from here on were lost for a reason that no protocol helps against: nothing is promised
  // for this partition any more. Unset: never.
  Offset void_from;
  // A producer was told that its batch is at this offset.
  void acknowledge(Offset offset, BatchId batch);
  const std::vector<EarlyAck>& early_acks() const { return early_acks_; }
  // Those of what has been settled since, without the batch that they name.
  void unfounded_acks(std::vector<EarlyAck>& unfounded);

  // Where the settled part ends.
  Offset end() const { return end_; }
  Offset high_watermark() const { return high_watermark_; }
  Offset stable() const { return stable_; }
  // Something here waits: for a marker, or for replicas.
  bool stable_behind() const { return open_ > 0 || !tail_.empty() || high_watermark_ < end_; }
  // The last stable offset that follows from the settled part; unset: it is not all there is.
  Offset expected_stable() const;
  // The last record that a read_committed reader may get; unset: none.
  Offset last_visible() const { return last_visible_; }
  // Kept batches, by offset.
  const std::vector<BatchTruth>& batches() const { return batches_; }
  Offset kept_from() const { return kept_from_; }
  const BatchTruth* find(Offset offset) const;
  // The first visible record in [from, to) that is kept; unset: none.
  Offset first_visible(Offset from, Offset to) const;
  uint64_t visible_records() const { return visible_records_; }
  size_t open_batches() const { return open_; }
  // The highest epoch of a producer id that the newest leader's log has seen; unset: never.
  ProducerEpoch seen_epoch(ProducerId id) const;
  // The first open batch of each producer id with open ones.
  std::vector<BatchTruth> open_transactions() const;
  // Effects in open batches.
  const std::vector<PlacedEffect>& waiting() const { return waiting_; }

  // Lets go of decided batches below `offset`.
  void fold(Offset offset);

 private:
  size_t index_of(Offset offset) const;
  size_t first_open() const;
  void saw(ProducerIdAndEpoch producer);

  TopicPartition partition_;
  TermTruth term_;
  std::vector<TailEntry> tail_;
  std::vector<ReplicaTruth> replicas_;
  std::vector<EarlyAck> early_acks_;
  std::vector<BatchTruth> batches_;
  std::vector<PlacedEffect> waiting_;  // effects in open batches
  FlatMap<ProducerId, ProducerEpoch> epochs_;
  Offset kept_from_{0};
  Offset end_{0};
  Offset high_watermark_{0};
  Offset stable_{0};
  Offset last_visible_;
  uint64_t visible_records_ = 0;
  size_t open_ = 0;
};

}  // namespace eosim::check
