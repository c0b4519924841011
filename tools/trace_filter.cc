#include "tools/trace_filter.h"

#include <algorithm>

#include "models/protocol/events.h"
#include "models/protocol/messages.h"
#include "models/scenario/nearest.h"
#include "models/scenario/units.h"
#include "tools/console.h"

namespace eosim::tools {
namespace {

using scenario::Problem;

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t comma = std::min(text.find(',', begin), text.size());
    out.emplace_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return out;
}

std::vector<std::string> known_names(const sim::World& world) {
  std::vector<std::string> out;
  for (const sim::EventKind& kind : kafka::event_kinds()) out.emplace_back(kind.name);
  for (std::string& name : kernel_event_names()) out.push_back(std::move(name));
  for (size_t i = 0; i < kafka::kRpcCount; ++i) {
    out.emplace_back(kafka::rpc_name(static_cast<kafka::Rpc>(i)));
  }
  for (uint32_t i = 0; i < world.process_count(); ++i) {
    out.emplace_back(world.name({i}));
    const auto threads = world.shared().stallable_actors(world, {i});
    if (threads.size() < 2) continue;
    for (const sim::ActorId thread : threads) {
      out.push_back(std::string(world.name({i})) + '/' + std::to_string(thread.index));
    }
  }
  return out;
}

// "app-7", "app-7/0": an instance that a fault adds in the middle of the run.
bool may_be_added(std::string_view glob, std::span<const scenario::App> apps) {
  return std::any_of(apps.begin(), apps.end(), [glob](const scenario::App& app) {
    if (!glob.starts_with(app.name + '-') || glob.size() <= app.name.size() + 1) return false;
    return glob.find_first_not_of("0123456789/*?", app.name.size() + 1) == std::string_view::npos;
  });
}

Problem unknown_name(const std::string& glob, const std::vector<std::string>& known) {
  return argument_problem("--only " + scenario::shown(glob), "matches no event, RPC or process",
                          "names from `eosim list events`, RPCs (EndTxn) and processes (broker-0), "
                          "with * and ?",
                          scenario::nearest(glob, known));
}

}  // namespace

// Greedy with one step back: the last '*' takes one character more whenever the rest fails.
bool glob_matches(std::string_view glob, std::string_view text) {
  size_t g = 0, t = 0;
  size_t star = std::string_view::npos, star_text = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      star_text = t;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
      ++g;
      ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

scenario::Result<TraceFilter> TraceFilter::from(const Arguments& arguments) {
  TraceFilter filter;
  if (const auto from = arguments.duration("from")) filter.from_ = {from->ns};
  if (const auto to = arguments.duration("to")) filter.to_ = {to->ns};
  if (filter.to_ < filter.from_) {
    return argument_problem("--to", "is before --from",
                            scenario::duration_text(filter.from_.ns) + " or later");
  }
  for (const std::string& text : arguments.all("only")) {
    std::vector<std::string> globs = split(text);
    if (std::find(globs.begin(), globs.end(), "") != globs.end()) {
      return argument_problem("--only", "has an empty pattern", "patterns, separated by one comma");
    }
    filter.only_.push_back(std::move(globs));
  }
  return filter;
}

std::vector<Problem> TraceFilter::check_names(const sim::World& world,
                                              std::span<const scenario::App> apps) const {
  std::vector<Problem> problems;
  const std::vector<std::string> known = known_names(world);
  for (const std::vector<std::string>& globs : only_) {
    for (const std::string& glob : globs) {
      const bool is_known = std::any_of(known.begin(), known.end(), [&](const std::string& name) {
        return glob_matches(glob, name);
      });
      if (!is_known && !may_be_added(glob, apps)) problems.push_back(unknown_name(glob, known));
    }
  }
  return problems;
}

bool TraceFilter::matches(const TraceItem& item) const {
  if (!matches(item.at)) return false;
  const std::string thread = item.thread ? item.process_text() : std::string();
  const auto is_meant = [&](const std::string& glob) {
    if (glob_matches(glob, item.event) || glob_matches(glob, item.process)) return true;
    if (item.thread && glob_matches(glob, thread)) return true;
    return item.message &&
           (glob_matches(glob, item.message->rpc) || glob_matches(glob, item.message->from) ||
            glob_matches(glob, item.message->to));
  };
  return std::all_of(only_.begin(), only_.end(), [&](const std::vector<std::string>& globs) {
    return std::any_of(globs.begin(), globs.end(), is_meant);
  });
}

bool TraceFilter::names(std::string_view event) const {
  for (const std::vector<std::string>& globs : only_) {
    for (const std::string& glob : globs) {
      if (glob != "*" && glob_matches(glob, event)) return true;
    }
  }
  return false;
}

std::vector<Option> trace_filter_options() {
  return {{.name = "from",
           .type = OptionType::kDuration,
           .value = "T",
           .help = "leave out what happens before this simulated time: 12s, 1500ms"},
          {.name = "to",
           .type = OptionType::kDuration,
           .value = "T",
           .help = "leave out what happens after this simulated time"},
          {.name = "only",
           .type = OptionType::kText,
           .value = "PATTERN,...",
           .help = "only what one of the patterns matches: events, RPCs, processes, with * and ?, "
                   "as in 'transaction.*,EndTxn,app-0'; given again, both must match",
           .repeats = true}};
}

}  // namespace eosim::tools
