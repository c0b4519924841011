// Which transactions a cleaner is in while it goes through a log in order (Kafka's
// CleanedTransactionMetadata): aborted records go, and a marker goes once nothing is left of what
// it ended.
#pragma once

#include <cstddef>
#include <vector>

#include "models/log/transaction_index.h"
#include "models/protocol/batch.h"
#include "models/protocol/types.h"

namespace eosim::kafka {

class CleanedTransactions {
 public:
  // `aborted`: those that have data in what is cleaned, wherever their markers are.
  explicit CleanedTransactions(std::vector<AbortedRange> aborted);

  // The next data batch, which ends at `last`. true: it was aborted.
  bool on_data(const RecordBatch& batch, Offset last);
  struct MarkerSeen {
    bool ends_nothing = false;              // nothing of the transaction was seen
    const AbortedRange* aborted = nullptr;  // what of the index stays with the marker
  };
  MarkerSeen on_marker(const RecordBatch& batch, const Marker& marker, Offset offset);

 private:
  struct Aborted {
    ProducerId producer;
    size_t range = 0;
    bool seen = false;
  };
  void reach(Offset last);

  std::vector<AbortedRange> ranges_;  // by first offset
  size_t next_ = 0;
  std::vector<Aborted> aborted_;       // the cleaner is between their first offset and their marker
  std::vector<ProducerId> committed_;  // a set
};

}  // namespace eosim::kafka
