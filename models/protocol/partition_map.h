// Values by partition, in the order of the partitions. Somebody asks for one at every event, so it
// is found by two steps and not by a search: topics are numbered from 0 in a world, and partitions
// in their topic. To put a new one in costs as much as there are; it happens once for each.
// References are good until then.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/protocol/types.h"
#include "sim/assert.h"

namespace eosim::kafka {

template <class Value>
class PartitionMap {
 public:
  using Entry = std::pair<TopicPartition, Value>;

  const Value* find(TopicPartition key) const {
    const uint32_t place = place_of(key);
    return place == 0 ? nullptr : &entries_[place - 1].second;
  }
  Value* find(TopicPartition key) { return const_cast<Value*>(std::as_const(*this).find(key)); }
  Value& operator[](TopicPartition key) {
    const uint32_t place = place_of(key);
    return place == 0 ? insert(key) : entries_[place - 1].second;
  }
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  void clear() {
    entries_.clear();
    places_.clear();
  }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  auto begin() { return entries_.begin(); }
  auto end() { return entries_.end(); }

 private:
  uint32_t place_of(TopicPartition key) const {
    const size_t topic = key.topic.value;
    if (topic >= places_.size()) return 0;
    const auto number = static_cast<uint32_t>(key.partition);  // unset: beyond all
    return number < places_[topic].size() ? places_[topic][number] : 0;
  }

  Value& insert(TopicPartition key) {
    EOSIM_ASSERT(key.valid() && key.topic != TopicId{});
    if (key.topic.value >= places_.size()) places_.resize(key.topic.value + size_t{1});
    std::vector<uint32_t>& places = places_[key.topic.value];
    const auto number = static_cast<size_t>(key.partition);
    if (number >= places.size()) places.resize(number + 1);
    const auto at = std::ranges::lower_bound(entries_, key, {}, &Entry::first);
    auto made = entries_.emplace(at, key, Value{});
    for (auto moved = made; moved != entries_.end(); ++moved) {
      const TopicPartition whose = moved->first;
      places_[whose.topic.value][static_cast<size_t>(whose.partition)] =
          static_cast<uint32_t>(moved - entries_.begin()) + 1;
    }
    return made->second;
  }

  std::vector<Entry> entries_;  // by partition
  std::vector<std::vector<uint32_t>>
      places_;  // by topic and number: 1 + place in entries_; 0: none
};

}  // namespace eosim::kafka
