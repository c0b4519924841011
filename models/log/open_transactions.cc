#include "models/log/open_transactions.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

void OpenTransactions::begin(ProducerId producer, Offset first_offset) {
  EOSIM_ASSERT(producer.valid() && first_offset.valid());
  EOSIM_ASSERT(undecided_.empty() || undecided_.back().first_offset < first_offset);
  EOSIM_ASSERT(std::ranges::find(undecided_, producer, &OpenTransaction::producer) ==
               undecided_.end());
  undecided_.push_back({producer, first_offset});
}

void OpenTransactions::decide(ProducerId producer, Offset first_offset, Offset marker_offset) {
  EOSIM_ASSERT(first_offset <= marker_offset);
  const auto open =
      std::ranges::lower_bound(undecided_, first_offset, {}, &OpenTransaction::first_offset);
  EOSIM_ASSERT(open != undecided_.end() && *open == (OpenTransaction{producer, first_offset}));
  undecided_.erase(open);
  const auto at =
      std::ranges::lower_bound(unreplicated_, first_offset, {}, &DecidedTransaction::first_offset);
  unreplicated_.insert(at, {producer, first_offset, marker_offset});
}

void OpenTransactions::high_watermark_raised(Offset high_watermark) {
  std::erase_if(unreplicated_, [&](const DecidedTransaction& transaction) {
    return transaction.marker_offset < high_watermark;
  });
}

void OpenTransactions::reopen(const DecidedTransaction& transaction) {
  const auto at = std::ranges::lower_bound(unreplicated_, transaction.first_offset, {},
                                           &DecidedTransaction::first_offset);
  if (at != unreplicated_.end() && *at == transaction) return;
  unreplicated_.insert(at, transaction);
}

void OpenTransactions::forget(ProducerId producer, Offset first_offset) {
  std::erase(undecided_, OpenTransaction{producer, first_offset});
}

}  // namespace eosim::kafka
