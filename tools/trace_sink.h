// Writers of the trace, in formats that people and programs read. A sink only looks: a run with it
// has the digest of a run without (design.md section 2).
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "sim/trace.h"
#include "tools/arguments.h"
#include "tools/trace_filter.h"
#include "tools/trace_item.h"

namespace eosim::tools {

// Filters and names things; a format derives from it, says how an item looks, and gets a row in the
// table of trace_sink.cc.
class TraceSink : public sim::Observer {
 public:
  TraceSink(std::ostream& out, TraceFilter filter) : out_(out), filter_(std::move(filter)) {}

  void on_event(const sim::World& world, const sim::TraceEvent& event) final;
  void on_kernel(const sim::World& world, const sim::KernelRecord& record) final;
  bool wants_kernel_records() const final { return true; }
  bool wants_notes() const final { return true; }

  // After the last item, once: whatever closes the format.
  void finish(const sim::World& world);
  uint64_t written() const { return written_; }

 protected:
  virtual void begin(const sim::World&) {}
  virtual void write(const TraceItem& item) = 0;
  virtual void end() {}
  // Whether timers and flushes are written without being asked for by name.
  virtual bool wants_background() const { return false; }

  std::ostream& out() { return out_; }

 private:
  void begin_once(const sim::World& world);
  void take(const sim::World& world, const TraceItem& item);

  std::ostream& out_;
  TraceFilter filter_;
  bool begun_ = false;
  uint64_t written_ = 0;
};

struct TraceFormat {
  std::string_view name;
  std::string_view doc;
  std::unique_ptr<TraceSink> (*make)(std::ostream&, TraceFilter);
};
const std::vector<TraceFormat>& trace_formats();
std::vector<std::string> trace_format_names();

// `format` must be one of trace_formats(). The stream must outlive the sink.
std::unique_ptr<TraceSink> make_trace_sink(std::string_view format, std::ostream& out,
                                           TraceFilter filter);

// `eosim trace --format`, `eosim run --trace-format`.
Option trace_format_option(std::string name);

// What the table of trace_sink.cc lists.
std::unique_ptr<TraceSink> make_text_sink(std::ostream& out, TraceFilter filter);
std::unique_ptr<TraceSink> make_jsonl_sink(std::ostream& out, TraceFilter filter);

}  // namespace eosim::tools
