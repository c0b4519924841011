#include "models/client/subscription_state.h"

#include <algorithm>
#include <iterator>

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

template <class Partitions>
auto lower_bound_of(Partitions& partitions, TopicPartition partition) {
  return std::lower_bound(
      partitions.begin(), partitions.end(), partition,
      [](const PartitionPosition& entry, TopicPartition p) { return entry.partition < p; });
}

}  // namespace

void SubscriptionState::subscribe(List<TopicId> topics) {
  EOSIM_ASSERT(!topics.empty() && partitions_.empty());
  std::sort(topics.begin(), topics.end());
  topics_ = std::move(topics);
  group_managed_ = true;
}

void SubscriptionState::assign(List<TopicPartition> partitions) {
  std::sort(partitions.begin(), partitions.end());
  EOSIM_ASSERT(std::adjacent_find(partitions.begin(), partitions.end()) == partitions.end());
  ++assignment_number_;
  const List<PartitionPosition> before = std::move(partitions_);
  partitions_.clear();
  for (const TopicPartition partition : partitions) {
    const auto kept = lower_bound_of(before, partition);
    if (kept != before.end() && kept->partition == partition) {
      partitions_.push_back(*kept);
      continue;
    }
    PartitionPosition entry;
    entry.partition = partition;
    entry.assigned_at = assignment_number_;
    partitions_.push_back(entry);
  }
}

void SubscriptionState::assign_by_hand(List<TopicPartition> partitions) {
  EOSIM_ASSERT(!group_managed_);
  assign(std::move(partitions));
}

List<TopicPartition> SubscriptionState::assignment() const {
  List<TopicPartition> result;
  for (const auto& entry : partitions_) result.push_back(entry.partition);
  return result;
}

const PartitionPosition* SubscriptionState::find(TopicPartition partition) const {
  const auto it = lower_bound_of(partitions_, partition);
  return it != partitions_.end() && it->partition == partition ? &*it : nullptr;
}

bool SubscriptionState::fetchable(TopicPartition partition) const {
  const PartitionPosition* entry = find(partition);
  return entry != nullptr && entry->state == PositionState::kFetching;
}

List<TopicPartition> SubscriptionState::initializing() const {
  List<TopicPartition> result;
  for (const auto& entry : partitions_) {
    if (entry.state == PositionState::kInitializing) result.push_back(entry.partition);
  }
  return result;
}

bool SubscriptionState::all_positions_known() const {
  return std::all_of(partitions_.begin(), partitions_.end(),
                     [](const auto& entry) { return entry.state == PositionState::kFetching; });
}

void SubscriptionState::seek(TopicPartition partition, Offset offset, LeaderEpoch offset_epoch) {
  EOSIM_ASSERT(offset.valid());
  PartitionPosition& entry = at(partition);
  entry.state = offset_epoch.valid() ? PositionState::kAwaitValidation : PositionState::kFetching;
  entry.position = offset;
  entry.offset_epoch = offset_epoch;
  entry.leader = {};
  entry.retry_at = {};
}

void SubscriptionState::request_reset(TopicPartition partition, OffsetReset reset) {
  EOSIM_ASSERT(reset != OffsetReset::kNone);
  PartitionPosition& entry = at(partition);
  entry.state = PositionState::kAwaitReset;
  entry.position = {};
  entry.offset_epoch = {};
  entry.leader = {};
  entry.reset = reset;
  entry.retry_at = {};
}

void SubscriptionState::advance(TopicPartition partition, Offset offset, LeaderEpoch offset_epoch) {
  PartitionPosition& entry = at(partition);
  EOSIM_ASSERT(entry.state == PositionState::kFetching && offset > entry.position);
  entry.position = offset;
  entry.offset_epoch = offset_epoch;
}

void SubscriptionState::meet_leaders(const MetadataCache& metadata) {
  for (PartitionPosition& entry : partitions_) {
    if (!entry.position.valid()) continue;
    const MetadataCache::Leader leader = metadata.leader(entry.partition);
    if (!leader.broker.valid() || leader == entry.leader) continue;
    entry.leader = leader;
    entry.retry_at = {};
    if (entry.offset_epoch.valid()) entry.state = PositionState::kAwaitValidation;
  }
}

void SubscriptionState::validated(TopicPartition partition) {
  PartitionPosition& entry = at(partition);
  EOSIM_ASSERT(entry.state == PositionState::kAwaitValidation);
  entry.state = PositionState::kFetching;
  entry.retry_at = {};
}

void SubscriptionState::truncated(TopicPartition partition, Offset offset,
                                  LeaderEpoch offset_epoch) {
  PartitionPosition& entry = at(partition);
  EOSIM_ASSERT(offset.valid() && offset < entry.position && offset_epoch.valid());
  validated(partition);
  entry.position = offset;
  entry.offset_epoch = offset_epoch;
}

void SubscriptionState::pause(TopicPartition partition, bool paused) {
  at(partition).paused = paused;
}

void SubscriptionState::back_off(TopicPartition partition, sim::SteadyTime until) {
  at(partition).retry_at = until;
}

PartitionPosition& SubscriptionState::at(TopicPartition partition) {
  const auto it = lower_bound_of(partitions_, partition);
  EOSIM_ASSERT(it != partitions_.end() && it->partition == partition);
  return *it;
}

List<TopicPartition> without(const List<TopicPartition>& all, const List<TopicPartition>& some) {
  EOSIM_ASSERT(std::is_sorted(all.begin(), all.end()) && std::is_sorted(some.begin(), some.end()));
  List<TopicPartition> rest;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(rest));
  return rest;
}

}  // namespace eosim::kafka
