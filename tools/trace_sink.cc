#include "tools/trace_sink.h"

#include "models/scenario/problem.h"
#include "sim/assert.h"

namespace eosim::tools {

void TraceSink::on_event(const sim::World& world, const sim::TraceEvent& event) {
  if (filter_.matches(event.at)) take(world, trace_item(world, event));
}

void TraceSink::on_kernel(const sim::World& world, const sim::KernelRecord& record) {
  if (!filter_.matches(record.at)) return;
  const bool is_background =
      record.event == sim::KernelEvent::kTimerFired || record.event == sim::KernelEvent::kDisk;
  if (is_background && !wants_background() && !filter_.names(info_of(record.event).name)) return;
  take(world, trace_item(world, record));
}

void TraceSink::take(const sim::World& world, const TraceItem& item) {
  if (!filter_.matches(item)) return;
  begin_once(world);
  write(item);
  ++written_;
}

void TraceSink::begin_once(const sim::World& world) {
  if (begun_) return;
  begun_ = true;
  begin(world);
}

void TraceSink::finish(const sim::World& world) {
  begin_once(world);
  end();
}

const std::vector<TraceFormat>& trace_formats() {
  static const std::vector<TraceFormat> formats = {
      {"text", "a line an event, to be read", make_text_sink},
      {"jsonl", "a JSON object a line, with timers and flushes", make_jsonl_sink},
  };
  return formats;
}

std::vector<std::string> trace_format_names() {
  std::vector<std::string> out;
  for (const TraceFormat& one : trace_formats()) out.emplace_back(one.name);
  return out;
}

std::unique_ptr<TraceSink> make_trace_sink(std::string_view format, std::ostream& out,
                                           TraceFilter filter) {
  for (const TraceFormat& one : trace_formats()) {
    if (one.name == format) return one.make(out, std::move(filter));
  }
  EOSIM_ASSERT(false && "a format that the options do not offer");
  return nullptr;
}

Option trace_format_option(std::string name) {
  std::string words, help = "format of the trace:";
  for (const TraceFormat& one : trace_formats()) {
    words += (words.empty() ? "" : "|") + std::string(one.name);
    help += (words == one.name ? " " : "; ") + std::string(one.name) + " (" +
            (words == one.name ? "the default: " : "") + std::string(one.doc) + ')';
  }
  return {.name = std::move(name),
          .type = OptionType::kWord,
          .value = words,
          .help = help,
          .words = trace_format_names()};
}

}  // namespace eosim::tools
