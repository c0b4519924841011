// What a partition's log says, folded from its facts alone: which batch was decided how, and by
// which marker. The broker has no part in it: this is the independent reading that consumers, logs
// and coordinators are compared with. A marker decides all that is open of its producer id, whoever
// it was meant for (transactions.md 4.6); which transaction instance a batch belongs to is known
// from its ghost.
//
// Bounded: what is decided and below every reader is let go; a reader that goes below the kept part
// is not judged there.
#pragma once

#include <cstdint>
#include <vector>

#include "models/check/facts.h"
#include "models/check/flat_map.h"

namespace eosim::check {

enum class Fate : uint8_t { kPlain, kOpen, kCommitted, kAborted };

struct BatchTruth {
  Offset base;
  Offset last;
  ProducerIdAndEpoch producer;
  uint64_t instance = 0;
  Fate fate = Fate::kPlain;
  Offset marker;  // that decided it
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
  void truncate(Offset end);
  void set_high_watermark(Offset offset) { high_watermark_ = offset; }
  void set_stable(Offset offset) { stable_ = offset; }

  Offset end() const { return end_; }
  Offset high_watermark() const { return high_watermark_; }
  Offset stable() const { return stable_; }
  bool stable_behind() const { return stable_ < high_watermark_; }
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
  // The highest epoch of a producer id that this log has seen; unset: never.
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
