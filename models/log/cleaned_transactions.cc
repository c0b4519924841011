#include "models/log/cleaned_transactions.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace eosim::kafka {

CleanedTransactions::CleanedTransactions(std::vector<AbortedRange> aborted)
    : ranges_(std::move(aborted)) {
  std::ranges::sort(ranges_, [](const AbortedRange& a, const AbortedRange& b) {
    return std::tie(a.first_offset, a.last_offset) < std::tie(b.first_offset, b.last_offset);
  });
}

void CleanedTransactions::reach(Offset last) {
  for (; next_ < ranges_.size() && ranges_[next_].first_offset <= last; ++next_) {
    const ProducerId producer = ranges_[next_].producer;
    // One that the cleaner has lost sight of: its marker is gone already.
    std::erase_if(aborted_, [&](const Aborted& open) { return open.producer == producer; });
    aborted_.push_back({producer, next_, false});
  }
}

bool CleanedTransactions::on_data(const RecordBatch& batch, Offset last) {
  reach(last);
  if (!batch.transactional) return false;
  const ProducerId producer = batch.producer.id;
  const auto open = std::ranges::find(aborted_, producer, &Aborted::producer);
  if (open != aborted_.end()) {
    open->seen = true;
    return true;
  }
  if (std::ranges::find(committed_, producer) == committed_.end()) committed_.push_back(producer);
  return false;
}

CleanedTransactions::MarkerSeen CleanedTransactions::on_marker(const RecordBatch& batch,
                                                               const Marker& marker,
                                                               Offset offset) {
  reach(offset);
  const ProducerId producer = batch.producer.id;
  if (marker.type == ControlType::kCommit) return {std::erase(committed_, producer) == 0, nullptr};
  const auto open = std::ranges::find(aborted_, producer, &Aborted::producer);
  if (open == aborted_.end()) return {true, nullptr};
  const Aborted ended = *open;
  aborted_.erase(open);
  if (!ended.seen) return {true, nullptr};
  return {false, &ranges_[ended.range]};
}

}  // namespace eosim::kafka
