#include "tools/trace_output.h"

namespace eosim::tools {

scenario::Result<std::unique_ptr<TraceOutput>> TraceOutput::open(Console& console,
                                                                 TraceTarget target,
                                                                 TraceFilter filter) {
  std::unique_ptr<TraceOutput> made(new TraceOutput(std::move(target)));
  const std::string& path = made->target_.path;
  if (!path.empty()) {
    made->file_.open(path, std::ios::binary | std::ios::trunc);
    if (!made->file_) return made->problem("cannot be written");
  }
  made->out_ = path.empty() ? &console.out : &made->file_;
  made->sink_ = make_trace_sink(made->target_.format, *made->out_, std::move(filter));
  return made;
}

std::optional<scenario::Problem> TraceOutput::finish(const sim::World& world) {
  sink_->finish(world);
  out_->flush();
  if (out_->good()) return std::nullopt;
  return problem("cannot be written to its end");
}

scenario::Problem TraceOutput::problem(std::string message) const {
  if (target_.path.empty()) return argument_problem("stdout", std::move(message));
  return argument_problem(target_.option + ' ' + scenario::shown(target_.path), std::move(message),
                          "a path where a file can be written");
}

}  // namespace eosim::tools
