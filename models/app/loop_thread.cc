#include "models/app/loop_thread.h"

#include "models/app/client_configs.h"
#include "sim/assert.h"
#include "sim/world.h"

namespace eosim::kafka {

namespace {

constexpr int kPhasesPerStepMax = 10'000;

}  // namespace

bool is_fatal(Thrown thrown) {
  return thrown == Thrown::kProducerFenced || thrown == Thrown::kOutOfOrderSequence ||
         thrown == Thrown::kFencedInstanceId || thrown == Thrown::kFatal ||
         thrown == Thrown::kIllegalState;
}

LoopThread::LoopThread(const AppConfig& config, uint16_t thread)
    : config_(config), thread_(thread), actor_{thread} {}

void LoopThread::start(LoopEnv& env) {
  started(env);
  // A process starts in one step of its first thread; each other one begins in a step of its own.
  if (env.context.actor() != actor_) return sleep(env, sim::Duration{});
  advance(env);
}

void LoopThread::step(LoopEnv& env, const sim::Step& step) {
  if (finished_) return;
  if (sleeping_) {
    const bool over = step.kind == sim::StepKind::kTimer &&
                      step.tag.kind == static_cast<uint32_t>(ClientTimer::kApplication) &&
                      step.tag.large == sleep_serial_;
    if (!over) return;
    sleeping_ = false;
  } else {
    EOSIM_ASSERT(waited_call_.valid());
    const std::optional<CallResult> done = env.clients.result(waited_component_, waited_call_);
    if (!done) return;
    if (!waits_for_records_) {
      const sim::Duration waited = env.context.steady() - waiting_since_;
      env.shared().counters.blocked(ThreadKind::kApplication, waited);
    }
    result_ = *done;
    waited_call_ = {};
  }
  advance(env);
}

void LoopThread::advance(LoopEnv& env) {
  for (int phases = 0; !finished_ && !sleeping_ && !waited_call_.valid(); ++phases) {
    EOSIM_ASSERT(phases < kPhasesPerStepMax);
    run_phase(env);
  }
}

void LoopThread::wait_for(LoopEnv& env, uint32_t component, CallId call) {
  EOSIM_ASSERT(call.valid() && !waited_call_.valid() && !sleeping_);
  waiting_since_ = env.context.steady();
  waited_component_ = component;
  waited_call_ = call;
  waits_for_records_ = false;
}

void LoopThread::wait_for_records(LoopEnv& env, uint32_t consumer, CallId poll) {
  wait_for(env, consumer, poll);
  waits_for_records_ = true;
}

void LoopThread::sleep(LoopEnv& env, sim::Duration length) {
  EOSIM_ASSERT(!waited_call_.valid() && !sleeping_);
  sleeping_ = true;
  env.context.set_timer(actor_, length, client_tag(ClientTimer::kApplication, 0, ++sleep_serial_));
}

uint32_t LoopThread::create_producer(LoopEnv& env, const std::string& transactional_id,
                                     bool downgrades_txn_commit) {
  ProducerConfig made = producer_config(config_, env.shared().names, client_id(), transactional_id);
  made.downgrades_txn_commit = downgrades_txn_commit;
  made.application = actor_;
  const Name id = made.transactional_id;
  const uint32_t component = env.clients.add_producer(std::move(made));
  env.context.emit(event_id(Event::kAppProducerCreated), {id.id});
  return component;
}

std::string LoopThread::thread_transactional_id(const LoopEnv& env) const {
  if (careless(Mistake::kSharedTransactionalId)) return config().name;
  std::string id = config().instance_name();
  return id.append("-").append(std::to_string(thread())).append(suffix_of_start(env));
}

std::string LoopThread::suffix_of_start(const LoopEnv& env) const {
  if (!careless(Mistake::kFreshTransactionalIds)) return {};
  const uint64_t life = env.context.world().incarnation(env.context.process());
  std::string suffix = "-";
  return suffix.append(config().instance_name()).append("-").append(std::to_string(life));
}

void LoopThread::remove_producer(LoopEnv& env, uint32_t producer,
                                 const std::string& transactional_id, Error error) {
  const Name id = transactional_id.empty() ? Name{} : env.shared().names.intern(transactional_id);
  env.context.emit(event_id(Event::kAppProducerClosed), {id.id, static_cast<int64_t>(error)});
  env.clients.remove(producer);
}

AppReaction LoopThread::reaction_to_result(ApiCall call, const CallResult& thrown) {
  const AppReaction reaction = reaction_to(call, exception_of(thrown));
  EOSIM_ASSERT(reaction != AppReaction::kGoOn);
  const bool too_often = reaction == AppReaction::kRepeat && ++tries_ >= kTriesMax;
  return too_often ? AppReaction::kClose : reaction;
}

std::string LoopThread::client_id() const {
  return config_.instance_name() + "/" + std::to_string(thread_);
}

std::string LoopThread::describe() const { return client_id() + " in " + phase_name(); }

}  // namespace eosim::kafka
