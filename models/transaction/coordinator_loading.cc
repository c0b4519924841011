// Coming and going of transaction partitions (transactions.md 3.11).
#include <utility>

#include "models/transaction/transaction_coordinator.h"
#include "models/transaction/transaction_log.h"
#include "sim/assert.h"

namespace eosim::kafka {

void TransactionCoordinator::begin_load(int32_t partition, CoordinatorEpoch epoch) {
  EOSIM_ASSERT(partition >= 0 && partition < config_.transaction_partitions && epoch.valid());
  drop_markers(partition);
  cache_.begin_load(partition, epoch);
}

// Kafka forgets who waits for a marker that was sent when its answer comes; nobody can tell.
void TransactionCoordinator::drop_markers(int32_t partition) {
  channel_.drop(partition);
  std::erase_if(completions_,
                [&](const auto& entry) { return entry.second.partition == partition; });
}

void TransactionCoordinator::finish_load(const CoordinatorEnv& env, int32_t partition,
                                         CoordinatorEpoch epoch, std::span<const BatchId> log,
                                         Effects& effects) {
  if (!cache_.end_load(partition, epoch)) return;
  cache_.install(partition, {epoch, fold_transaction_log(env.batches, log)});
  const auto here = cache_.by_text(env.names, [&](const TransactionMetadata& metadata) {
    return partition_of(env.names, metadata.transactional_id) == partition;
  });
  bool prepared = false;
  for (const TransactionCache::Key& key : here) {
    EOSIM_ASSERT(key.partition == partition);
    TransactionMetadata& metadata = cache_.at(partition, key.transactional_id);
    effects.push_back(make_event(Event::kTransactionLoaded,
                                 {key.transactional_id.id, static_cast<int64_t>(metadata.state),
                                  metadata.producer.id.value, metadata.producer.epoch.value}));
    if (!metadata.preparing()) continue;
    // Who of the leaders has its marker is not known any more: all get it again. A producer id that
    // was promised to the client is not in the log (KAFKA-20310).
    const TransactionTransit complete = prepare_complete(metadata, env.clock.wall.ms());
    start_markers(env, partition, epoch, metadata, complete, effects);
    prepared = true;
  }
  if (prepared) wake_sender(env, effects);
}

void TransactionCoordinator::resign(int32_t partition, CoordinatorEpoch epoch, Effects&) {
  cache_.resign(partition, epoch, config_.switches.on(Switch::kResignForgetsOlderLoads));
  drop_markers(partition);
}

}  // namespace eosim::kafka
