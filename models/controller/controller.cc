#include "models/controller/controller.h"

#include <algorithm>
#include <utility>

#include "models/controller/timers.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// A timer is set by the drift of its moment: the clock may be short of the deadline by less than
// this when it fires.
constexpr sim::Duration kShortest = sim::microseconds(1);

}  // namespace

sim::TimerTag controller_tag(ControllerControl what, TopicPartition partition, BrokerId to) {
  return {static_cast<uint32_t>(what), static_cast<uint32_t>(to.value),
          static_cast<uint64_t>(partition.packed())};
}

sim::TimerTag features_tag(const FinalisedFeatures& features) {
  return {static_cast<uint32_t>(ControllerControl::kFinaliseFeatures),
          static_cast<uint32_t>(features.transaction_version),
          static_cast<uint64_t>(features.eligible_leader_replicas)};
}

std::unique_ptr<sim::Process> Controller::clone() const {
  return std::make_unique<Controller>(*this);
}

// What its quorum keeps. Late answers go along only to give their bodies back (start).
std::unique_ptr<sim::Process> Controller::restarted() const {
  auto next = std::make_unique<Controller>(*this);
  next->started_ = false;
  next->polls_.clear();
  next->session_timer_ = sim::kNoTimer;
  return next;
}

void Controller::slow_down(sim::Duration by) {
  slow_by_ += by;
  EOSIM_ASSERT(slow_by_.ns >= 0);
}

void Controller::step(sim::Context& context, const sim::Step& step) {
  EOSIM_ASSERT(started_ == (step.kind != sim::StepKind::kStart));
  EOSIM_ASSERT(!state_.changed());
  switch (step.kind) {
    case sim::StepKind::kStart:
      start(context);
      break;
    case sim::StepKind::kMessage:
      EOSIM_ASSERT(step.message.request);  // it asks nobody
      on_request(context, step.message);
      break;
    case sim::StepKind::kTimer:
      on_timer(context, step.tag);
      break;
    case sim::StepKind::kControl:
      on_control(context, step.tag);
      break;
    case sim::StepKind::kClosed:
    case sim::StepKind::kDiskDone:
    case sim::StepKind::kStop:
      EOSIM_ASSERT(false);
  }
  commit(context);
  arm_sessions(context);
}

void Controller::start(sim::Context& context) {
  KafkaShared& world = shared(context);
  started_ = true;
  if (!std::exchange(holds_image_, true)) world.metadata.retain(image_);
  for (const LateAnswer& lost : std::exchange(late_answers_, {})) {
    world.release_body(lost.kind, false, lost.body);
  }
  state_.restart_sessions(context.steady());
  arm_rebalance(context);
}

void Controller::on_timer(sim::Context& context, const sim::TimerTag& tag) {
  switch (static_cast<ControllerTimer>(tag.kind)) {
    case ControllerTimer::kSessions:
      session_timer_ = sim::kNoTimer;
      while (state_.expire_session(context.steady())) commit(context);
      return;
    case ControllerTimer::kRebalance:
      state_.elect_preferred();
      return arm_rebalance(context);
    case ControllerTimer::kPoll:
      return on_poll_timeout(context, tag.large);
    case ControllerTimer::kAnswer:
      return send_late(context, tag.large);
  }
  EOSIM_ASSERT(false);
}

void Controller::on_control(sim::Context&, const sim::TimerTag& tag) {
  if (static_cast<ControllerControl>(tag.kind) == ControllerControl::kFinaliseFeatures) {
    FinalisedFeatures features;
    features.transaction_version = static_cast<int16_t>(tag.small);
    features.eligible_leader_replicas = tag.large != 0;
    return state_.finalise_features(features);
  }
  const TopicPartition partition = TopicPartition::unpacked(static_cast<int64_t>(tag.large));
  const BrokerId to{static_cast<int32_t>(tag.small)};
  switch (static_cast<ControllerControl>(tag.kind)) {
    case ControllerControl::kMoveLeader:
      state_.move_leader(partition, to);
      return;
    case ControllerControl::kUncleanElection:
      state_.elect_unclean(partition, to);
      return;
    case ControllerControl::kFinaliseFeatures:
      break;
  }
  EOSIM_ASSERT(false);
}

// One copy of the image, whatever the number of partitions that changed.
void Controller::commit(sim::Context& context) {
  if (!state_.changed()) return;
  const List<EmittedEvent> facts = state_.commit();
  MetadataStore& store = shared(context).metadata;
  store.release(std::exchange(image_, store.put(state_.image())));
  for (const EmittedEvent& fact : facts) {
    context.emit(event_id(fact.event), {fact.values.data(), fact.count});
  }
  answer_polls(context);
}

// Heartbeats only move the ends of sessions later, so the timer may come early and is then set
// again: one timer in a session's time and not one a heartbeat.
void Controller::arm_sessions(sim::Context& context) {
  const sim::SteadyTime deadline = state_.next_deadline();
  if (session_timer_ != sim::kNoTimer || deadline == sim::kSteadyNever) return;
  const sim::Duration left = std::max(deadline - context.steady(), kShortest);
  session_timer_ = context.set_timer(context.actor(), left, timer_tag(ControllerTimer::kSessions));
}

void Controller::arm_rebalance(sim::Context& context) {
  if (!state_.config().auto_leader_rebalance_enable) return;
  const int32_t interval = state_.config().leader_imbalance_check_interval_seconds;
  context.set_timer(context.actor(), sim::seconds(interval),
                    timer_tag(ControllerTimer::kRebalance));
}

std::string Controller::describe() const {
  std::string text = "image " + std::to_string(state_.image().version) + "; " +
                     std::to_string(polls_.size()) + " polls wait";
  if (!late_answers_.empty()) text += ", " + std::to_string(late_answers_.size()) + " answers too";
  return text;
}

}  // namespace eosim::kafka
