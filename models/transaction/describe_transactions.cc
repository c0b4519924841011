#include "models/transaction/describe_transactions.h"

#include <algorithm>

#include "sim/assert.h"

namespace eosim::kafka {

namespace {

template <class T>
bool asks_for(const List<T>& wanted, T value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

}  // namespace

DescribeTransactionsResponse::Transaction describe_transaction(
    Name transactional_id, Error error, const TransactionMetadata* metadata) {
  DescribeTransactionsResponse::Transaction described;
  described.transactional_id = transactional_id;
  described.error = error;
  if (error != Error::kNone) return described;
  if (metadata == nullptr) {
    described.error = Error::kTransactionalIdNotFound;
    return described;
  }
  EOSIM_ASSERT(metadata->state != TransactionState::kDead);  // a pending state only (1.3)
  described.state = metadata->state;
  described.producer = metadata->producer;
  described.timeout_ms = metadata->timeout_ms;
  described.start_ms = metadata->start_ms;
  described.partitions = metadata->partitions;
  return described;
}

bool is_listed(const TransactionMetadata& metadata, const ListTransactionsRequest& request,
               int64_t now_ms) {
  if (!asks_for(request.producers, metadata.producer.id)) return false;
  if (!asks_for(request.states, metadata.state)) return false;
  return request.duration_ms < 0 || now_ms - metadata.start_ms > request.duration_ms;
}

}  // namespace eosim::kafka
