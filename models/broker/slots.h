// Things that wait at the broker, each under an id that a timer can carry: a slot and its
// generation, so that the timer of something that has ended never finds its successor.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sim/assert.h"

namespace eosim::kafka {

struct SlotId {
  uint32_t slot = UINT32_MAX;
  uint32_t generation = 0;
  friend constexpr auto operator<=>(SlotId, SlotId) = default;
  // For fields of 64 bits: tokens and tags of timers.
  constexpr uint64_t packed() const { return static_cast<uint64_t>(generation) << 32 | slot; }
  static constexpr SlotId unpacked(uint64_t v) {
    return {static_cast<uint32_t>(v), static_cast<uint32_t>(v >> 32)};
  }
};

template <class T>
class Slots {
 public:
  SlotId put(T value) {
    uint32_t slot = static_cast<uint32_t>(slots_.size());
    if (free_.empty()) {
      slots_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    EOSIM_ASSERT(!slots_[slot].value.has_value());
    slots_[slot].value = std::move(value);
    return {slot, slots_[slot].generation};
  }

  // Null: it has ended.
  T* find(SlotId id) {
    if (id.slot >= slots_.size() || slots_[id.slot].generation != id.generation) return nullptr;
    return &*slots_[id.slot].value;
  }
  const T* find(SlotId id) const { return const_cast<Slots*>(this)->find(id); }

  T take(SlotId id) {
    T* found = find(id);
    EOSIM_ASSERT(found != nullptr);
    T value = std::move(*found);
    slots_[id.slot].value.reset();
    ++slots_[id.slot].generation;
    free_.push_back(id.slot);
    return value;
  }

  template <class F>
  void each(F f) const {
    for (const Slot& slot : slots_) {
      if (slot.value) f(*slot.value);
    }
  }

  size_t size() const { return slots_.size() - free_.size(); }

 private:
  struct Slot {
    uint32_t generation = 0;
    std::optional<T> value;
  };
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
};

}  // namespace eosim::kafka
