// The transactional ids of the transaction partitions that this broker leads, and which of these
// are still being loaded (transactions.md 1.4, 3.1). The coordinator epoch is the leader epoch of
// the partition when it was loaded. Ids are kept in the order of their interned number, for lookup;
// whoever does something visible for several of them goes through by_text().
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "models/protocol/errors.h"
#include "models/protocol/names.h"
#include "models/transaction/transaction_metadata.h"

namespace eosim::kafka {

class TransactionCache {
 public:
  struct Partition {
    CoordinatorEpoch epoch;
    std::vector<TransactionMetadata> transactions;  // by Name::id
  };
  // error is LOAD_IN_PROGRESS or NOT_COORDINATOR, else NONE; then metadata is null for an unknown
  // id. The pointer is good until the next insert, erase, install or remove.
  struct Found {
    Error error = Error::kNone;
    CoordinatorEpoch epoch;
    TransactionMetadata* metadata = nullptr;
  };

  Found find(int32_t partition, Name transactional_id);
  // Like find(), and NOT_COORDINATOR unless the partition is still led under `epoch` and knows the
  // id.
  Found find_same_epoch(int32_t partition, Name transactional_id, CoordinatorEpoch epoch);
  // What is cached, whether or not a load goes on: for checkers.
  const TransactionMetadata* peek(int32_t partition, Name transactional_id) const;
  // Must be cached; does not ask whether a load goes on.
  TransactionMetadata& at(int32_t partition, Name transactional_id);
  TransactionMetadata& insert(int32_t partition, TransactionMetadata metadata);
  void erase(int32_t partition, Name transactional_id);

  // A load of an older epoch that is still running goes on, as in Kafka; the newer one, which ends
  // after it, replaces what it installs.
  void begin_load(int32_t partition, CoordinatorEpoch epoch);
  // False: the result must not be used. The load was cancelled by a resignation, or a newer one has
  // ended before it (Kafka's loads run one after the other).
  bool end_load(int32_t partition, CoordinatorEpoch epoch);
  void install(int32_t partition, Partition loaded);
  // Forgets the ids, and cancels the load of exactly this epoch or, with `older_loads`, of all up
  // to it. Without, a load that ends late installs what another broker owns by now (KAFKA-18137).
  void resign(int32_t partition, CoordinatorEpoch epoch, bool older_loads);
  bool is_loading(int32_t partition) const;

  const std::map<int32_t, Partition>& partitions() const { return partitions_; }
  const std::set<std::pair<int32_t, CoordinatorEpoch>>& loading() const { return loading_; }

  struct Key {
    int32_t partition = -1;
    Name transactional_id;
  };
  // Those ids for which test(metadata) holds, in the order of their text.
  template <class Test>
  std::vector<Key> by_text(const Names& names, Test test) const {
    std::vector<Key> keys;
    for (const auto& [number, partition] : partitions_) {
      for (const TransactionMetadata& metadata : partition.transactions) {
        if (test(metadata)) keys.push_back({number, metadata.transactional_id});
      }
    }
    sort_by_text(names, keys);
    return keys;
  }

 private:
  static void sort_by_text(const Names& names, std::vector<Key>& keys);

  std::map<int32_t, Partition> partitions_;
  std::set<std::pair<int32_t, CoordinatorEpoch>> loading_;
};

}  // namespace eosim::kafka
