#include "sim/context.h"

#include "sim/assert.h"
#include "sim/world.h"

namespace eosim::sim {

WallTime Context::wall() const { return world_.wall(process_); }
SteadyTime Context::read_steady() const { return world_.steady(process_); }

TimerId Context::set_timer(ActorId actor, Duration delay, TimerTag tag) {
  EOSIM_ASSERT(delay.ns >= 0);
  // The host's steady clock runs (1 + ppm / 1e6) times as fast as simulated time; the timer fires
  // when that clock has advanced by `delay`, at the drift of this moment. Rounded up: who finds the
  // clock short of his deadline and sets a timer for the rest must not go round in one instant.
  const int64_t ppm = world_.slot(process_).drift_ppm();
  const int64_t pace = 1'000'000 + ppm;
  Duration real = delay;
  if (ppm != 0) {
    real.ns = delay.ns / pace * 1'000'000 + (delay.ns % pace * 1'000'000 + pace - 1) / pace;
  }
  const uint32_t index = world_.new_event(World::EventType::kTimer, process_);
  World::Event& event = world_.events_[index];
  event.actor = actor;
  world_.tags_[index] = tag;
  const TimerId id{index, event.generation};
  world_.push_event(world_.now_ + real, index);
  return id;
}

void Context::cancel(TimerId timer) {
  if (timer.slot >= world_.events_.size()) return;
  World::Event& event = world_.events_[timer.slot];
  if (event.generation != timer.generation || event.type != World::EventType::kTimer) return;
  EOSIM_ASSERT(event.process == process_);
  if (event.queued) {
    world_.unqueue(timer.slot);
    world_.free_event(timer.slot);
  } else {
    event.type = World::EventType::kCancelledTimer;  // deferred: whoever goes on frees it
  }
}

ConnectionId Context::connect(ProcessId peer) { return world_.connect(process_, actor_, peer); }

void Context::close(ConnectionId connection) {
  const World::Connection* found = world_.find(connection);
  if (found == nullptr || found->forgotten) return;
  EOSIM_ASSERT(found->client == process_);
  world_.close_by_client(connection);
}

bool Context::is_open(ConnectionId connection) const {
  const World::Connection* found = world_.find(connection);
  return found != nullptr && !found->forgotten;
}

void Context::send(ConnectionId connection, MessageKind kind, uint32_t correlation, uint32_t bytes,
                   uint32_t body) {
  world_.send_request(connection, actor_, kind, correlation, bytes, body);
}

bool Context::respond(ConnectionId connection, MessageKind kind, uint32_t correlation,
                      uint32_t bytes, uint32_t body) {
  return world_.send_response(connection, kind, correlation, bytes, body);
}

void Context::finish(ConnectionId connection) { world_.finish_request(connection); }

void Context::refuse(ConnectionId connection) { world_.end_by_server(connection, true); }

Disk& Context::disk() { return world_.slot(process_).disk; }

void Context::flush(FileId file, TimerTag tag) {
  disk().begin_flush(file);
  const uint32_t index = world_.new_event(World::EventType::kDisk, process_);
  World::Event& event = world_.events_[index];
  event.actor = actor_;
  world_.tags_[index] = tag;
  event.correlation = file.index;
  world_.push_event(world_.flush_end(process_), index);
}

Choices& Context::choices() { return world_.choices_; }

void Context::exit() { world_.exiting_ = process_; }

bool Context::notes_wanted() const { return world_.watchers_.notes; }

void Context::emit(EventKindId kind, std::span<const int64_t> values) {
  const EventKind& what = world_.shared_->event_kinds()[kind.index];
  EOSIM_ASSERT(values.size() == what.field_count);
  if (!what.fact && !world_.watchers_.notes) return;
  TraceEvent event;
  event.at = world_.now_;
  event.step = world_.steps_;
  event.cause = world_.current_cause_;
  event.kind = kind;
  event.process = process_;
  event.actor = actor_;
  for (size_t i = 0; i < values.size(); ++i) event.fields[i] = values[i];
  if (what.fact) {
    world_.digest_fact(what, event);
    if (world_.triggered_events_[kind.index] != 0) world_.event_trigger(event);
  }
  for (Observer* observer : world_.watchers_.all) {
    if (what.fact || observer->wants_notes()) observer->on_event(world_, event);
  }
}

std::string_view Context::name(ProcessId process) const { return world_.name(process); }

}  // namespace eosim::sim
