// The aborted transactions whose markers a segment holds, in the order of the markers
// (transactions.md 1.10, 4.8; Kafka's TransactionIndex). From it a fetch tells a consumer which
// records to skip.
#pragma once

#include <span>
#include <vector>

#include "models/protocol/messages.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

struct AbortedRange {
  ProducerId producer;
  Offset first_offset;
  Offset last_offset;         // of the ABORT marker
  Offset last_stable_offset;  // of the partition once this transaction is no longer in the way
  friend bool operator==(const AbortedRange&, const AbortedRange&) = default;
};

// Entries have strictly increasing last offsets.
class TransactionIndex {
 public:
  void append(const AbortedRange& range);
  // Adds the transactions that may have records in [from, upper), as a consumer is told of them.
  // false: no later segment has any.
  bool collect(Offset from, Offset upper, List<AbortedTransaction>& found) const;
  std::span<const AbortedRange> all() const { return ranges_; }
  void clear() { ranges_.clear(); }
  friend bool operator==(const TransactionIndex&, const TransactionIndex&) = default;

 private:
  std::vector<AbortedRange> ranges_;
};

}  // namespace eosim::kafka
