// The order of what is to come. The queue orders slots by (time, sequence of push); what a slot
// means lies in the caller's slab. It is a value: a copy goes on by itself.
//
// It is a timing wheel with a small sorted near end.
//
// The wheel has levels of 64 buckets. An entry at time t lies on the level of the highest 6-bit
// digit in which t differs from the cursor, in the bucket of its digit there. So the lowest level
// that is not empty holds the earliest entries, and its first bucket the earliest of these. Buckets
// are doubly linked lists through a table indexed by slot: a cancellation unlinks in place, and
// that is what pays, since most timers are cancelled (kernel-measurements.md).
//
// The near end is a short ascending array of all entries before `near_end_`. When it runs dry, the
// next bucket is sorted into it if it is small, and spread over the lower levels if it is not: a
// crowded stretch of time is cut finely and a thin one coarsely, without a width to tune. When it
// grows too long, its later half goes back into the wheel.
//
// Invariants, with c the cursor: c <= near_end_; an entry is in the near end exactly if its time is
// before near_end_; an entry of the wheel on level l agrees with c in all digits above l. The first
// entry of the near end is never one that was cancelled.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/assert.h"
#include "sim/time.h"

namespace eosim::sim {

class EventQueue {
 public:
  struct Item {
    Time at;
    uint64_t sequence = 0;
    uint32_t slot = 0;
  };

  EventQueue();

  // `at` is not before the last item popped, and `slot` is not in the queue.
  void push(Time at, uint32_t slot);
  // Takes out a slot that is in the queue.
  void cancel(uint32_t slot);
  bool contains(uint32_t slot) const {
    return slot < nodes_.size() && nodes_[slot].place != kNowhere;
  }
  // The time of a slot that is in the queue.
  Time time_of(uint32_t slot) const;

  // The first item by (time, sequence). Both need a queue that is not empty. top() may tidy up, but
  // changes nothing that can be seen.
  Item pop();
  Item top();
  // The time of the first item, or kNever if there is none.
  Time next_time() { return empty() ? kNever : top().at; }

  // The slot of an item that comes soon, for prefetching: the first is number 0. kNothing if that
  // is not known without work, or was cancelled.
  static constexpr uint32_t kNothing = UINT32_MAX;
  uint32_t upcoming(size_t number) const {
    return near_head_ + number < near_.size() ? near_[near_head_ + number].slot : kNothing;
  }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  // Makes room for slots below `slots`, so that none of them allocates later.
  void reserve(uint32_t slots);

 private:
  // Measured with tools/bench: 4 to 6 bits and near ends of half the size differ by at most 15 %,
  // some cases up and others down.
  static constexpr int kDigitBits = 6;
  static constexpr int kLevels = 11;  // 66 bits: more than the 63 of a time
  static constexpr uint32_t kBuckets = 1u << kDigitBits;
  static constexpr uint32_t kNowhere = UINT32_MAX;
  static constexpr uint32_t kNear = UINT32_MAX - 1;
  static constexpr uint32_t kEnd = UINT32_MAX;        // of a list
  static constexpr uint32_t kCancelled = UINT32_MAX;  // slot of a near entry
  static constexpr uint32_t kNearMin = 8;             // a refill goes on until there are as many
  static constexpr uint32_t kNearTake = 32;           // a bucket with more is spread
  static constexpr uint32_t kNearMax = 96;            // a near end with more is cut

  struct Node {
    uint64_t at = 0;
    uint64_t sequence = 0;
    uint32_t previous = kEnd;
    uint32_t next = kEnd;
    uint32_t place = kNowhere;  // a bucket (level * 64 + digit), kNear or kNowhere
  };
  struct NearEntry {
    uint64_t at = 0;
    uint64_t sequence = 0;
    uint32_t slot = kCancelled;

    bool before(const NearEntry& other) const {
      return at < other.at || (at == other.at && sequence < other.sequence);
    }
  };

  void link(uint32_t slot);
  void unlink(uint32_t slot);
  void near_insert(const NearEntry& entry);
  void near_cancel(uint32_t slot);
  void near_skip_cancelled();
  void near_make_room();
  void near_cut();
  void refill();
  void take(uint32_t bucket);
  void spread(uint32_t bucket);
  void clear_bucket(uint32_t bucket);
  void rebuild();

  std::vector<Node> nodes_;  // by slot
  std::vector<NearEntry> near_;
  size_t near_head_ = 0;  // what is before it has been popped
  size_t near_limit_ = kNearMax;
  uint64_t near_end_ = 0;
  uint64_t cursor_ = 0;
  uint64_t last_popped_ = 0;
  uint64_t next_sequence_ = 0;
  size_t size_ = 0;
  uint32_t levels_used_ = 0;                      // a bit for each level that is not empty
  std::array<uint64_t, kLevels> buckets_used_{};  // a bit for each bucket that is not empty
  std::array<uint32_t, kLevels * kBuckets> heads_;
  std::array<uint32_t, kLevels * kBuckets> counts_{};
};

inline void EventQueue::push(Time at, uint32_t slot) {
  const auto time = static_cast<uint64_t>(at.ns);
  EOSIM_ASSERT(at.ns >= 0 && time >= last_popped_);
  if (slot >= nodes_.size()) {
    EOSIM_ASSERT(slot < kNear - 1);
    reserve(slot + 1);
  }
  Node& node = nodes_[slot];
  EOSIM_ASSERT(node.place == kNowhere);
  node.at = time;
  node.sequence = next_sequence_++;
  ++size_;
  if (time < near_end_ && near_.size() >= near_limit_) near_make_room();
  if (time >= near_end_) {
    link(slot);
  } else {
    node.place = kNear;
    near_insert({time, node.sequence, slot});
  }
}

inline void EventQueue::cancel(uint32_t slot) {
  EOSIM_ASSERT(contains(slot));
  if (nodes_[slot].place == kNear) {
    near_cancel(slot);
  } else {
    unlink(slot);
  }
  nodes_[slot].place = kNowhere;
  --size_;
}

inline EventQueue::Item EventQueue::top() {
  EOSIM_ASSERT(size_ > 0);
  if (near_head_ == near_.size()) refill();
  const NearEntry& entry = near_[near_head_];
  return {Time{static_cast<int64_t>(entry.at)}, entry.sequence, entry.slot};
}

inline EventQueue::Item EventQueue::pop() {
  const Item item = top();
  nodes_[item.slot].place = kNowhere;
  last_popped_ = static_cast<uint64_t>(item.at.ns);
  --size_;
  ++near_head_;
  near_skip_cancelled();
  return item;
}

inline void EventQueue::near_skip_cancelled() {
  while (near_head_ < near_.size() && near_[near_head_].slot == kCancelled) ++near_head_;
  if (near_head_ == near_.size()) {
    near_.clear();
    near_head_ = 0;
    near_limit_ = kNearMax;
  }
}

inline void EventQueue::near_insert(const NearEntry& entry) {
  // A new entry has the greatest sequence: it comes after all of its time.
  size_t place = near_head_;
  for (size_t end = near_.size(); place < end;) {
    const size_t middle = (place + end) / 2;
    const bool later = near_[middle].at > entry.at;
    end = later ? middle : end;
    place = later ? place : middle + 1;
  }
  near_.push_back(entry);
  const auto at = near_.begin() + static_cast<std::ptrdiff_t>(place);
  std::move_backward(at, near_.end() - 1, near_.end());
  *at = entry;
}

inline void EventQueue::link(uint32_t slot) {
  Node& node = nodes_[slot];
  const uint64_t differs = (node.at ^ cursor_) | 1;
  const auto level = static_cast<uint32_t>((63 - std::countl_zero(differs)) / kDigitBits);
  const auto digit = static_cast<uint32_t>(node.at >> (level * kDigitBits)) % kBuckets;
  const uint32_t bucket = level * kBuckets + digit;
  const uint32_t head = heads_[bucket];
  node.place = bucket;
  node.previous = kEnd;
  node.next = head;
  if (head != kEnd) nodes_[head].previous = slot;
  heads_[bucket] = slot;
  ++counts_[bucket];
  buckets_used_[level] |= uint64_t{1} << digit;
  levels_used_ |= 1u << level;
}

inline void EventQueue::unlink(uint32_t slot) {
  const Node& node = nodes_[slot];
  const uint32_t bucket = node.place;
  if (node.next != kEnd) nodes_[node.next].previous = node.previous;
  if (node.previous != kEnd) {
    nodes_[node.previous].next = node.next;
  } else {
    heads_[bucket] = node.next;
  }
  if (--counts_[bucket] > 0) return;
  const uint32_t level = bucket / kBuckets;
  buckets_used_[level] &= ~(uint64_t{1} << (bucket % kBuckets));
  if (buckets_used_[level] == 0) levels_used_ &= ~(1u << level);
}

}  // namespace eosim::sim
