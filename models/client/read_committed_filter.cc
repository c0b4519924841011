#include "models/client/read_committed_filter.h"

#include <algorithm>
#include <tuple>

#include "sim/assert.h"

namespace eosim::kafka {

BatchSummary summarize(const FetchedBatch& fetched, const RecordBatch& batch) {
  EOSIM_ASSERT(batch.count > 0);
  BatchSummary summary{fetched.base_offset, fetched.base_offset + (batch.count - 1),
                       batch.producer.id,   batch.transactional,
                       batch.control(),     false};
  if (const auto* marker = std::get_if<Marker>(&batch.payload)) {
    summary.abort_marker = marker->type == ControlType::kAbort;
  }
  return summary;
}

ReadCommittedFilter::ReadCommittedFilter(IsolationLevel isolation, List<AbortedTransaction> aborted)
    : isolation_(isolation), queue_(std::move(aborted)) {
  std::sort(queue_.begin(), queue_.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first_offset, a.producer_id) < std::tie(b.first_offset, b.producer_id);
  });
}

bool ReadCommittedFilter::delivers(const BatchSummary& batch) {
  EOSIM_ASSERT(batch.base > last_ && batch.last >= batch.base);
  last_ = batch.last;
  if (isolation_ == IsolationLevel::kReadCommitted && batch.producer.valid()) {
    for (; next_ < queue_.size() && queue_[next_].first_offset <= batch.last; ++next_) {
      aborted_.push_back(queue_[next_].producer_id);
    }
    if (batch.abort_marker) {
      std::erase(aborted_, batch.producer);
    } else if (batch.transactional &&
               std::find(aborted_.begin(), aborted_.end(), batch.producer) != aborted_.end()) {
      return false;
    }
  }
  return !batch.control;
}

}  // namespace eosim::kafka
