#include "models/scenario/rolling_bounce.h"

#include "models/app/app_process.h"
#include "models/broker/broker.h"
#include "models/scenario/cluster_shared.h"
#include "models/scenario/stability.h"
#include "sim/assert.h"

namespace eosim::scenario {

namespace {

// How often the operator looks.
constexpr sim::Duration kLook = sim::milliseconds(100);

}  // namespace

void RollingBounces::begin(ClusterShared& shared, sim::World& world, uint32_t plan) {
  EOSIM_ASSERT(plan < plans.size());
  orders_.push_back(plan);
  if (orders_.size() == 1) on_wake(shared, world);
}

void RollingBounces::on_wake(ClusterShared& shared, sim::World& world) {
  while (!orders_.empty() && advance(shared, world)) {
  }
  if (!orders_.empty()) world.wake_model(kLook, 0);
}

void RollingBounces::on_heal() {
  healed_ = true;
  if (orders_.empty()) return;
  waiting_.clear();
  orders_.resize(1);
}

// One move; false: there is nothing to do before the next look.
bool RollingBounces::advance(ClusterShared& shared, sim::World& world) {
  switch (phase_) {
    case Phase::kNext:
      return next(shared, world);
    case Phase::kStopping:
      return stopping(world);
    case Phase::kReturning:
      return returning(shared, world);
    case Phase::kGap:
      if (world.now() < since_ + plan().gap && !healed_) return false;
      phase_ = Phase::kNext;
      return true;
  }
  EOSIM_ASSERT(false);
  return false;
}

bool RollingBounces::next(ClusterShared& shared, sim::World& world) {
  if (!listed_) list_processes(shared, world);
  listed_ = true;
  if (waiting_.empty()) {
    orders_.erase(orders_.begin());
    listed_ = false;
    return true;
  }
  current_ = waiting_.front();
  waiting_.erase(waiting_.begin());
  const sim::ProcessState state = world.state(current_);
  if (state == sim::ProcessState::kRemoved) return true;
  reconfigure(world, current_);
  if (state == sim::ProcessState::kWaiting) return true;  // has not had its first start yet
  incarnation_ = world.incarnation(current_);
  was_down_ = false;
  if (state != sim::ProcessState::kDown) world.stop(current_);
  phase_ = Phase::kStopping;
  return true;
}

bool RollingBounces::stopping(sim::World& world) {
  const sim::ProcessState state = world.state(current_);
  if (state == sim::ProcessState::kRemoved) {
    phase_ = Phase::kNext;
    return true;
  }
  if (state == sim::ProcessState::kDown) {
    if (!was_down_) since_ = world.now();
    was_down_ = true;
    if (world.now() >= since_ + plan().down || healed_) world.start(current_);
    return false;
  }
  if (!was_down_ && world.incarnation(current_) == incarnation_) return false;
  phase_ = Phase::kReturning;
  return true;
}

bool RollingBounces::returning(ClusterShared& shared, const sim::World& world) {
  const BouncePlan& order = plan();
  const bool stable = !order.wait_stable || healed_ ||
                      (order.app.empty() ? cluster_in_sync(shared, world)
                                         : group_settled(shared, world, order.app));
  if (!stable) return false;
  ++shared.bounces;
  since_ = world.now();
  phase_ = Phase::kGap;
  return true;
}

// In the order of their numbers. Instances that are added from now on come with the new settings.
void RollingBounces::list_processes(ClusterShared& shared, sim::World& world) {
  const BouncePlan& order = plan();
  const auto wanted = [&](sim::ProcessId process) {
    return order.only.empty() || world.name(process) == order.only;
  };
  for (uint32_t b = 0; order.app.empty() && b < shared.brokers; ++b) {
    if (wanted({b})) waiting_.push_back({b});
  }
  for (ClusterShared::Application& application : shared.applications) {
    if (application.config.name != order.app) continue;
    for (const sim::ProcessId process : application.processes) {
      if (wanted(process)) waiting_.push_back(process);
    }
    if (order.only.empty()) application.config = *order.instance;
  }
}

void RollingBounces::reconfigure(sim::World& world, sim::ProcessId process) const {
  const BouncePlan& order = plan();
  if (order.app.empty()) {
    auto& broker = static_cast<kafka::Broker&>(world.process(process));
    return broker.reconfigure(order.brokers.at(process.index));
  }
  auto& app = static_cast<kafka::AppProcess&>(world.process(process));
  kafka::AppConfig config = *order.instance;
  config.instance = app.config().instance;
  config.identity = app.config().identity;
  app.reconfigure(std::move(config));
}

}  // namespace eosim::scenario
