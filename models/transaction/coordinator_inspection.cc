// What operators (KIP-664), checkers, tools and tests may ask. Changes nothing.
#include <algorithm>

#include "models/transaction/describe_transactions.h"
#include "models/transaction/transaction_coordinator.h"

namespace eosim::kafka {

namespace {

bool has_append(const std::map<uint64_t, PendingAppend>& appends, int32_t partition, Name id) {
  return std::any_of(appends.begin(), appends.end(), [&](const auto& entry) {
    const PendingAppend& append = entry.second;
    if (append.partition != partition) return false;
    return append.transactional_id == id ||
           std::any_of(append.expiring.begin(), append.expiring.end(),
                       [&](const ExpiringId& expiring) { return expiring.transactional_id == id; });
  });
}

bool names_id(const std::vector<MarkerEntry>& entries, Name id) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const MarkerEntry& entry) { return entry.transactional_id == id; });
}

List<BrokerId> destinations_of(const MarkerChannel& channel, Name id) {
  List<BrokerId> brokers;
  for (const auto& [broker, destination] : channel.destinations()) {
    bool used = names_id(destination.queue, id) ||
                (destination.in_flight && names_id(destination.flight.entries, id));
    for (const MarkerChannel::Request& request : destination.waiting) {
      used = used || names_id(request.entries, id);
    }
    if (used) brokers.push_back(broker);
  }
  return brokers;
}

}  // namespace

TransactionCoordinator::TransactionCoordinator(TransactionCoordinatorConfig config)
    : config_(std::move(config)),
      producer_ids_(config_.switches.as<PidSource>(Switch::kPidSource)) {
  EOSIM_ASSERT(config_.transaction_partitions > 0 && config_.offsets_partitions > 0);
  EOSIM_ASSERT(config_.abort_timed_out_interval_ms > 0 && config_.remove_expired_interval_ms > 0);
  EOSIM_ASSERT(config_.request_timeout_ms > 0);
}

int32_t TransactionCoordinator::partition_of(const Names& names, Name transactional_id) const {
  return names.partition_for(transactional_id, config_.transaction_partitions);
}

const TransactionMetadata* TransactionCoordinator::find(const Names& names,
                                                        Name transactional_id) const {
  if (!transactional_id.valid()) return nullptr;
  return cache_.peek(partition_of(names, transactional_id), transactional_id);
}

void TransactionCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                        const DescribeTransactionsRequest& request,
                                        Effects& effects) {
  DescribeTransactionsResponse response;
  for (const Name id : request.transactional_ids) {
    const bool named = !env.names.text(id).empty();
    const TransactionCache::Found found =
        named ? cache_.find(partition_of(env.names, id), id)
              : TransactionCache::Found{Error::kInvalidRequest, {}, nullptr};
    response.transactions.push_back(describe_transaction(id, found.error, found.metadata));
  }
  effects.push_back(AnswerEffect<DescribeTransactionsResponse>{token, std::move(response)});
}

void TransactionCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                        const ListTransactionsRequest& request, Effects& effects) {
  ListTransactionsResponse response;
  if (cache_.loading().empty()) {
    const int64_t now_ms = env.clock.wall.ms();
    const auto asked_for = [&](const TransactionMetadata& metadata) {
      return is_listed(metadata, request, now_ms);
    };
    for (const TransactionCache::Key& key : cache_.by_text(env.names, asked_for)) {
      const TransactionMetadata& metadata = *cache_.peek(key.partition, key.transactional_id);
      response.transactions.push_back(
          {metadata.transactional_id, metadata.producer.id, metadata.state});
    }
  } else {
    response.error = Error::kCoordinatorLoadInProgress;
  }
  effects.push_back(AnswerEffect<ListTransactionsResponse>{token, std::move(response)});
}

std::vector<TransactionDebt> TransactionCoordinator::debts(const Names& names) const {
  const auto busy = [](const TransactionMetadata& metadata) {
    return !metadata.idle() || metadata.pending.has_value();
  };
  std::vector<TransactionDebt> debts;
  for (const TransactionCache::Key& key : cache_.by_text(names, busy)) {
    const Name id = key.transactional_id;
    const TransactionMetadata& metadata = *cache_.peek(key.partition, id);
    TransactionDebt debt{.transactional_id = id,
                         .producer = metadata.producer,
                         .state = metadata.state,
                         .pending = metadata.pending,
                         .waits_for = TransactionWait::kNothing,
                         .partitions = metadata.partitions,
                         .destinations = destinations_of(channel_, id)};
    const bool retried = std::any_of(
        append_retries_.begin(), append_retries_.end(),
        [&](const PendingCompletion& pending) { return pending.transactional_id == id; });
    if (has_append(appends_, key.partition, id)) {
      debt.waits_for = TransactionWait::kAppend;
    } else if (retried) {
      debt.waits_for = TransactionWait::kAppendRetry;
    } else if (metadata.state == TransactionState::kOngoing) {
      debt.waits_for = TransactionWait::kClientOrTimeout;
      debt.overdue_ms =
          metadata.start_ms + metadata.timeout_ms + config_.abort_timed_out_interval_ms;
    } else if (!completions_.contains(id.id)) {
      debt.waits_for = TransactionWait::kNothing;
    } else if (names_id(channel_.unresolved(), id)) {
      debt.waits_for = TransactionWait::kUnresolvedLeader;
    } else {
      debt.waits_for = TransactionWait::kMarkers;
    }
    debts.push_back(std::move(debt));
  }
  return debts;
}

}  // namespace eosim::kafka
