// What a coordinator that starts now would read from the log, held against the one that lives
// (txn.T19, checker K9).
#pragma once

#include <optional>
#include <span>
#include <string>

#include "models/transaction/transaction_coordinator.h"

namespace eosim::kafka {

// For a partition that this broker leads, under the epoch of its cache, with nothing being loaded
// (else: no mismatch). `log` is its whole log up to the end, at any moment between two steps.
//
// Each id of the cache has a record that its state is of; what is persisted must be equal, except
// for what is kept in memory only: partitions whose marker is acknowledged, and an epoch that a
// fence raised before its append. Whatever follows that record in the log must be an append that is
// in flight or was taken back with its outcome unknown (3.4). None: equal. Else: what differs.
std::optional<std::string> replay_mismatch(const TransactionCoordinator& coordinator,
                                           const Names& names, const BatchStore& batches,
                                           int32_t partition, std::span<const BatchId> log);

}  // namespace eosim::kafka
