// Faults strike and end. Timed ones are items of the queue; triggered ones strike right after the
// step in which their message or event was seen, before anything else (cli-and-scenarios.md 2.4).

#include <algorithm>

#include "sim/assert.h"
#include "sim/world.h"

namespace eosim::sim {

namespace {

// Message faults that hold for a while live in active_ as rules; without a length they take one
// message and are gone.
bool is_message_rule(FaultKind kind) {
  return kind == FaultKind::kDelay || kind == FaultKind::kDropResponse;
}

bool changes_links(FaultKind kind) {
  return kind == FaultKind::kPartition || kind == FaultKind::kSlowLink;
}

bool changes_speed(FaultKind kind) {
  return kind == FaultKind::kSlowDisk || kind == FaultKind::kSlowCpu;
}

// Strikes the host, whether its process runs or not.
bool of_the_host(FaultKind kind) {
  return kind == FaultKind::kClockJump || kind == FaultKind::kClockDrift ||
         kind == FaultKind::kSlowLink || changes_speed(kind);
}

bool contains(const std::vector<ProcessId>& sorted, ProcessId process) {
  return std::binary_search(sorted.begin(), sorted.end(), process);
}

}  // namespace

void World::add_fault(FaultSpec fault) {
  const auto index = static_cast<uint32_t>(faults_.size());
  if (fault.on) {
    ArmedTrigger armed;
    armed.fault = index;
    if (fault.on->event.empty()) {
      EOSIM_ASSERT(fault.on->rpc.index < kinds_.size());
      triggered_kinds_[fault.on->rpc.index] = 1;
    } else {
      const std::vector<EventKind>& known = shared_->event_kinds();
      for (size_t i = 0; i < known.size(); ++i) {
        if (known[i].name == fault.on->event) armed.event = {static_cast<uint16_t>(i)};
      }
      EOSIM_ASSERT(armed.event.index < known.size() && known[armed.event.index].fact);
      triggered_events_[armed.event.index] = 1;
    }
    triggers_.push_back(armed);
  } else if (!healed_) {
    const uint32_t event = new_event(EventType::kFaultBegin, kNoProcess);
    events_[event].fault = index;
    push_event(std::max(fault.at, now_), event);
  }
  FaultRecord record;
  record.spec = std::move(fault);
  faults_.push_back(std::move(record));
}

std::vector<Target> World::resolve(std::string_view text) const {
  const ProcessId named = find(text);
  if (named != kNoProcess) return {{named, false, {}}};
  return shared_->resolve(*this, text);
}

std::vector<ProcessId> World::resolve_all(const std::vector<std::string>& texts) const {
  std::vector<ProcessId> all;
  for (const std::string& text : texts) {
    for (const Target& target : resolve(text)) all.push_back(target.process);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

void World::begin_fault(uint32_t fault, const Strike* strike) {
  if (healed_) return;
  FaultRecord& record = faults_[fault];
  const FaultSpec spec = record.spec;
  ActiveFault active;
  active.fault = fault;
  if (spec.kind == FaultKind::kPartition) {
    active.side = resolve_all(spec.between);
    active.others = resolve_all(spec.others);
    if (spec.others.empty()) {
      for (uint32_t i = 0; i < processes_.size(); ++i) {
        if (!contains(active.side, {i})) active.others.push_back({i});
      }
    }
    if (active.side.empty() || active.others.empty()) return;
  } else if (spec.kind == FaultKind::kSlowLink && spec.target.empty()) {
    // A direction between two ends; an end that is not given is any.
    if (!spec.from.empty()) active.side = resolve_all({spec.from});
    if (!spec.to.empty()) active.others = resolve_all({spec.to});
    if (active.side.empty() && active.others.empty()) return;
  } else if (!spec.target.empty() && spec.kind != FaultKind::kModel) {
    for (const Target& target : resolve(spec.target)) {
      const ProcessState state = slot(target.process).state;
      const bool there = state == ProcessState::kRunning || state == ProcessState::kPaused;
      if (!there && !of_the_host(spec.kind)) continue;
      if (spec.spares_last_copy && !shared_->may_strike(*this, spec, target.process)) continue;
      // A selector may stand for several threads of one process, which dies or stops but once.
      const bool known = std::any_of(
          active.victims.begin(), active.victims.end(),
          [&](const Victim& victim) { return victim.target.process == target.process; });
      if (known && spec.kind != FaultKind::kStall) continue;
      active.victims.push_back({target, slot(target.process).incarnation});
    }
    if (active.victims.empty()) return;
  } else if (spec.kind == FaultKind::kModel && spec.spares_last_copy) {
    if (!shared_->may_strike(*this, spec, kNoProcess)) return;
  }
  ++record.strikes;
  if (!record.struck) {
    record.struck = true;
    record.at = now_;
    record.until = spec.length.ns > 0 ? now_ + spec.length : now_;
    for (const Victim& victim : active.victims) {
      if (!record.victim.empty()) record.victim += ",";
      record.victim += slot(victim.target.process).name;
    }
  }
  digest_.record(static_cast<uint8_t>(KernelEvent::kFaultBegan), static_cast<uint64_t>(now_.ns),
                 static_cast<uint32_t>(spec.kind), hash_text(spec.word), hash_text(record.victim));
  if (watchers_.kernel_records) {
    Event event;
    if (!active.victims.empty()) event.process = active.victims.front().target.process;
    report(event, KernelEvent::kFaultBegan, spec.word);
  }
  if (strike != nullptr && strike_message(spec, *strike)) return;
  active.once = is_message_rule(spec.kind) && spec.length.ns < 0;
  apply(active, true);
  const bool instantaneous = spec.kind == FaultKind::kResetConnection ||
                             spec.kind == FaultKind::kClockJump ||
                             (spec.kind == FaultKind::kModel && spec.length.ns < 0);
  if (instantaneous) return;
  uint32_t place = 0;
  while (place < active_.size() && active_[place].fault != kNone) ++place;
  if (place == active_.size()) active_.emplace_back();
  active_[place] = std::move(active);
  ++active_count_;
  if (is_message_rule(spec.kind)) ++message_rule_count_;
  if (changes_links(spec.kind)) refresh_links();
  if (changes_speed(spec.kind)) {
    for (const Victim& victim : active_[place].victims) refresh_speed(victim.target.process);
  }
  if (spec.length.ns >= 0) {
    const uint32_t end = new_event(EventType::kFaultEnd, kNoProcess);
    events_[end].fault = place;
    push_event(now_ + spec.length, end);
  }
}

void World::end_fault(uint32_t place) {
  ActiveFault active = std::move(active_.at(place));
  active_[place] = ActiveFault{};
  if (active.fault == kNone) return;  // heal() was earlier
  const FaultSpec& spec = faults_[active.fault].spec;
  --active_count_;
  if (is_message_rule(spec.kind)) --message_rule_count_;
  digest_.record(static_cast<uint8_t>(KernelEvent::kFaultEnded), static_cast<uint64_t>(now_.ns),
                 static_cast<uint32_t>(spec.kind), hash_text(spec.word));
  if (watchers_.kernel_records) {
    Event event;
    if (!active.victims.empty()) event.process = active.victims.front().target.process;
    report(event, KernelEvent::kFaultEnded, spec.word);
  }
  apply(active, false);
  if (changes_links(spec.kind)) refresh_links();
  if (changes_speed(spec.kind)) {
    for (const Victim& victim : active.victims) refresh_speed(victim.target.process);
  }
}

void World::apply(ActiveFault& active, bool begin) {
  const FaultSpec spec = faults_[active.fault].spec;
  if (spec.kind == FaultKind::kModel) return shared_->apply(*this, spec, begin);
  if (spec.kind == FaultKind::kResetConnection) return reset_connections(spec);
  for (Victim& victim : active.victims) {
    const ProcessId process = victim.target.process;
    // A crash in between has undone a pause or a stall, and whoever restarted is not the victim.
    const bool same = slot(process).incarnation == victim.incarnation;
    switch (spec.kind) {
      case FaultKind::kCrash:
      case FaultKind::kPowerLoss:
      case FaultKind::kDiskLoss:
        if (begin) {
          crash(process, spec.kind);
          victim.incarnation = slot(process).incarnation;
        } else if (same && slot(process).state == ProcessState::kDown) {
          push_event(now_, new_event(EventType::kRestart, process));
        }
        break;
      case FaultKind::kRestart:
        if (begin) {
          stop(process);
        } else if (same) {
          come_back(process);
        }
        break;
      case FaultKind::kPause:
        if (begin) {
          pause(process);
        } else if (same && slot(process).state == ProcessState::kPaused) {
          resume(process);
        }
        break;
      case FaultKind::kStall: {
        std::vector<ActorId> actors{victim.target.actor};
        if (!victim.target.one_actor) actors = shared_->stallable_actors(*this, process);
        for (const ActorId actor : actors) {
          if (begin) {
            stall(process, actor);
          } else if (same && find_stall(slot(process), actor) != nullptr) {
            unstall(process, actor);
          }
        }
        break;
      }
      case FaultKind::kClockJump:
        slot(process).wall_offset += spec.by;
        break;
      case FaultKind::kClockDrift:
        add_drift(process, begin ? spec.ppm : -spec.ppm);
        break;
      default:
        break;
    }
  }
}

// A fault of messages that one message has triggered applies to that very message. true: done.
bool World::strike_message(const FaultSpec& fault, const Strike& strike) {
  if (strike.connection == kNoConnection) return false;
  // In the queue, or held by a partition.
  const bool on_the_way =
      strike.event != kNone && events_[strike.event].generation == strike.event_generation;
  switch (fault.kind) {
    case FaultKind::kDelay:
      if (on_the_way) delay_message(strike.event, fault.by);
      return true;
    case FaultKind::kDropResponse:
      drop_answer(strike);
      return true;
    case FaultKind::kResetConnection:
      if (const Connection* connection = find(strike.connection);
          connection != nullptr && connection->open) {
        end_connection(strike.connection);
        tell_client(strike.connection);
      }
      return true;
    case FaultKind::kCrash:
    case FaultKind::kPowerLoss:
    case FaultKind::kDiskLoss:
      // What was ready to leave in the step after which its process dies has not left.
      if (on_the_way && !events_[strike.event].request) withdraw_message(strike.event);
      return false;
    default:
      return false;
  }
}

// The answer to the request that has triggered a fault: it is on the way or, if the request is not
// handled yet, it will be lost when it leaves.
void World::drop_answer(const Strike& strike) {
  if (strike.event != kNone && events_[strike.event].generation != strike.event_generation) return;
  if (strike.event != kNone && events_[strike.event].request) {
    events_[strike.event].unanswered = true;
    return;
  }
  Connection* connection = find(strike.connection);
  if (connection == nullptr) return;
  if (connection->busy && connection->handling_correlation == strike.correlation) {
    connection->handling_unanswered = true;
    return;
  }
  for (const EventList* list : {&connection->responses, &connection->held_responses}) {
    for (uint32_t i = list->first; i != kNone; i = events_[i].next) {
      if (events_[i].correlation != strike.correlation) continue;
      connection->hole = true;
      // What follows on this connection cannot arrive either.
      for (uint32_t following = events_[i].next; following != kNone; following = events_[i].next) {
        withdraw_message(following);
      }
      return withdraw_message(i);
    }
  }
}

void World::strike_pending() {
  for (size_t i = 0; i < strikes_.size(); ++i) {
    const Strike strike = strikes_[i];
    begin_fault(strike.fault, &strike);
  }
  strikes_.clear();
}

bool World::message_rules(Connection& connection, uint32_t index, Duration& extra) {
  bool lost = false;
  for (uint32_t place = 0; place < active_.size(); ++place) {
    if (active_[place].fault == kNone) continue;
    const FaultSpec& fault = faults_[active_[place].fault].spec;
    if (!is_message_rule(fault.kind) || !rule_matches(fault, events_[index])) continue;
    if (fault.kind == FaultKind::kDelay) extra += fault.by;
    if (fault.kind == FaultKind::kDropResponse) lost = true;
    if (active_[place].once) {
      active_[place] = ActiveFault{};
      --active_count_;
      --message_rule_count_;
    }
  }
  return lost && connection.in_use;
}

bool World::rule_matches(const FaultSpec& fault, const Event& event) const {
  if (fault.rpc.index != UINT16_MAX && fault.rpc != event.kind) return false;
  if (fault.kind == FaultKind::kDropResponse && event.request) return false;
  if (fault.kind == FaultKind::kDelay && fault.what != What::kBoth &&
      event.request != (fault.what == What::kRequest)) {
    return false;
  }
  const ProcessId client = event.request ? event.from : event.process;
  const ProcessId server = event.request ? event.process : event.from;
  return end_matches(fault.from, client, &event.actor) && end_matches(fault.to, server, nullptr);
}

bool World::end_matches(std::string_view text, ProcessId process, const ActorId* actor) const {
  if (text.empty()) return true;
  for (const Target& target : resolve(text)) {
    if (target.process != process) continue;
    if (!target.one_actor || actor == nullptr || target.actor == *actor) return true;
  }
  return false;
}

void World::message_trigger(Phase phase, const Event& event, uint32_t index) {
  const ProcessId client = event.request ? event.from : event.process;
  const ProcessId server = event.request ? event.process : event.from;
  for (ArmedTrigger& armed : triggers_) {
    const FaultSpec& fault = faults_[armed.fault].spec;
    const Trigger& on = *fault.on;
    if (armed.spent || healed_ || !on.event.empty() || on.rpc != event.kind || on.phase != phase ||
        now_ < on.after) {
      continue;
    }
    if (!end_matches(on.from, client, &event.actor) || !end_matches(on.to, server, nullptr))
      continue;
    if (++armed.matches < on.nth) continue;
    armed.spent = !fault.repeat;
    strikes_.push_back({armed.fault, event.connection, index, event.generation, event.correlation});
  }
}

void World::event_trigger(const TraceEvent& event) {
  for (ArmedTrigger& armed : triggers_) {
    const FaultSpec& fault = faults_[armed.fault].spec;
    const Trigger& on = *fault.on;
    if (armed.spent || healed_ || armed.event != event.kind || now_ < on.after) continue;
    if (!end_matches(on.from, event.process, &event.actor)) continue;
    const EventKind& kind = shared_->event_kinds()[event.kind.index];
    const bool all = std::all_of(on.where.begin(), on.where.end(), [&](const auto& wanted) {
      for (size_t i = 0; i < kind.field_count; ++i) {
        if (kind.fields[i].name != wanted.first) continue;
        const FieldType type = kind.fields[i].type;
        return type == FieldType::kInteger
                   ? std::to_string(event.fields[i]) == wanted.second
                   : shared_->format(type, event.fields[i]) == wanted.second;
      }
      return false;
    });
    if (!all || ++armed.matches < on.nth) continue;
    armed.spent = !fault.repeat;
    strikes_.push_back({armed.fault, kNoConnection, kNone, 0, 0});
  }
}

void World::refresh_link(Link& link) const {
  link.blocked = 0;
  link.factor_thousandths = 1'000;
  for (const ActiveFault& active : active_) {
    if (active.fault == kNone) continue;
    const FaultSpec& spec = faults_[active.fault].spec;
    if (spec.kind == FaultKind::kPartition) {
      const bool out = contains(active.side, link.from) && contains(active.others, link.to);
      const bool in = contains(active.others, link.from) && contains(active.side, link.to);
      const bool holds_out = spec.direction != Direction::kTo;
      const bool holds_in = spec.direction != Direction::kFrom;
      if ((out && holds_out) || (in && holds_in)) ++link.blocked;
    } else if (spec.kind == FaultKind::kSlowLink) {
      bool slow = std::any_of(active.victims.begin(), active.victims.end(), [&](const Victim& v) {
        return v.target.process == link.from || v.target.process == link.to;
      });
      if (active.victims.empty()) {
        slow = (active.side.empty() || contains(active.side, link.from)) &&
               (active.others.empty() || contains(active.others, link.to));
      }
      if (!slow) continue;
      // Two slow ends are as slow as the slower one: factors that multiply would soon outlast a
      // run.
      link.factor_thousandths = std::max(link.factor_thousandths, spec.factor_thousandths);
    }
  }
}

void World::refresh_links() {
  for (uint32_t i = 0; i < links_.size(); ++i) {
    const bool held = links_[i].blocked > 0;
    refresh_link(links_[i]);
    if (held && links_[i].blocked == 0) release_held(i);
  }
}

void World::reset_connections(const FaultSpec& fault) {
  for (uint32_t place = 0; place < connections_.size(); ++place) {
    const Connection& connection = connections_[place];
    if (!connection.in_use || !connection.open) continue;
    if (!end_matches(fault.from, connection.client, &connection.owner)) continue;
    if (!end_matches(fault.to, connection.server, nullptr)) continue;
    const ConnectionId id{place, connection.generation};
    end_connection(id);
    tell_client(id);
  }
}

bool World::faults_active() const { return active_count_ > 0; }

void World::heal() {
  // Partitions last: what they hold leaves over links that are as before.
  for (const bool partitions : {false, true}) {
    for (uint32_t place = 0; place < active_.size(); ++place) {
      const uint32_t fault = active_[place].fault;
      if (fault == kNone) continue;
      if ((faults_[fault].spec.kind == FaultKind::kPartition) == partitions) end_fault(place);
    }
  }
  healed_ = true;
  for (uint32_t i = 0; i < events_.size(); ++i) {
    const EventType type = events_[i].type;
    if (type != EventType::kFaultBegin && type != EventType::kFaultEnd) continue;
    if (!events_[i].queued) continue;  // the one whose step this is
    unqueue(i);
    free_event(i);
  }
  shared_->on_heal(*this);
  // A crash without an end was scripted to be final; chaos and scripts that give "for" come back.
  for (uint32_t i = 0; i < processes_.size(); ++i) {
    if (processes_[i].state == ProcessState::kDown) {
      push_event(now_, new_event(EventType::kRestart, {i}));
    }
  }
}

}  // namespace eosim::sim
