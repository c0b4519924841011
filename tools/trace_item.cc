#include "tools/trace_item.h"

#include <algorithm>
#include <iterator>

#include "models/scenario/units.h"
#include "sim/assert.h"
#include "tools/message_fields.h"

namespace eosim::tools {
namespace {

using sim::FieldType;
using sim::KernelEvent;

// In the order of sim::KernelEvent.
constexpr std::string_view kMessageFields =
    "rpc, kind, from, to, correlation, connection, bytes, late, and what the message says";
constexpr KernelEventInfo kKernelEvents[] = {
    {"message.sent", kMessageFields},
    {"message.delivered", kMessageFields},
    {"message.dropped", kMessageFields},
    {"timer.fired", ""},
    {"connection.closed", ""},
    {"process.started", "incarnation"},
    {"disk.flushed", ""},
    {"fault.began", "fault"},
    {"fault.ended", "fault"},
    {"process.exited", ""},
};
static_assert(std::size(kKernelEvents) == static_cast<size_t>(KernelEvent::kExited) + 1);

std::string_view name_in(const sim::World& world, sim::ProcessId process) {
  return process == sim::kNoProcess ? std::string_view{} : world.name(process);
}

// The application threads are the actors that a stall can stop. Where there is one, naming it says
// nothing.
std::optional<uint16_t> thread_of(const sim::World& world, sim::ProcessId process,
                                  sim::ActorId actor) {
  const std::vector<sim::ActorId> threads = world.shared().stallable_actors(world, process);
  const bool is_thread = std::find(threads.begin(), threads.end(), actor) != threads.end();
  return is_thread && threads.size() > 1 ? std::optional(actor.index) : std::nullopt;
}

TraceField field_of(const sim::World& world, const sim::FieldSpec& spec, int64_t value) {
  switch (spec.type) {
    case FieldType::kInteger:
      return TraceField::of(spec.name, value);
    case FieldType::kDuration:
      return {spec.name, value, scenario::duration_text(value)};
    case FieldType::kProcess:
      return TraceField::of(spec.name, std::string(world.name({static_cast<uint32_t>(value)})));
    default:
      return TraceField::of(spec.name, world.shared().format(spec.type, value));
  }
}

bool is_message(KernelEvent event) {
  return event == KernelEvent::kSent || event == KernelEvent::kDelivered ||
         event == KernelEvent::kDropped;
}

}  // namespace

TraceField TraceField::of(std::string_view name, int64_t number) {
  return {name, number, std::to_string(number)};
}

TraceField TraceField::of(std::string_view name, std::string text) {
  return {name, std::nullopt, std::move(text)};
}

std::string TraceItem::process_text() const {
  std::string text(process);
  if (thread) text += '/' + std::to_string(*thread);
  return text;
}

TraceItem trace_item(const sim::World& world, const sim::TraceEvent& event) {
  const sim::EventKind& kind = world.shared().event_kinds().at(event.kind.index);
  TraceItem item;
  item.at = event.at;
  item.step = event.step;
  item.cause = event.cause;
  item.event = kind.name;
  item.process = world.name(event.process);
  item.thread = thread_of(world, event.process, event.actor);
  for (size_t i = 0; i < kind.field_count; ++i) {
    item.fields.push_back(field_of(world, kind.fields[i], event.fields[i]));
  }
  return item;
}

TraceItem trace_item(const sim::World& world, const sim::KernelRecord& record) {
  TraceItem item;
  item.at = record.at;
  item.step = record.step;
  item.cause = record.cause;
  item.event = info_of(record.event).name;
  item.kernel = record.event;
  item.is_background =
      record.event == KernelEvent::kTimerFired || record.event == KernelEvent::kDisk;
  if (is_message(record.event)) {
    const std::string_view from = name_in(world, record.from);
    const std::string_view to = name_in(world, record.to);
    item.process = record.event == KernelEvent::kDelivered ? to : from;
    item.message = {world.message_name(record.kind),
                    record.request,
                    record.late,
                    from,
                    to,
                    record.correlation,
                    record.bytes,
                    record.connection};
    item.fields = message_fields(world.shared(), record.kind, record.request, record.body);
    return item;
  }
  item.process = name_in(world, record.to);
  if (record.event == KernelEvent::kStarted) {
    item.fields.push_back(TraceField::of("incarnation", world.incarnation(record.to)));
  } else if (!record.text.empty()) {
    item.fields.push_back(TraceField::of("fault", std::string(record.text)));
  } else if (record.to != sim::kNoProcess && record.event != KernelEvent::kExited) {
    item.thread = thread_of(world, record.to, record.actor);
  }
  return item;
}

const KernelEventInfo& info_of(KernelEvent event) {
  const auto index = static_cast<size_t>(event);
  EOSIM_ASSERT(index < std::size(kKernelEvents));
  return kKernelEvents[index];
}

std::vector<std::string> kernel_event_names() {
  std::vector<std::string> out;
  for (const KernelEventInfo& one : kKernelEvents) out.emplace_back(one.name);
  return out;
}

}  // namespace eosim::tools
