#include "models/check/observation.h"

#include <algorithm>

namespace eosim::check {

const PartitionSeen* Observation::partition(TopicPartition p) const {
  const auto at = std::ranges::find(partitions, p, &PartitionSeen::partition);
  return at == partitions.end() ? nullptr : &*at;
}

const TransactionSeen* Observation::transaction(Name tid) const {
  const auto at = std::ranges::find(transactions, tid, &TransactionSeen::tid);
  return at == transactions.end() ? nullptr : &*at;
}

const GroupSeen* Observation::group(Name name) const {
  const auto at = std::ranges::find(groups, name, &GroupSeen::group);
  return at == groups.end() ? nullptr : &*at;
}

}  // namespace eosim::check
