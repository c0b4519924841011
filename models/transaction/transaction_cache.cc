#include "models/transaction/transaction_cache.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

namespace {

template <class Transactions>
auto position(Transactions& transactions, Name id) {
  return std::lower_bound(
      transactions.begin(), transactions.end(), id,
      [](const TransactionMetadata& a, Name b) { return a.transactional_id.id < b.id; });
}

}  // namespace

TransactionCache::Found TransactionCache::find(int32_t partition, Name transactional_id) {
  if (is_loading(partition)) return {Error::kCoordinatorLoadInProgress, {}, nullptr};
  const auto led = partitions_.find(partition);
  if (led == partitions_.end()) return {Error::kNotCoordinator, {}, nullptr};
  const auto at = position(led->second.transactions, transactional_id);
  const bool known =
      at != led->second.transactions.end() && at->transactional_id == transactional_id;
  return {Error::kNone, led->second.epoch, known ? &*at : nullptr};
}

TransactionCache::Found TransactionCache::find_same_epoch(int32_t partition, Name transactional_id,
                                                          CoordinatorEpoch epoch) {
  Found found = find(partition, transactional_id);
  if (found.error != Error::kNone) return found;
  if (found.epoch != epoch || found.metadata == nullptr) {
    return {Error::kNotCoordinator, found.epoch, nullptr};
  }
  return found;
}

const TransactionMetadata* TransactionCache::peek(int32_t partition, Name transactional_id) const {
  const auto led = partitions_.find(partition);
  if (led == partitions_.end()) return nullptr;
  const auto at = position(led->second.transactions, transactional_id);
  const bool known =
      at != led->second.transactions.end() && at->transactional_id == transactional_id;
  return known ? &*at : nullptr;
}

TransactionMetadata& TransactionCache::at(int32_t partition, Name transactional_id) {
  std::vector<TransactionMetadata>& transactions = partitions_.at(partition).transactions;
  const auto found = position(transactions, transactional_id);
  EOSIM_ASSERT(found != transactions.end() && found->transactional_id == transactional_id);
  return *found;
}

TransactionMetadata& TransactionCache::insert(int32_t partition, TransactionMetadata metadata) {
  std::vector<TransactionMetadata>& transactions = partitions_.at(partition).transactions;
  const auto at = position(transactions, metadata.transactional_id);
  EOSIM_ASSERT(at == transactions.end() || at->transactional_id != metadata.transactional_id);
  return *transactions.insert(at, std::move(metadata));
}

void TransactionCache::erase(int32_t partition, Name transactional_id) {
  std::vector<TransactionMetadata>& transactions = partitions_.at(partition).transactions;
  const auto at = position(transactions, transactional_id);
  EOSIM_ASSERT(at != transactions.end() && at->transactional_id == transactional_id);
  transactions.erase(at);
}

void TransactionCache::begin_load(int32_t partition, CoordinatorEpoch epoch) {
  loading_.emplace(partition, epoch);
}

bool TransactionCache::end_load(int32_t partition, CoordinatorEpoch epoch) {
  if (loading_.erase({partition, epoch}) == 0) return false;
  const auto led = partitions_.find(partition);
  return led == partitions_.end() || led->second.epoch < epoch;
}

void TransactionCache::install(int32_t partition, Partition loaded) {
  EOSIM_ASSERT(std::is_sorted(loaded.transactions.begin(), loaded.transactions.end(),
                              [](const TransactionMetadata& a, const TransactionMetadata& b) {
                                return a.transactional_id.id < b.transactional_id.id;
                              }));
  partitions_.insert_or_assign(partition, std::move(loaded));
}

void TransactionCache::resign(int32_t partition, CoordinatorEpoch epoch, bool older_loads) {
  std::erase_if(loading_, [&](const auto& load) {
    return load.first == partition && (older_loads ? load.second <= epoch : load.second == epoch);
  });
  partitions_.erase(partition);
}

bool TransactionCache::is_loading(int32_t partition) const {
  const auto first = loading_.lower_bound({partition, CoordinatorEpoch{INT32_MIN}});
  return first != loading_.end() && first->first == partition;
}

void TransactionCache::sort_by_text(const Names& names, std::vector<Key>& keys) {
  std::sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
    return names.text(a.transactional_id) < names.text(b.transactional_id);
  });
}

}  // namespace eosim::kafka
