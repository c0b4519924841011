// What a sink writes: an event of the model or a record of the kernel, with ids turned into names.
// One shape for both, made from the table of event kinds, so that no format has code for a kind.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/world.h"

namespace eosim::tools {

struct TraceField {
  std::string_view name;
  std::optional<int64_t> number;  // else it is the text
  std::string text;               // as people read it, for numbers, too

  static TraceField of(std::string_view name, int64_t number);
  static TraceField of(std::string_view name, std::string text);
};

// A message on its way, for the kernel's records of messages.
struct TraceMessage {
  std::string_view rpc;
  bool request = true;
  bool late = false;  // of a connection that had ended
  std::string_view from;
  std::string_view to;
  uint32_t correlation = 0;
  uint32_t bytes = 0;
  sim::ConnectionId connection;
};

struct TraceItem {
  sim::Time at;
  uint64_t step = 0;
  uint64_t cause = 0;
  std::string_view event;          // "transaction.transition", "message.sent"
  bool is_background = false;      // timers and flushes: many, and of little to tell
  std::string_view process;        // where it happens; empty: nowhere (a partition of the network)
  std::optional<uint16_t> thread;  // of a process with several
  std::optional<sim::KernelEvent> kernel;
  std::optional<TraceMessage> message;
  std::vector<TraceField> fields;

  std::string process_text() const;  // "app-0/1"
};

TraceItem trace_item(const sim::World& world, const sim::TraceEvent& event);
TraceItem trace_item(const sim::World& world, const sim::KernelRecord& record);

struct KernelEventInfo {
  std::string_view name;    // stable, like the names of events
  std::string_view fields;  // as lists and traces show them
};
const KernelEventInfo& info_of(sim::KernelEvent event);
std::vector<std::string> kernel_event_names();

}  // namespace eosim::tools
