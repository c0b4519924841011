// What of a trace is written: --from, --to, --only.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/scenario/problem.h"
#include "models/scenario/scenario.h"
#include "sim/world.h"
#include "tools/arguments.h"
#include "tools/trace_item.h"

namespace eosim::tools {

// '*' stands for any characters, '?' for one.
bool glob_matches(std::string_view glob, std::string_view text);

class TraceFilter {
 public:
  TraceFilter() = default;

  // From the options below; wrong ones are the Problem.
  static scenario::Result<TraceFilter> from(const Arguments& arguments);

  // A glob that can match nothing in this scenario is a slip of the user.
  std::vector<scenario::Problem> check_names(const sim::World& world,
                                             std::span<const scenario::App> apps) const;

  // Cheap: whether an instant is between --from and --to, both included.
  bool matches(sim::Time at) const { return from_ <= at && at <= to_; }
  // Every --only must have a glob that matches one of the names of the item: its event, its RPC,
  // its process, its thread, the two ends of its message.
  bool matches(const TraceItem& item) const;
  // Whether some glob matches the event's own name: the way to ask for what is left out otherwise.
  bool names(std::string_view event) const;

  sim::Time end() const { return to_; }

 private:
  sim::Time from_{};
  sim::Time to_ = sim::kNever;
  std::vector<std::vector<std::string>> only_;
};

// --from, --to, --only.
std::vector<Option> trace_filter_options();

}  // namespace eosim::tools
