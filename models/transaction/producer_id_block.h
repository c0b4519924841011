// A block of producer ids (transactions.md 1.6): consecutive, handed out by the store or the
// controller, never twice.
#pragma once

#include <cstdint>
#include <optional>

#include "models/protocol/types.h"
#include "sim/assert.h"

namespace eosim::kafka {

class ProducerIdBlock {
 public:
  static constexpr int32_t kBlockSize = 1000;

  ProducerIdBlock() = default;  // empty, and before all others
  ProducerIdBlock(int64_t first, int32_t count) : first_(first), next_(first), end_(first + count) {
    EOSIM_ASSERT(first >= 0 && count > 0);
  }

  bool empty() const { return next_ == end_; }
  int64_t end() const { return end_; }
  std::optional<ProducerId> take() {
    if (empty()) return std::nullopt;
    return ProducerId{next_++};
  }
  // Nine tenths of the block are given out with this id: time to fetch the next.
  bool asks_for_next(ProducerId taken) const {
    return taken.value == first_ + (end_ - first_) * 9 / 10;
  }

 private:
  int64_t first_ = 0;
  int64_t next_ = 0;
  int64_t end_ = 0;
};

}  // namespace eosim::kafka
