// The block of producer ids that this broker holds (transactions.md 1.6). Before 3.0 a block of
// 1000 is taken from the store by a synchronous compare-and-set when the last one is used up.
#pragma once

#include <cstdint>
#include <optional>

#include "models/protocol/types.h"
#include "sim/assert.h"

namespace eosim::kafka {

class ProducerIdBlock {
 public:
  static constexpr int32_t kBlockSize = 1000;

  bool empty() const { return next_ == end_; }
  // None: no block is held, the caller answers COORDINATOR_LOAD_IN_PROGRESS.
  std::optional<ProducerId> generate() {
    if (empty()) return std::nullopt;
    return ProducerId{next_++};
  }
  void refill(int64_t first, int32_t count) {
    EOSIM_ASSERT(empty());
    EOSIM_ASSERT(first >= end_ && count > 0);  // a block is never handed out twice
    next_ = first;
    end_ = first + count;
  }

 private:
  int64_t next_ = 0;
  int64_t end_ = 0;
};

}  // namespace eosim::kafka
