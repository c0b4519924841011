// InitProducerId (transactions.md 2.3): gates, then the rules, then an append, a fence or an
// answer.
#include "models/transaction/init_producer_id.h"
#include "models/transaction/transaction_coordinator.h"
#include "sim/assert.h"

namespace eosim::kafka {

void TransactionCoordinator::on_request(const CoordinatorEnv& env, RequestToken token,
                                        const InitProducerIdRequest& request, Effects& effects) {
  const ProducerIdAndEpoch expected =
      config_.switches.on(Switch::kInitExpectedPair) ? request.expected : ProducerIdAndEpoch{};
  const Name tid = request.transactional_id;
  const Caller caller = caller_of(token, request, expected);
  const auto refuse = [&](Error error) { answer(caller, tid, error, {}, effects); };

  if (expected.id.valid() != expected.epoch.valid()) return refuse(Error::kInvalidRequest);
  if (!tid.valid()) {
    const auto id = generate_producer_id(env, effects);
    if (!id) return refuse(Error::kCoordinatorLoadInProgress);
    return answer(caller, tid, Error::kNone, {*id, ProducerEpoch{0}}, effects);
  }
  if (env.names.text(tid).empty()) return refuse(Error::kInvalidRequest);
  const int32_t timeout_ms = request.transaction_timeout_ms;
  if (timeout_ms <= 0 || timeout_ms > config_.transaction_max_timeout_ms) {
    return refuse(Error::kInvalidTransactionTimeout);
  }
  const int32_t partition = partition_of(env.names, tid);
  TransactionCache::Found found = cache_.find(partition, tid);
  if (found.error != Error::kNone) return refuse(found.error);
  if (found.metadata == nullptr) {
    const auto id = generate_producer_id(env, effects);
    if (!id) return refuse(Error::kCoordinatorLoadInProgress);
    TransactionMetadata fresh;
    fresh.transactional_id = tid;
    fresh.producer = {*id, ProducerEpoch{}};
    fresh.timeout_ms = timeout_ms;
    fresh.last_update_ms = env.clock.wall.ms();
    found.metadata = &cache_.insert(partition, std::move(fresh));
  }
  InitDecision decision = decide_init(*found.metadata, expected);
  if (decision.step == InitDecision::Step::kRefuse) return refuse(decision.error);
  if (decision.step == InitDecision::Step::kFence) {
    fence(env, caller, *found.metadata, effects);
    return;
  }
  if (decision.rotate) {
    const auto id = generate_producer_id(env, effects);
    if (!id) return refuse(Error::kCoordinatorLoadInProgress);
    decision.producer.id = *id;
  }
  PendingAppend pending;
  pending.purpose = AppendPurpose::kInit;
  pending.partition = partition;
  pending.epoch = found.epoch;
  pending.transactional_id = tid;
  pending.transit = prepare_empty(*found.metadata, decision.producer, decision.last_producer_epoch,
                                  timeout_ms, env.clock.wall.ms());
  pending.caller = caller;
  append(env, std::move(pending), effects);
}

// --- producer ids (1.6)
// ----------------------------------------------------------------------------

std::optional<ProducerId> TransactionCoordinator::generate_producer_id(const CoordinatorEnv& env,
                                                                       Effects& effects) {
  bool fetch = false;
  const auto id = producer_ids_.generate(env.clock.steady, fetch);
  if (fetch) effects.push_back(FetchProducerIdsEffect{});
  return id;
}

void TransactionCoordinator::give_producer_ids(int64_t first, int32_t count) {
  producer_ids_.give(first, count);
}

void TransactionCoordinator::on_producer_ids(const CoordinatorEnv& env,
                                             const ProducerIdsResult& result) {
  producer_ids_.on_fetched(env.clock.steady, result);
}

}  // namespace eosim::kafka
