#include "sim/world.h"

#include <algorithm>

#include "sim/assert.h"
#include "sim/context.h"

namespace eosim::sim {

World::World(WorldConfig config, std::unique_ptr<Shared> shared)
    : config_(std::move(config)),
      kinds_(config_.message_kinds),
      shared_(std::move(shared)),
      choices_(config_.seed, config_.calm) {
  counts_.requests.resize(kinds_.size());
  counts_.responses.resize(kinds_.size());
  triggered_kinds_.resize(kinds_.size());
  triggered_events_.resize(shared_->event_kinds().size());
  for (const EventKind& kind : shared_->event_kinds()) {
    FactForm& form = fact_forms_.emplace_back();
    for (size_t i = 0; i < kind.field_count; ++i) {
      const FieldType type = kind.fields[i].type;
      const auto bit = static_cast<uint16_t>(1u << i);
      if (type == FieldType::kStoreId) {
        form.left_out |= bit;
      } else if (type == FieldType::kProcess ||
                 (type >= FieldType::kModel && !shared_->is_stable(type))) {
        form.hashed |= bit;
      }
    }
  }
}

ProcessId World::add_process(std::string name, std::unique_ptr<Process> process, Time start) {
  EOSIM_ASSERT(find(name) == kNoProcess);
  ProcessSlot added;
  added.hash = hash_text(name);
  added.name = std::move(name);
  added.process = Cloned<Process>(std::move(process));
  const ProcessId id{static_cast<uint32_t>(processes_.size())};
  processes_.push_back(std::move(added));
  link_index_.emplace_back();
  if (start != kNever) push_event(start, new_event(EventType::kStart, id));
  return id;
}

void World::start(ProcessId process) {
  const ProcessState state = slot(process).state;
  EOSIM_ASSERT(state == ProcessState::kWaiting || state == ProcessState::kDown);
  const bool again = state == ProcessState::kDown;
  push_event(now_, new_event(again ? EventType::kRestart : EventType::kStart, process));
}

void World::stop(ProcessId process) { push_event(now_, new_event(EventType::kStop, process)); }

void World::wake_model(Duration delay, uint64_t tag) {
  const uint32_t index = new_event(EventType::kModel, kNoProcess);
  tags_[index] = {0, 0, tag};
  push_event(now_ + delay, index);
}

void World::control(ProcessId process, ActorId actor, TimerTag tag) {
  const uint32_t index = new_event(EventType::kControl, process);
  events_[index].actor = actor;
  tags_[index] = tag;
  push_event(now_, index);
}

void World::set_observers(std::vector<Observer*> observers) {
  watchers_.all = std::move(observers);
  watchers_.kernel_records = false;
  watchers_.notes = false;
  for (const Observer* observer : watchers_.all) {
    watchers_.kernel_records |= observer->wants_kernel_records();
    watchers_.notes |= observer->wants_notes();
  }
}

ProcessId World::find(std::string_view name) const {
  for (uint32_t i = 0; i < processes_.size(); ++i) {
    if (processes_[i].name == name) return {i};
  }
  return kNoProcess;
}

MessageKind World::find_message_kind(std::string_view name) const {
  for (size_t i = 0; i < kinds_.size(); ++i) {
    if (kinds_[i] == name) return {static_cast<uint16_t>(i)};
  }
  return {};
}

void World::digest_fact(const EventKind& what, const TraceEvent& event) {
  digest_.record(static_cast<uint16_t>(0x100 + event.kind.index),
                 static_cast<uint64_t>(event.at.ns), slot(event.process).hash);
  const FactForm form = fact_forms_[event.kind.index];
  std::array<uint64_t, kFieldsMax> words;
  size_t count = 0;
  for (size_t i = 0; i < what.field_count; ++i) {
    if ((form.left_out >> i & 1) != 0) continue;
    const int64_t value = event.fields[i];
    words[count++] = (form.hashed >> i & 1) == 0 ? static_cast<uint64_t>(value)
                     : what.fields[i].type == FieldType::kProcess
                         ? hash_of_process(value)
                         : shared_->stable_hash(what.fields[i].type, value);
  }
  digest_.words({words.data(), count});
}

// Of the value of a field, which may stand for nobody.
uint64_t World::hash_of_process(int64_t index) const {
  return index >= 0 && static_cast<uint64_t>(index) < processes_.size() ? processes_[index].hash
                                                                        : 0;
}

void World::add_event_slot() {
  free_events_.push_back(static_cast<uint32_t>(events_.size()));
  events_.emplace_back();
  tags_.emplace_back();
}

// Takes an item out of the queue, if it is there.
void World::unqueue(uint32_t index) {
  if (!events_[index].queued) return;
  queue_.cancel(index);
  events_[index].queued = false;
}

bool World::step() {
  if (queue_.empty()) return false;
  const EventQueue::Item item = queue_.pop();
  prefetch();
  if (item.at != now_) {
    EOSIM_ASSERT(item.at > now_);
    now_ = item.at;
    steps_this_instant_ = 0;
  }
  ++steps_;
  if (++steps_this_instant_ > config_.steps_per_instant_max) stuck_in_an_instant(item.slot);
  stepping_ = true;
  events_[item.slot].queued = false;
  current_cause_ = events_[item.slot].cause;
  dispatch(item.slot);
  if (!strikes_.empty()) strike_pending();
  if (exiting_ != kNoProcess) end_exited();
  stepping_ = false;
  return true;
}

// In a world with thousands of messages in flight, most of a step is waiting for memory: asks for
// what the next two items will need.
void World::prefetch() const {
  const uint32_t second = queue_.upcoming(1);
  if (second != EventQueue::kNothing) __builtin_prefetch(&events_[second]);
  const uint32_t first = queue_.upcoming(0);
  if (first == EventQueue::kNothing) return;
  const uint32_t place = events_[first].connection.slot;
  if (place >= connections_.size()) return;
  const auto* connection = reinterpret_cast<const char*>(&connections_[place]);
  __builtin_prefetch(connection);
  __builtin_prefetch(connection + 64);
  __builtin_prefetch(connection + 128);
}

// Says whose steps go round: the one that is due and those behind it.
void World::stuck_in_an_instant(uint32_t index) const {
  std::string what = "simulated time stands still: over " +
                     std::to_string(config_.steps_per_instant_max) + " steps at " +
                     std::to_string(now_.ns) + " ns; next steps of:";
  World copy(*this);
  for (int i = 0; i < 8; ++i) {
    const Event& event = events_[index];
    if (event.process != kNoProcess) {
      what += (i > 0 ? ", " : " ") + slot(event.process).name;
      if (event.type == EventType::kDeliver) {
        what += (event.request ? " request " : " response ") + kinds_[event.kind.index];
      } else if (event.type == EventType::kTimer) {
        what += " timer " + std::to_string(tags_[index].kind);
      }
    }
    if (copy.queue_.empty() || copy.queue_.top().at != now_) break;
    index = copy.queue_.pop().slot;
  }
  throw InvariantBroken(what);
}

void World::advance_to(Time at) {
  EOSIM_ASSERT(at >= now_ && (queue_.empty() || next_time() >= at));
  now_ = at;
  steps_this_instant_ = 0;
}

void World::dispatch(uint32_t index) {
  switch (events_[index].type) {
    case EventType::kStart:
    case EventType::kRestart: {
      const ProcessId process = events_[index].process;
      const bool restart = events_[index].type == EventType::kRestart;
      const bool stale = events_[index].incarnation != slot(process).incarnation ||
                         (restart && slot(process).state != ProcessState::kDown);
      free_event(index);
      if (!stale) start_process(process);
      return;
    }
    case EventType::kFaultBegin: {
      const uint32_t fault = events_[index].fault;
      free_event(index);
      begin_fault(fault, nullptr);
      return;
    }
    case EventType::kFaultEnd: {
      const uint32_t active = events_[index].fault;
      free_event(index);
      end_fault(active);
      return;
    }
    case EventType::kModel: {
      const uint64_t tag = tags_[index].large;
      free_event(index);
      return shared_->on_wake(*this, tag);
    }
    case EventType::kDeliver:
      return events_[index].request ? deliver_request(index) : deliver_response(index);
    case EventType::kClosed:
      return deliver_closed(index);
    case EventType::kTimer:
      return fire(index, StepKind::kTimer, KernelEvent::kTimerFired);
    case EventType::kDisk:
      return fire(index, StepKind::kDiskDone, KernelEvent::kDisk);
    case EventType::kControl:
      return fire(index, StepKind::kControl, KernelEvent::kTimerFired);
    case EventType::kStop:
      return fire(index, StepKind::kStop, KernelEvent::kTimerFired);
    case EventType::kCancelledTimer:
      return free_event(index);
    case EventType::kUnoccupied: {
      const ProcessId process = events_[index].process;
      free_event(index);
      return next_turn(process);
    }
    case EventType::kFree:
      break;
  }
  EOSIM_ASSERT(false);
}

// A step that is nothing but its tag: timers, ends of flushes, controls.
void World::fire(uint32_t index, StepKind kind, KernelEvent record) {
  const Event& event = events_[index];
  if (event.incarnation != slot(event.process).incarnation) return free_event(index);
  if (defer(index)) return;
  digest_.record(static_cast<uint8_t>(record), static_cast<uint64_t>(now_.ns),
                 slot(event.process).hash, event.actor.index, tags_[index].kind);
  if (watchers_.kernel_records) report(event, record);
  Step step;
  step.kind = kind;
  step.actor = event.actor;
  step.tag = tags_[index];
  step.timer = {index, event.generation};
  const ProcessId process = event.process;
  if (kind == StepKind::kDiskDone) {
    slot(process).disk.end_flush({event.correlation});
  }
  free_event(index);
  run_step(process, step);
}

// Whether the item has to wait because its process or its actor stands still, or because what had
// to wait comes first.
bool World::defer(uint32_t index) {
  Event& event = events_[index];
  ProcessSlot& target = slot(event.process);
  if (event.released) {
    EOSIM_ASSERT(target.releasing > 0);
    event.released = false;
    --target.releasing;
  } else if (target.releasing > 0) {
    push_event(now_, index);
    return true;
  }
  if (target.state == ProcessState::kPaused) {
    target.deferred.push_back(index);
    return true;
  }
  if (target.slow() && wait_for_turn(target, index)) return true;
  if (target.stalls.empty()) return false;
  // A request carries its sender's actor, for the answer; the server takes it as its actor 0.
  const bool request = event.type == EventType::kDeliver && event.request;
  Stall* stall = find_stall(target, request ? ActorId{} : event.actor);
  if (stall == nullptr) return false;
  stall->deferred.push_back(index);
  return true;
}

void World::run_step(ProcessId process, const Step& step) {
  EOSIM_ASSERT(slot(process).state == ProcessState::kRunning);
  Context context(*this, *shared_, process, step.actor);
  Process& stepped = *slot(process).process;
  const uint64_t writes = slot(process).disk.writes();
  stepped.step(context, step);
  if (slot(process).slow()) occupy(slot(process), writes);
}

void World::report(const Event& event, KernelEvent what, std::string_view text) {
  KernelRecord record;
  record.at = now_;
  record.step = steps_;
  record.cause = current_cause_;
  record.event = what;
  record.request = event.request;
  record.late = event.late;
  record.kind = event.kind;
  record.from = event.from;
  record.to = event.process;
  record.actor = event.actor;
  record.connection = event.connection;
  record.correlation = event.correlation;
  record.bytes = event.bytes;
  record.body = event.body;
  record.text = text;
  for (Observer* observer : watchers_.all) {
    if (observer->wants_kernel_records()) observer->on_kernel(*this, record);
  }
}

}  // namespace eosim::sim
