// A store of big immutable things: written once into append-only blocks, named by a 32-bit id ever
// after. Logs, messages and caches hold ids, so a replica costs an entry and not a copy of the
// data. Full blocks are shared between copies of a world; how many ids of a block are alive is
// counted in the world that holds the store, without atomics, and a block without any is let go.
//
// One id that lives on keeps its whole block: what lives for very different times stands in small
// blocks. Of a block that was let go a pointer and a count stay.
#pragma once

#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

#include "sim/assert.h"

namespace eosim::sim {

template <class T>
struct StoreId {
  uint32_t index = UINT32_MAX;
  bool valid() const { return index != UINT32_MAX; }
  friend constexpr auto operator<=>(StoreId, StoreId) = default;
};

template <class T, uint32_t kBlockSize = 256>
class Store {
 public:
  using Id = StoreId<T>;

  // The new id counts as alive until it is released as often as it was put and retained.
  Id put(T value) {
    if (open_.size() == kBlockSize) seal();
    if (open_.capacity() == 0) open_.reserve(kBlockSize);
    open_.push_back(std::move(value));
    if (alive_.size() <= sealed_.size()) alive_.push_back(0);
    ++alive_[sealed_.size()];
    return Id{static_cast<uint32_t>(sealed_.size() * kBlockSize + open_.size() - 1)};
  }

  const T& operator[](Id id) const {
    const uint32_t block = id.index / kBlockSize;
    const uint32_t offset = id.index % kBlockSize;
    if (block == sealed_.size()) {
      EOSIM_ASSERT(offset < open_.size());
      return open_[offset];
    }
    EOSIM_ASSERT(block < sealed_.size() && sealed_[block] != nullptr);
    return (*sealed_[block])[offset];
  }

  void retain(Id id) {
    EOSIM_ASSERT(alive_.at(id.index / kBlockSize) > 0);
    ++alive_[id.index / kBlockSize];
  }

  void release(Id id) {
    const uint32_t block = id.index / kBlockSize;
    EOSIM_ASSERT(alive_.at(block) > 0);
    if (--alive_[block] == 0 && block < sealed_.size()) {
      sealed_[block].reset();
      ++gone_;
    }
  }

  // How often ids were put and retained and not released.
  uint64_t references() const { return std::accumulate(alive_.begin(), alive_.end(), uint64_t{0}); }

  // Ever put.
  uint32_t size() const {
    return static_cast<uint32_t>(sealed_.size() * kBlockSize + open_.size());
  }
  // In memory: those of blocks with an id that is alive, and of the newest one.
  uint32_t held() const { return size() - gone_ * kBlockSize; }

 private:
  void seal() {
    const size_t block = sealed_.size();
    auto full = std::make_shared<const std::vector<T>>(std::move(open_));
    open_ = {};
    if (alive_[block] == 0) ++gone_;
    sealed_.push_back(alive_[block] == 0 ? nullptr : std::move(full));
  }

  std::vector<std::shared_ptr<const std::vector<T>>> sealed_;
  std::vector<T> open_;
  std::vector<uint32_t> alive_;  // ids alive, by block
  uint32_t gone_ = 0;            // blocks without any
};

}  // namespace eosim::sim
