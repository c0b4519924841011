// What an operator is told of transactions (KIP-664, transactions.md 2.11).
#pragma once

#include "models/protocol/messages.h"
#include "models/transaction/transaction_metadata.h"

namespace eosim::kafka {

// `metadata` is what the cache found with `error` NONE; null: the id is not known. During Prepare*
// the partitions are those whose marker is not acknowledged yet.
DescribeTransactionsResponse::Transaction describe_transaction(Name transactional_id, Error error,
                                                               const TransactionMetadata* metadata);

// Whether the request asks for this one. Idle ids have no start and are older than any duration.
bool is_listed(const TransactionMetadata& metadata, const ListTransactionsRequest& request,
               int64_t now_ms);

}  // namespace eosim::kafka
