#include "models/app/app_process.h"

#include <algorithm>

#include "models/app/consuming_thread.h"
#include "models/app/partition_producer_loop.h"
#include "models/app/producing_thread.h"
#include "models/app/thread_producer_loop.h"
#include "sim/assert.h"

namespace eosim::kafka {

AppProcess::AppProcess(AppConfig config) : config_(std::move(config)), clients_(config_.threads) {}

std::unique_ptr<sim::Process> AppProcess::clone() const {
  return std::make_unique<AppProcess>(*this);
}

std::unique_ptr<sim::Process> AppProcess::restarted() const {
  auto made = std::make_unique<AppProcess>(next_config());
  made->restart_as(*this);
  return made;
}

void AppProcess::reconfigure(AppConfig config) {
  EOSIM_ASSERT(config.instance_name() == config_.instance_name());
  if (!started_) {
    clients_ = ClientSet(config.threads);
    config_ = std::move(config);
  } else {
    next_config_ = std::move(config);
  }
}

std::unique_ptr<LoopThread> AppProcess::make_thread(uint16_t thread) const {
  if (config_.kind == AppKind::kConsumerGroup) {
    return std::make_unique<ConsumingThread>(config_, thread);
  }
  if (config_.kind != AppKind::kLoop) return std::make_unique<ProducingThread>(config_, thread);
  if (config_.scope == ProducerScope::kInputPartition) {
    return std::make_unique<PartitionProducerLoop>(config_, thread);
  }
  return std::make_unique<ThreadProducerLoop>(config_, thread);
}

void AppProcess::step(sim::Context& context, const sim::Step& step) {
  LoopEnv env{context, clients_};
  run(env, step);
}

void AppProcess::run(LoopEnv& env, const sim::Step& step) {
  if (step.kind == sim::StepKind::kStart) {
    started_ = true;
    if (removed_) return;
    for (uint16_t thread = 0; thread < config_.threads; ++thread) {
      threads_.emplace_back(make_thread(thread));
      threads_.back()->start(env);
    }
    return;
  }
  if (step.kind == sim::StepKind::kControl) {
    const bool stop = step.tag.kind == static_cast<uint32_t>(AppControl::kStop);
    removed_ |= stop;
    for (auto& thread : threads_) stop ? thread->stop() : thread->rejoin();
    return;
  }
  if (step.kind == sim::StepKind::kStop) {
    exits_ = true;
    for (auto& thread : threads_) thread->stop();
    if (finished() || threads_.empty()) env.context.exit();
    return;
  }
  if (!for_application(step)) clients_.step(env.context, step);
  // Whatever a thread's actor has done may have ended the call that it waits for.
  if (step.actor.index < threads_.size()) threads_[step.actor.index]->step(env, step);
  if (exits_ && finished()) env.context.exit();
}

bool AppProcess::for_application(const sim::Step& step) const {
  return step.kind == sim::StepKind::kTimer &&
         (step.tag.kind == static_cast<uint32_t>(ClientTimer::kCallDone) ||
          step.tag.kind == static_cast<uint32_t>(ClientTimer::kApplication));
}

bool AppProcess::finished() const {
  return (removed_ || !threads_.empty()) &&
         std::all_of(threads_.begin(), threads_.end(),
                     [](const auto& thread) { return thread->finished(); });
}

std::string AppProcess::describe() const {
  std::string all;
  for (const auto& thread : threads_) {
    if (!all.empty()) all += "; ";
    all += thread->describe();
  }
  return all + " [" + clients_.describe() + "]";
}

}  // namespace eosim::kafka
