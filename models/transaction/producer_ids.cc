#include "models/transaction/producer_ids.h"

#include <utility>

namespace eosim::kafka {

std::optional<ProducerId> ProducerIds::generate(sim::SteadyTime now, bool& fetch) {
  for (int swaps = 0; swaps < kSwapsMax; ++swaps) {
    if (const auto id = current_.take()) {
      if (source_ == PidSource::kControllerRpc && current_.asks_for_next(*id)) {
        fetch = may_fetch(now);
      }
      return id;
    }
    if (source_ == PidSource::kStoreCas) return std::nullopt;
    if (!next_) {
      fetch = may_fetch(now);
      return std::nullopt;
    }
    current_ = *std::exchange(next_, std::nullopt);
  }
  return std::nullopt;
}

bool ProducerIds::may_fetch(sim::SteadyTime now) {
  if (in_flight_ || next_ || now < backoff_until_) return false;
  backoff_until_ = {INT64_MIN};
  in_flight_ = true;
  return true;
}

void ProducerIds::give(int64_t first, int32_t count) {
  EOSIM_ASSERT(needs_block());
  EOSIM_ASSERT(first >= current_.end());
  current_ = ProducerIdBlock(first, count);
}

// An answer without a usable block is one with an error: the ids that it names may be given out
// already.
void ProducerIds::on_fetched(sim::SteadyTime now, const ProducerIdsResult& result) {
  EOSIM_ASSERT(in_flight_ && !next_);
  in_flight_ = false;
  const bool usable =
      result.error == Error::kNone && result.count > 0 && result.first >= current_.end();
  if (usable) {
    next_ = ProducerIdBlock(result.first, result.count);
  } else {
    backoff_until_ = now + kRetryBackoff;
  }
}

}  // namespace eosim::kafka
