// One timer for the earliest deadline of both coordinators, and the one that lets logs forget
// producers.
#include <algorithm>

#include "models/broker/broker.h"

namespace eosim::kafka {
namespace {

// A timer is set by the drift of its moment: when it fires, the host's clock may be short of the
// deadline by less than this, and a timer of no length at all would then go round in one instant.
constexpr sim::Duration kShortest = sim::microseconds(1);

}  // namespace

void Broker::arm_coordinators(sim::Context& context) {
  const sim::SteadyTime deadline =
      std::min(transactions_->next_deadline(), groups_->next_deadline());
  if (deadline == coordinator_deadline_) return;
  context.cancel(coordinator_timer_);
  coordinator_deadline_ = deadline;
  coordinator_timer_ = sim::kNoTimer;
  if (deadline == sim::kSteadyNever) return;
  const sim::Duration left = deadline - context.steady();
  const sim::Duration delay = left.ns <= 0 ? sim::Duration{} : std::max(left, kShortest);
  coordinator_timer_ =
      context.set_timer(context.actor(), delay, timer_tag(BrokerTimer::kCoordinators));
}

void Broker::on_coordinator_deadline(sim::Context& context) {
  coordinator_timer_ = sim::kNoTimer;
  coordinator_deadline_ = sim::kSteadyNever;
  if (transactions_->next_deadline() <= context.steady()) {
    TransactionCoordinator::Effects effects;
    transactions_->on_deadline(environment(context), effects);
    carry_out(context, effects);
  }
  if (groups_->next_deadline() <= context.steady()) {
    GroupCoordinator::Effects effects;
    groups_->on_deadline(environment(context), effects);
    carry_out(context, effects);
  }
  coordinators_touched_ = true;
}

void Broker::on_producer_expiry(sim::Context& context) {
  replicas_.expire_producers(context);
  arm_producer_expiry(context);
}

void Broker::arm_producer_expiry(sim::Context& context) {
  context.set_timer(context.actor(),
                    sim::milliseconds(config_.producer_id_expiration_check_interval_ms),
                    timer_tag(BrokerTimer::kProducerExpiry));
}

}  // namespace eosim::kafka
