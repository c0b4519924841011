#include "models/check/partition_truth.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::check {

void PartitionTruth::append(const BatchTruth& batch, const std::vector<PlacedEffect>& effects) {
  batches_.push_back(batch);
  end_ = std::max(end_, batch.last + 1);
  if (batch.producer.id.valid()) saw(batch.producer);
  if (batch.fate == Fate::kOpen) {
    ++open_;
    waiting_.insert(waiting_.end(), effects.begin(), effects.end());
    return;
  }
  last_visible_ = std::max(last_visible_, batch.last);
  visible_records_ += static_cast<uint64_t>(batch.last - batch.base + 1);
}

void PartitionTruth::decide(Offset marker, ProducerIdAndEpoch producer, bool commit,
                            std::vector<BatchTruth>& closed, std::vector<PlacedEffect>& effects) {
  end_ = std::max(end_, marker + 1);
  saw(producer);
  if (open_ == 0) return;
  for (size_t i = first_open(); i < batches_.size(); ++i) {
    BatchTruth& batch = batches_[i];
    if (batch.fate != Fate::kOpen || batch.producer.id != producer.id) continue;
    batch.fate = commit ? Fate::kCommitted : Fate::kAborted;
    batch.marker = marker;
    --open_;
    closed.push_back(batch);
    if (!commit) continue;
    last_visible_ = std::max(last_visible_, batch.last);
    visible_records_ += static_cast<uint64_t>(batch.last - batch.base + 1);
  }
  for (const PlacedEffect& effect : waiting_) {
    if (commit && effect.producer == producer.id) effects.push_back(effect);
  }
  std::erase_if(waiting_, [&](const PlacedEffect& e) { return e.producer == producer.id; });
}

void PartitionTruth::truncate(Offset end, std::vector<BatchTruth>& lost,
                              std::vector<BatchTruth>& reopened) {
  if (end >= end_) return;
  end_ = end;
  for (const BatchTruth& batch : batches_) {
    if (batch.last >= end) lost.push_back(batch);
  }
  std::erase_if(batches_, [&](const BatchTruth& batch) { return batch.last >= end; });
  std::erase_if(waiting_, [&](const PlacedEffect& effect) { return effect.at >= end; });
  open_ = 0;
  last_visible_ = {};
  epochs_.clear();
  for (BatchTruth& batch : batches_) {
    if (batch.marker.valid() && batch.marker >= end) {
      reopened.push_back(batch);
      batch.fate = Fate::kOpen;
      batch.marker = {};
    }
    if (batch.producer.id.valid()) saw(batch.producer);
    if (batch.fate == Fate::kOpen) ++open_;
    if (batch.fate == Fate::kPlain || batch.fate == Fate::kCommitted) last_visible_ = batch.last;
  }
}

void PartitionTruth::pass(Offset high_watermark, std::vector<TailEntry>& passed) {
  size_t count = 0;
  while (count < tail_.size() && tail_[count].last < high_watermark) ++count;
  passed.insert(passed.end(), tail_.begin(), tail_.begin() + static_cast<int64_t>(count));
  tail_.erase(tail_.begin(), tail_.begin() + static_cast<int64_t>(count));
}

ReplicaTruth& PartitionTruth::replica(sim::ProcessId broker) {
  for (ReplicaTruth& known : replicas_) {
    if (known.broker == broker) return known;
  }
  ReplicaTruth& made = replicas_.emplace_back();
  made.broker = broker;
  return made;
}

ReplicaTruth& PartitionTruth::replica_ends(sim::ProcessId broker, Offset end) {
  ReplicaTruth& known = replica(broker);
  if (end < known.end) known.short_of = std::max(known.short_of, known.end);
  known.end = end;
  return known;
}

const ReplicaTruth* PartitionTruth::find_replica(sim::ProcessId broker) const {
  for (const ReplicaTruth& known : replicas_) {
    if (known.broker == broker) return &known;
  }
  return nullptr;
}

void PartitionTruth::acknowledge(Offset offset, BatchId batch) {
  if (offset >= end_) {
    early_acks_.push_back({offset, batch});
    return;
  }
  const size_t i = index_of(offset);
  if (i < batches_.size() && batches_[i].base == offset && batches_[i].id == batch) {
    batches_[i].acknowledged = true;
  }
}

void PartitionTruth::unfounded_acks(std::vector<EarlyAck>& unfounded) {
  std::erase_if(early_acks_, [&](const EarlyAck& ack) {
    if (ack.base >= end_) return false;
    const size_t i = index_of(ack.base);
    if (i < batches_.size() && batches_[i].id == ack.batch) {
      batches_[i].acknowledged = true;
    } else if (ack.base >= kept_from_) {
      unfounded.push_back(ack);
    }
    return true;
  });
}

// transactions.md 4.7. What is settled and above a high watermark that lags after a failover is
// another matter: a marker there does not count yet.
Offset PartitionTruth::expected_stable() const {
  if (high_watermark_ != end_) return {};
  if (open_ == 0) return high_watermark_;
  return batches_[first_open()].base;
}

size_t PartitionTruth::index_of(Offset offset) const {
  const auto at =
      std::lower_bound(batches_.begin(), batches_.end(), offset,
                       [](const BatchTruth& batch, Offset o) { return batch.last < o; });
  return static_cast<size_t>(at - batches_.begin());
}

// From the back: what is open is new, and what is kept may be much.
size_t PartitionTruth::first_open() const {
  size_t left = open_;
  size_t i = batches_.size();
  while (left > 0) {
    EOSIM_ASSERT(i > 0);
    if (batches_[--i].fate == Fate::kOpen) --left;
  }
  return i;
}

const BatchTruth* PartitionTruth::find(Offset offset) const {
  const size_t i = index_of(offset);
  return i < batches_.size() && batches_[i].base <= offset ? &batches_[i] : nullptr;
}

Offset PartitionTruth::first_visible(Offset from, Offset to) const {
  from = std::max(from, kept_from_);
  for (size_t i = index_of(from); i < batches_.size(); ++i) {
    const BatchTruth& batch = batches_[i];
    const Offset at = std::max(batch.base, from);
    if (at >= to) break;
    if (batch.fate == Fate::kPlain || batch.fate == Fate::kCommitted) return at;
  }
  return {};
}

ProducerEpoch PartitionTruth::seen_epoch(ProducerId id) const {
  const ProducerEpoch* known = epochs_.find(id);
  ProducerEpoch epoch = known == nullptr ? ProducerEpoch{} : *known;
  for (const TailEntry& entry : tail_) {
    if (entry.producer.id == id) epoch = std::max(epoch, entry.producer.epoch);
  }
  return epoch;
}

std::vector<BatchTruth> PartitionTruth::open_transactions() const {
  std::vector<BatchTruth> first;
  if (open_ == 0) return first;
  for (size_t i = first_open(); i < batches_.size(); ++i) {
    const BatchTruth& batch = batches_[i];
    if (batch.fate != Fate::kOpen) continue;
    const bool known = std::any_of(first.begin(), first.end(), [&](const BatchTruth& b) {
      return b.producer.id == batch.producer.id;
    });
    if (!known) first.push_back(batch);
  }
  return first;
}

void PartitionTruth::fold(Offset offset) {
  const auto kept = std::find_if(batches_.begin(), batches_.end(), [&](const BatchTruth& batch) {
    return batch.fate == Fate::kOpen || batch.last >= offset;
  });
  if (kept != batches_.begin()) kept_from_ = std::max(kept_from_, std::prev(kept)->last + 1);
  batches_.erase(batches_.begin(), kept);
}

void PartitionTruth::saw(ProducerIdAndEpoch producer) {
  ProducerEpoch& epoch = epochs_[producer.id];
  epoch = std::max(epoch, producer.epoch);
}

}  // namespace eosim::check
