#include "models/log/transaction_index.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

void TransactionIndex::append(const AbortedRange& range) {
  EOSIM_ASSERT(range.first_offset <= range.last_offset);
  EOSIM_ASSERT(range.last_stable_offset <= range.last_offset + 1);
  EOSIM_ASSERT(ranges_.empty() || ranges_.back().last_offset < range.last_offset);
  ranges_.push_back(range);
}

bool TransactionIndex::collect(Offset from, Offset upper, List<AbortedTransaction>& found) const {
  EOSIM_ASSERT(from <= upper);
  auto at = std::ranges::lower_bound(ranges_, from, {}, &AbortedRange::last_offset);
  for (; at != ranges_.end(); ++at) {
    if (at->first_offset < upper) found.push_back({at->producer, at->first_offset});
    // Whatever ends later began at or after this entry's stable offset, so beyond what is read.
    if (at->last_stable_offset >= upper) return false;
  }
  return true;
}

}  // namespace eosim::kafka
