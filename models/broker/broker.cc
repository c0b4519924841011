#include "models/broker/broker.h"

#include <algorithm>
#include <utility>

#include "models/broker/respond.h"
#include "models/log/coverage.h"
#include "sim/assert.h"

namespace eosim::kafka {

std::unique_ptr<sim::Process> Broker::clone() const { return std::make_unique<Broker>(*this); }

std::unique_ptr<sim::Process> Broker::restarted() const {
  auto made = std::make_unique<Broker>(next_config_ ? *next_config_ : config_);
  made->slow_metadata_ = slow_metadata_;  // a fault's, not its own
  return made;
}

void Broker::reconfigure(BrokerConfig config) {
  EOSIM_ASSERT(config.id == config_.id);
  (stage_ == Stage::kNew ? config_ : next_config_.emplace()) = std::move(config);
}

void Broker::step(sim::Context& context, const sim::Step& step) {
  EOSIM_ASSERT((stage_ == Stage::kNew) == (step.kind == sim::StepKind::kStart));
  EOSIM_ASSERT(finished_.empty());
  switch (step.kind) {
    case sim::StepKind::kStart:
      start(context);
      break;
    case sim::StepKind::kMessage:
      on_message(context, step.message);
      break;
    case sim::StepKind::kTimer:
      on_timer(context, step.tag);
      break;
    case sim::StepKind::kClosed:
      on_closed(context, step.connection);
      break;
    case sim::StepKind::kStop:
      on_stop(context);
      break;
    case sim::StepKind::kControl:
    case sim::StepKind::kDiskDone:
      break;
  }
  if (stage_ == Stage::kServing) settle(context);
}

void Broker::on_message(sim::Context& context, const sim::Message& message) {
  if (message.request) {
    // Its port is not open.
    if (stage_ != Stage::kServing) return context.refuse(message.connection);
    return on_request(context, message);
  }
  if (fetchers_.on_response(context, replicas_, message)) return;
  if (on_controller_response(context, message)) return;
  if (verification_sender_.on_response(context, message, verified_.waiting())) return;
  if (const auto outcome = marker_sender_.on_response(context, message)) {
    on_markers_sent(context, *outcome);
  }
}

void Broker::on_closed(sim::Context& context, sim::ConnectionId connection) {
  if (fetchers_.on_closed(context, connection)) return;
  if (on_controller_closed(context, connection)) return;
  if (verification_sender_.on_closed(connection, verified_.waiting())) return;
  if (const auto outcome = marker_sender_.on_closed(context, connection)) {
    on_markers_sent(context, *outcome);
  }
}

void Broker::on_timer(sim::Context& context, const sim::TimerTag& tag) {
  switch (static_cast<BrokerTimer>(tag.kind)) {
    case BrokerTimer::kCoordinators:
      return on_coordinator_deadline(context);
    case BrokerTimer::kProducerExpiry:
      return on_producer_expiry(context);
    case BrokerTimer::kProduceTimeout:
      return delayed_produces_.expire(SlotId::unpacked(tag.large), finished_.waiting());
    case BrokerTimer::kFetchTimeout:
      return on_fetch_timeout(context, SlotId::unpacked(tag.large));
    case BrokerTimer::kAwake:
      return wake_up(context);
    case BrokerTimer::kLoaded:
      return on_loaded(context, tag.small, LeaderEpoch{static_cast<int32_t>(tag.large)});
    case BrokerTimer::kMarkerTimeout:
      if (const auto outcome = marker_sender_.on_timeout(context, tag.small)) {
        on_markers_sent(context, *outcome);
      }
      return;
    case BrokerTimer::kLine:
      return on_line_timer(context, tag.small);
    case BrokerTimer::kSessionWait:
      if (const auto waiting = sessions_.on_wait_over(context, replicas_, tag.small)) {
        respond(context, *waiting, std::move(sessions_.response()));
      }
      return;
    case BrokerTimer::kFetcherBackoff:
      return fetchers_.on_backoff_over(tag.small);
    case BrokerTimer::kFetchRetry:
      return fetchers_.on_retry(tag.small, tag.large);
    case BrokerTimer::kIsrShrink:
      replicas_.shrink_isrs(context);
      context.set_timer(context.actor(), isr_check_interval(), tag);
      return;
    case BrokerTimer::kCheckpoint:
      replicas_.checkpoint_high_watermarks(context);
      context.set_timer(context.actor(),
                        sim::milliseconds(config_.replica_high_watermark_checkpoint_interval_ms),
                        tag);
      return;
    case BrokerTimer::kMetadata:
      return on_image_due(context);
    case BrokerTimer::kMetadataRetry:
      return fetch_metadata(context);
    case BrokerTimer::kHeartbeat:
      return say_hello(context);
    case BrokerTimer::kAlterRetry:
      alter_resting_ = false;
      return;
    case BrokerTimer::kVerification:
      return on_verification_retry(context, SlotId::unpacked(tag.large));
    case BrokerTimer::kMaintenance:
      replicas_.delete_old_segments(context);
      context.set_timer(context.actor(), sim::milliseconds(config_.log_retention_check_interval_ms),
                        tag);
      return;
    case BrokerTimer::kCleaner:
      replicas_.clean_logs(context);
      context.set_timer(context.actor(), sim::milliseconds(config_.log_cleaner_backoff_ms), tag);
      return;
    case BrokerTimer::kFlushed:
      return;
    case BrokerTimer::kShutdown:
      return stop(context);
  }
  EOSIM_ASSERT(false);
}

void Broker::on_line_timer(sim::Context& context, uint32_t line) {
  switch (line_purpose(line)) {
    case LinePurpose::kController:
      if (controller_.at(line_index(line)).overdue(context)) {
        on_controller_silent(context, line_index(line));
      }
      return;
    case LinePurpose::kFetcher:
      return fetchers_.on_line_timer(context, line_index(line));
    case LinePurpose::kVerification:
      return verification_sender_.on_line_timer(context, line_index(line), verified_.waiting());
  }
  EOSIM_ASSERT(false);
}

// Everything that this step made possible, until nothing is left: the outcome of an append lets a
// coordinator append again. Then what goes to other brokers, each once.
void Broker::settle(sim::Context& context) {
  for (;;) {
    if (!finished_.empty()) {
      for (const FinishedAppend& append : finished_.take()) complete(context, append);
      continue;
    }
    if (!verified_.empty()) {
      for (const VerificationOutcome& outcome : verified_.take()) on_verified(context, outcome);
      continue;
    }
    if (!replicas_.any_moved()) break;
    wake_waiting(context);
  }
  if (replicas_.any_touched()) {
    for (const uint32_t replica : replicas_.take_touched()) sessions_.touch(replicas_, replica);
  }
  if (sessions_.urgent()) {
    while (const auto waiting = sessions_.answer_urgent(replicas_)) {
      respond(context, *waiting, std::move(sessions_.response()));
    }
  }
  if (awake_) {
    fetchers_.send_all(context, replicas_);
    verification_sender_.send_all(context);
    if (replicas_.any_proposals() || !proposals_.empty()) send_proposals(context);
  }
  if (std::exchange(coordinators_touched_, false)) arm_coordinators(context);
}

// Whoever waits for a high watermark or a last stable offset that moved.
void Broker::wake_waiting(sim::Context& context) {
  const std::vector<TopicPartition>& moved = replicas_.take_moved();
  for (const TopicPartition partition : moved) {
    delayed_produces_.reached(partition, replicas_.high_watermark(partition),
                              replicas_.error_after_append(partition), finished_.waiting(),
                              decided_timers_);
  }
  for (const sim::TimerId timer : decided_timers_) context.cancel(timer);
  decided_timers_.clear();
  for (const TopicPartition partition : moved) wake_fetches(context, partition);
}

void Broker::complete(sim::Context& context, const FinishedAppend& finished) {
  for (const PartitionAppend& append : finished.partitions) {
    shared(context).coverage.note(append.met, append.error);
  }
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
                    const PartitionBatches& batches, const AppendTerms& terms,
                    sim::Duration timeout) {
  PartitionAppends appends;
  appends.reserve(batches.size());
  bool waiting = false;
  for (const PartitionBatch& batch : batches) {
    const Encounter met =
        met_by(replicas_.leads(batch.partition) ? replicas_.log(batch.partition) : nullptr,
               shared(context).batches[batch.batch], terms.origin);
    if (batch.error != Error::kNone) {
      replicas_.report_refusal(context, batch.partition, batch.batch, batch.error);
      appends.push_back({batch.partition, batch.error});
    } else {
      AppendTerms own = terms;
      own.min_isr = terms.min_isr && batch.min_isr;
      appends.push_back(
          replicas_.append(context, batch.partition, batch.batch, own, batch.verification));
    }
    appends.back().met = met;
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
  switch (stage_) {
    case Stage::kNew:
      return "not started";
    case Stage::kRegistering:
      return "registers with the controller";
    case Stage::kCatchingUp:
      return "registered, waits for metadata";
    case Stage::kStopped:
      return "shut down";
    case Stage::kServing:
      break;
  }
  std::string text = fenced_ ? "fenced; " : "";
  if (loading()) text += "coordinators load; ";
  text += std::to_string(delayed_produces_.size()) + " appends, " +
          std::to_string(delayed_fetches_.size()) + " fetches, " +
          std::to_string(sessions_.parked()) + " followers and " +
          std::to_string(marker_writes_.size()) + " marker requests wait; " +
          std::to_string(marker_sender_.in_flight()) + " marker requests sent";
  return text;
}

}  // namespace eosim::kafka
