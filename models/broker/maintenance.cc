// What brokers do about their logs in the background (transactions.md 4.9): old segments go, where
// cleanup.policy wants it, and compacted logs are cleaned. Each replica does it by itself.
#include <algorithm>
#include <utility>

#include "models/broker/broker.h"
#include "models/log/cleaner.h"
#include "models/protocol/events.h"
#include "models/protocol/shared.h"

namespace eosim::kafka {

// Twice in replica.lag.time.max.ms, and time has to go on.
sim::Duration Broker::isr_check_interval() const {
  return sim::milliseconds(std::max(config_.replica_lag_time_max_ms / 2, 1));
}

void Broker::arm_maintenance(sim::Context& context) {
  const auto any = [&](bool LogConfig::*policy) {
    return std::ranges::any_of(config_.log_configs,
                               [&](const LogConfig& config) { return config.*policy; });
  };
  if (any(&LogConfig::deletes)) {
    context.set_timer(context.actor(), sim::milliseconds(config_.log_retention_check_interval_ms),
                      timer_tag(BrokerTimer::kMaintenance));
  }
  if (any(&LogConfig::compacts)) {
    context.set_timer(context.actor(), sim::milliseconds(config_.log_cleaner_backoff_ms),
                      timer_tag(BrokerTimer::kCleaner));
  }
}

void ReplicaManager::delete_old_segments(sim::Context& context) {
  auto& batches = kafka_shared(context).batches;
  for (Replica& replica : replicas_) {
    if (!replica.log.config().deletes) continue;
    const Offset before = replica.log.log_start_offset();
    const Released released = replica.log.delete_old_segments(switches_, context.wall().ms());
    if (released.empty() && replica.log.log_start_offset() == before) continue;
    for (const BatchId batch : released) batches.release(batch);
    replace_file(context, replica);
    write_epochs(context, replica);
    if (replica.log.log_start_offset() == before) continue;
    report_start(context, replica);
    if (replica.leads()) touch(replica);
  }
}

void ReplicaManager::clean_logs(sim::Context& context) {
  auto& batches = kafka_shared(context).batches;
  const int64_t now_ms = context.wall().ms();
  for (Replica& replica : replicas_) {
    if (!replica.log.config().compacts || !wants_cleaning(replica.log, now_ms)) continue;
    CleanResult cleaned = clean(replica.log, batches, now_ms);
    replica.log = std::move(cleaned.log);
    for (const BatchId batch : cleaned.released) batches.release(batch);
    replace_file(context, replica);
    context.emit(event_id(Event::kLogCleaned),
                 {replica.partition.packed(), static_cast<int64_t>(replica.log.entries().size()),
                  replica.log.first_dirty_offset().value});
  }
}

}  // namespace eosim::kafka
