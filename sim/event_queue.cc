#include "sim/event_queue.h"

namespace eosim::sim {

EventQueue::EventQueue() {
  heads_.fill(kEnd);
  near_.reserve(2 * kNearMax);
}

void EventQueue::reserve(uint32_t slots) {
  EOSIM_ASSERT(slots < kNear);
  if (slots <= nodes_.size()) return;
  if (slots > nodes_.capacity()) nodes_.reserve(std::max<size_t>(slots, 2 * nodes_.capacity()));
  nodes_.resize(slots);
}

Time EventQueue::time_of(uint32_t slot) const {
  EOSIM_ASSERT(contains(slot));
  return Time{static_cast<int64_t>(nodes_[slot].at)};
}

void EventQueue::near_cancel(uint32_t slot) {
  const NearEntry key{nodes_[slot].at, nodes_[slot].sequence, slot};
  const auto first = near_.begin() + static_cast<std::ptrdiff_t>(near_head_);
  const auto found = std::lower_bound(
      first, near_.end(), key, [](const NearEntry& a, const NearEntry& b) { return a.before(b); });
  EOSIM_ASSERT(found != near_.end() && found->slot == slot);
  found->slot = kCancelled;
  near_skip_cancelled();
}

// The near end has grown to its limit: drops what was popped or cancelled, and cuts it if it is
// long nevertheless.
void EventQueue::near_make_room() {
  near_.erase(near_.begin(), near_.begin() + static_cast<std::ptrdiff_t>(near_head_));
  near_head_ = 0;
  std::erase_if(near_, [](const NearEntry& entry) { return entry.slot == kCancelled; });
  if (near_.size() > kNearMax / 2) near_cut();
  // Many entries of one time cannot be cut: the limit grows with them, so that the work done here
  // stays in proportion to the pushes.
  near_limit_ = std::max<size_t>(kNearMax, 2 * near_.size());
}

// Gives the later half of the near end back to the wheel, and at least what is later than the first
// entry.
void EventQueue::near_cut() {
  size_t cut = near_.size() / 2;
  while (cut > 0 && near_[cut - 1].at == near_[cut].at) --cut;
  if (cut == 0) {
    while (cut < near_.size() && near_[cut].at == near_[0].at) ++cut;
  }
  const uint64_t end = cut < near_.size() ? near_[cut].at : near_[0].at + 1;
  if (end < cursor_) {
    rebuild();
    return;
  }
  near_end_ = end;
  for (size_t i = cut; i < near_.size(); ++i) link(near_[i].slot);
  near_.resize(cut);
}

// Moves the cursor back to the present. Needed when much is pushed before the cursor, which may
// have gone far ahead of the last pop when somebody looked at the top.
void EventQueue::rebuild() {
  heads_.fill(kEnd);
  counts_.fill(0);
  buckets_used_.fill(0);
  levels_used_ = 0;
  near_.clear();
  near_head_ = 0;
  cursor_ = last_popped_;
  near_end_ = last_popped_;
  size_t linked = 0;
  for (uint32_t slot = 0; slot < nodes_.size(); ++slot) {
    // The entry whose push found the near end full has no place yet.
    if (nodes_[slot].place == kNowhere) continue;
    link(slot);
    ++linked;
  }
  EOSIM_ASSERT(linked == size_ || linked + 1 == size_);
}

void EventQueue::refill() {
  EOSIM_ASSERT(near_.empty() && near_head_ == 0 && levels_used_ != 0);
  while (near_.size() < kNearMin && levels_used_ != 0) {
    const auto level = static_cast<uint32_t>(std::countr_zero(levels_used_));
    const auto digit = static_cast<uint32_t>(std::countr_zero(buckets_used_[level]));
    const uint32_t bucket = level * kBuckets + digit;
    const bool fits = near_.size() + counts_[bucket] <= kNearTake;
    if (!fits && !near_.empty()) break;

    const uint32_t shift = level * kDigitBits;
    // Shifted in two steps: a shift by 64 or more is undefined.
    const uint64_t above = cursor_ >> shift >> kDigitBits << kDigitBits << shift;
    const uint64_t start = above | (uint64_t{digit} << shift);
    if (near_.empty()) cursor_ = start;
    if (fits || level == 0) {
      take(bucket);
      near_end_ = start + (uint64_t{1} << shift);
    } else {
      spread(bucket);
    }
  }
}

// Appends a bucket to the near end, whose entries are all before it.
void EventQueue::take(uint32_t bucket) {
  const auto sorted = static_cast<std::ptrdiff_t>(near_.size());
  uint32_t next = kEnd;
  for (uint32_t slot = heads_[bucket]; slot != kEnd; slot = next) {
    Node& node = nodes_[slot];
    next = node.next;
    node.place = kNear;
    near_.push_back({node.at, node.sequence, slot});
  }
  std::sort(near_.begin() + sorted, near_.end(),
            [](const NearEntry& a, const NearEntry& b) { return a.before(b); });
  clear_bucket(bucket);
}

// Deals a bucket out over the levels below it. The cursor stands at its start.
void EventQueue::spread(uint32_t bucket) {
  uint32_t slot = heads_[bucket];
  clear_bucket(bucket);
  while (slot != kEnd) {
    const uint32_t next = nodes_[slot].next;
    link(slot);
    EOSIM_ASSERT(nodes_[slot].place / kBuckets < bucket / kBuckets);
    slot = next;
  }
}

void EventQueue::clear_bucket(uint32_t bucket) {
  const uint32_t level = bucket / kBuckets;
  heads_[bucket] = kEnd;
  counts_[bucket] = 0;
  buckets_used_[level] &= ~(uint64_t{1} << (bucket % kBuckets));
  if (buckets_used_[level] == 0) levels_used_ &= ~(1u << level);
}

}  // namespace eosim::sim
