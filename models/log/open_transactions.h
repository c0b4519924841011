// The transactions that hold a partition's last stable offset back (transactions.md 1.9, 4.7):
// those without a marker, and those whose marker is not yet below the high watermark.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "models/protocol/types.h"

namespace eosim::kafka {

struct OpenTransaction {
  ProducerId producer;
  Offset first_offset;
  friend bool operator==(const OpenTransaction&, const OpenTransaction&) = default;
};

struct DecidedTransaction {
  ProducerId producer;
  Offset first_offset;
  Offset marker_offset;
  friend bool operator==(const DecidedTransaction&, const DecidedTransaction&) = default;
};

// At most one open transaction a producer (invariant P5).
class OpenTransactions {
 public:
  void begin(ProducerId producer, Offset first_offset);
  // The transaction that began at this offset has its marker.
  void decide(ProducerId producer, Offset first_offset, Offset marker_offset);
  // Decided transactions whose marker is below the high watermark are of the past, and so are those
  // whose marker the start of the log has passed.
  void high_watermark_raised(Offset high_watermark);
  void log_start_moved(Offset log_start) { high_watermark_raised(log_start); }
  // One that was of the past, until the high watermark fell below its marker again.
  void reopen(const DecidedTransaction& transaction);
  // Its producer's state is evicted (transactions.md 4.9).
  void forget(ProducerId producer, Offset first_offset);

  // The first offset that is not stable; none: everything is.
  std::optional<Offset> first_unstable() const {
    std::optional<Offset> first = first_undecided();
    if (!unreplicated_.empty() && (!first || unreplicated_.front().first_offset < *first)) {
      first = unreplicated_.front().first_offset;
    }
    return first;
  }
  // Where the earliest transaction without a marker began.
  std::optional<Offset> first_undecided() const {
    if (undecided_.empty()) return std::nullopt;
    return undecided_.front().first_offset;
  }

  std::span<const OpenTransaction> undecided() const { return undecided_; }
  std::span<const DecidedTransaction> unreplicated() const { return unreplicated_; }
  void clear() { *this = {}; }
  void clear_undecided() { undecided_.clear(); }
  friend bool operator==(const OpenTransactions&, const OpenTransactions&) = default;

 private:
  std::vector<OpenTransaction> undecided_;        // by first offset
  std::vector<DecidedTransaction> unreplicated_;  // by first offset
};

}  // namespace eosim::kafka
