// A trace on its way to a file or to stdout: what `eosim trace -o` and `eosim run --trace` share.
#pragma once

#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "models/scenario/problem.h"
#include "sim/world.h"
#include "tools/console.h"
#include "tools/trace_sink.h"

namespace eosim::tools {

struct TraceTarget {
  std::string option;  // for messages: "--output", "--trace"
  std::string path;    // empty: stdout
  std::string format = "text";
};

class TraceOutput {
 public:
  // Opens, and so empties, the file. The console must outlive the output.
  static scenario::Result<std::unique_ptr<TraceOutput>> open(Console& console, TraceTarget target,
                                                             TraceFilter filter);
  TraceOutput(const TraceOutput&) = delete;
  TraceOutput& operator=(const TraceOutput&) = delete;

  sim::Observer* observer() { return sink_.get(); }
  // After the run, once. The Problem: not everything could be written.
  std::optional<scenario::Problem> finish(const sim::World& world);
  uint64_t written() const { return sink_->written(); }

 private:
  explicit TraceOutput(TraceTarget target) : target_(std::move(target)) {}
  scenario::Problem problem(std::string message) const;

  TraceTarget target_;
  std::ofstream file_;
  std::ostream* out_ = nullptr;
  std::unique_ptr<TraceSink> sink_;
};

}  // namespace eosim::tools
