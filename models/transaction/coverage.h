// The tables of transactions.md 2.3-2.5, 3.2, 3.3 and 3.5 as request x state x answer: which cells
// there are, and in which one a request meets the coordinator.
#pragma once

#include "models/protocol/coverage.h"
#include "models/protocol/messages.h"
#include "models/transaction/transaction_coordinator.h"

namespace eosim::kafka {

const CoverageTable& transaction_coverage();

// Before the request is handled. Invalid: it is about no transactional id, or about several.
Encounter met_by(const TransactionCoordinator& coordinator, const Names& names,
                 const InitProducerIdRequest& request);
Encounter met_by(const TransactionCoordinator& coordinator, const Names& names,
                 const AddPartitionsToTxnRequest& request);
Encounter met_by(const TransactionCoordinator& coordinator, const Names& names,
                 const AddOffsetsToTxnRequest& request);
Encounter met_by(const TransactionCoordinator& coordinator, const Names& names,
                 const EndTxnRequest& request);
Encounter met_by(const TransactionCoordinator& coordinator, const Names& names,
                 const DescribeTransactionsRequest& request);
Encounter met_by(const TransactionCoordinator& coordinator, const Names& names,
                 const ListTransactionsRequest& request);

}  // namespace eosim::kafka
