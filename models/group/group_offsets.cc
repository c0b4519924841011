#include "models/group/group_offsets.h"

#include <utility>

#include "sim/assert.h"

namespace eosim::kafka {

const OffsetEntry* GroupOffsets::find(TopicPartition partition) const {
  const auto at = committed_.find(partition);
  return at == committed_.end() ? nullptr : &at->second;
}

bool GroupOffsets::unstable(TopicPartition partition) const {
  return pending_plain_.contains(partition) || unstable_transactional(partition);
}

bool GroupOffsets::unstable_transactional(TopicPartition partition) const {
  for (const auto& [producer, entries] : pending_transactional_) {
    if (entries.contains(partition)) return true;
  }
  return false;
}

bool GroupOffsets::empty() const {
  return committed_.empty() && pending_plain_.empty() && pending_transactional_.empty();
}

void GroupOffsets::prepare(TopicPartition partition, const OffsetEntry& entry) {
  EOSIM_ASSERT(!entry.position.valid());
  pending_plain_.insert_or_assign(partition, entry);
}

bool GroupOffsets::acknowledge(TopicPartition partition, const OffsetEntry& entry) {
  EOSIM_ASSERT(entry.position.valid());
  fail(partition, entry);
  return replace_older(partition, entry);
}

void GroupOffsets::fail(TopicPartition partition, const OffsetEntry& entry) {
  const auto at = pending_plain_.find(partition);
  if (at != pending_plain_.end() && at->second.same_value(entry)) pending_plain_.erase(at);
}

void GroupOffsets::prepare(ProducerId producer, TopicPartition partition,
                           const OffsetEntry& entry) {
  EOSIM_ASSERT(producer.valid());
  pending_transactional_[producer].insert_or_assign(partition, entry);
}

bool GroupOffsets::acknowledge(ProducerId producer, TopicPartition partition,
                               const OffsetEntry& entry) {
  EOSIM_ASSERT(entry.position.valid());
  const auto of_producer = pending_transactional_.find(producer);
  if (of_producer == pending_transactional_.end()) return false;
  const auto at = of_producer->second.find(partition);
  if (at == of_producer->second.end() || !at->second.same_value(entry)) return false;
  at->second.position = entry.position;
  return true;
}

bool GroupOffsets::fail(ProducerId producer, TopicPartition partition) {
  const auto of_producer = pending_transactional_.find(producer);
  if (of_producer == pending_transactional_.end()) return false;
  // Whatever value is there: GroupMetadata.failPendingTxnOffsetCommit does not compare.
  const bool was_there = of_producer->second.erase(partition) > 0;
  if (of_producer->second.empty()) pending_transactional_.erase(of_producer);
  return was_there;
}

bool GroupOffsets::roll_back(ProducerId producer, TopicPartition partition,
                             const OffsetEntry& entry, const std::optional<OffsetEntry>& replaced) {
  const std::optional<OffsetEntry> now = pending(producer, partition);
  if (!now || !now->same_value(entry)) return false;
  if (!replaced) return fail(producer, partition);
  pending_transactional_[producer][partition] = *replaced;
  return false;
}

std::optional<OffsetEntry> GroupOffsets::pending(ProducerId producer,
                                                 TopicPartition partition) const {
  const auto of_producer = pending_transactional_.find(producer);
  if (of_producer == pending_transactional_.end()) return std::nullopt;
  const auto at = of_producer->second.find(partition);
  if (at == of_producer->second.end()) return std::nullopt;
  return at->second;
}

std::vector<GroupOffsets::Decided> GroupOffsets::complete(ProducerId producer, ControlType type,
                                                          Unacknowledged rule) {
  std::vector<Decided> decided;
  auto taken = pending_transactional_.extract(producer);
  if (taken.empty()) return decided;
  for (const auto& [partition, entry] : taken.mapped()) {
    if (!entry.position.valid() && rule == Unacknowledged::kStays) {
      prepare(producer, partition, entry);
      continue;
    }
    const bool commits =
        type == ControlType::kCommit && entry.position.valid() && replace_older(partition, entry);
    decided.push_back({partition, entry, commits});
  }
  return decided;
}

void GroupOffsets::restore(TopicPartition partition, const OffsetEntry& entry) {
  EOSIM_ASSERT(entry.position.valid());
  committed_.insert_or_assign(partition, entry);
}

void GroupOffsets::remove(ProducerId producer, TopicPartition partition) {
  fail(producer, partition);
}

bool GroupOffsets::replace_older(TopicPartition partition, const OffsetEntry& entry) {
  const auto [at, added] = committed_.try_emplace(partition, entry);
  if (added) return true;
  if (at->second.position >= entry.position) return false;
  at->second = entry;
  return true;
}

}  // namespace eosim::kafka
