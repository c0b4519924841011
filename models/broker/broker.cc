#include "models/broker/broker.h"

#include <algorithm>
#include <utility>

#include "sim/assert.h"

namespace eosim::kafka {

std::unique_ptr<sim::Process> Broker::clone() const { return std::make_unique<Broker>(*this); }

std::unique_ptr<sim::Process> Broker::restarted() const {
  return std::make_unique<Broker>(config_);
}

void Broker::step(sim::Context& context, const sim::Step& step) {
  EOSIM_ASSERT(started_ == (step.kind != sim::StepKind::kStart));
  EOSIM_ASSERT(finished_.empty());
  switch (step.kind) {
    case sim::StepKind::kStart:
      start(context);
      break;
    case sim::StepKind::kMessage:
      if (step.message.request) {
        on_request(context, step.message);
      } else if (const auto outcome = marker_sender_.on_response(context, step.message)) {
        on_markers_sent(context, *outcome);
      }
      break;
    case sim::StepKind::kTimer:
      on_timer(context, step.tag);
      break;
    case sim::StepKind::kClosed:
      if (const auto outcome = marker_sender_.on_closed(context, step.connection)) {
        on_markers_sent(context, *outcome);
      }
      break;
    case sim::StepKind::kDiskDone:
    case sim::StepKind::kControl:
      break;
  }
  settle(context);
}

void Broker::on_timer(sim::Context& context, const sim::TimerTag& tag) {
  switch (static_cast<BrokerTimer>(tag.kind)) {
    case BrokerTimer::kCoordinators:
      return on_coordinator_deadline(context);
    case BrokerTimer::kProducerExpiry:
      replicas_.expire_producers(context, config_.transactional_id_expiration_ms);
      return arm_producer_expiry(context);
    case BrokerTimer::kProduceTimeout:
      return delayed_produces_.expire(SlotId::unpacked(tag.large), finished_);
    case BrokerTimer::kFetchTimeout:
      return on_fetch_timeout(context, SlotId::unpacked(tag.large));
    case BrokerTimer::kHighWatermark:
      return replicas_.on_lag_over(context, tag.small, Offset{static_cast<int64_t>(tag.large)});
    case BrokerTimer::kLoaded:
      return load_coordinators(context);
    case BrokerTimer::kMarkerTimeout:
      if (const auto outcome = marker_sender_.on_timeout(context, tag.small)) {
        on_markers_sent(context, *outcome);
      }
      return;
  }
  EOSIM_ASSERT(false);
}

// Everything that this step made possible, until nothing is left: the outcome of an append lets a
// coordinator append again.
void Broker::settle(sim::Context& context) {
  for (;;) {
    if (!finished_.empty()) {
      const List<FinishedAppend> finished = std::exchange(finished_, {});
      for (const FinishedAppend& append : finished) complete(context, append);
      continue;
    }
    const List<TopicPartition> moved = replicas_.take_moved();
    if (moved.empty()) break;
    std::vector<sim::TimerId> timers;
    for (const TopicPartition partition : moved) {
      delayed_produces_.reached(partition, replicas_.high_watermark(partition),
                                replicas_.error_after_append(partition), finished_, timers);
    }
    for (const sim::TimerId timer : timers) context.cancel(timer);
    for (const TopicPartition partition : moved) wake_fetches(context, partition);
  }
  if (std::exchange(coordinators_touched_, false)) arm_coordinators(context);
}

void Broker::complete(sim::Context& context, const FinishedAppend& finished) {
  switch (finished.owner.kind) {
    case AppendOwner::Kind::kProduce:
      return finish_produce(context, finished);
    case AppendOwner::Kind::kMarkers:
      return finish_marker(context, finished);
    case AppendOwner::Kind::kTransaction: {
      TransactionCoordinator::Effects effects;
      transactions_->on_append_done(environment(context), finished.owner.token,
                                    finished.partitions.front().error, effects);
      return carry_out(context, effects);
    }
    case AppendOwner::Kind::kGroup: {
      const PartitionAppend& append = finished.partitions.front();
      GroupCoordinator::Effects effects;
      groups_->on_append_done(environment(context), finished.owner.token, append.error,
                              append.base_offset, effects);
      return carry_out(context, effects);
    }
  }
}

// Kafka's ReplicaManager.appendRecords: writes what can be written, and ends at once unless some of
// it has to wait for the high watermark.
void Broker::append(sim::Context& context, const AppendOwner& owner,
                    const List<PartitionBatch>& batches, const AppendTerms& terms,
                    sim::Duration timeout) {
  List<PartitionAppend> appends;
  appends.reserve(batches.size());
  bool waiting = false;
  for (const PartitionBatch& batch : batches) {
    appends.push_back(replicas_.append(context, batch.partition, batch.batch, terms));
    waiting = waiting || appends.back().waiting;
  }
  if (!waiting) {
    finished_.push_back({owner, std::move(appends)});
    return;
  }
  const SlotId id = delayed_produces_.park(owner, std::move(appends));
  const sim::TimerTag tag = timer_tag(BrokerTimer::kProduceTimeout, id);
  delayed_produces_.set_timer(id, context.set_timer(context.actor(), timeout, tag));
}

std::string Broker::describe() const {
  if (!started_) return "not started";
  std::string text = loading_ ? "coordinators load; " : "";
  text += std::to_string(delayed_produces_.size()) + " appends, " +
          std::to_string(delayed_fetches_.size()) + " fetches and " +
          std::to_string(marker_writes_.size()) + " marker requests wait; " +
          std::to_string(marker_sender_.in_flight()) + " marker requests sent";
  return text;
}

}  // namespace eosim::kafka
