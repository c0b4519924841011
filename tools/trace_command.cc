// eosim trace: one run, written down event by event.
#include <optional>

#include "tools/commands.h"
#include "tools/run_input.h"
#include "tools/trace_output.h"

namespace eosim::tools {
namespace {

using scenario::Result;

// Nothing after --to is written, so the run may end there.
std::optional<sim::Duration> end_of(const TraceFilter& filter) {
  if (filter.end() == sim::kNever) return std::nullopt;
  return sim::Duration{filter.end().ns} + sim::nanoseconds(1);
}

int run_trace(const Arguments& arguments, Console& console) {
  const Result<TraceFilter> filter = TraceFilter::from(arguments);
  if (!filter) return refuse(console, filter.problem());
  const Result<RunInput> input = open_run(console, arguments.positional().front(), arguments);
  if (!input) return refuse(console, input.problem());
  const Result<scenario::Loaded> loaded = for_seed(*input, input->options.seed);
  if (!loaded) return refuse(console, loaded.problem());
  const scenario::Scenario& scenario = loaded->scenario;
  scenario::RunOptions options = input->options;
  options.until = end_of(*filter);
  options.checkers = false;
  scenario::Simulation simulation(scenario, std::move(options));
  const auto problems = filter->check_names(simulation.world(), scenario.apps);
  if (!problems.empty()) return refuse(console, problems.front());

  const TraceTarget target = {"--output", arguments.text("output"),
                              arguments.text("format", "text")};
  const auto output = TraceOutput::open(console, target, *filter);
  if (!output) return refuse(console, output.problem());
  simulation.watch((*output)->observer());
  simulation.run();
  if (const auto problem = (*output)->finish(simulation.world())) return refuse(console, *problem);
  if (!target.path.empty() && !arguments.has("quiet")) {
    console.err << target.path << ": " << (*output)->written() << " events\n";
  }
  return kExitOk;
}

}  // namespace

Command trace_command() {
  std::vector<Option> options = {trace_format_option("format"),
                                 {.name = "output",
                                  .letter = 'o',
                                  .type = OptionType::kText,
                                  .value = "FILE",
                                  .help = "write to a file instead of stdout"},
                                 seed_option()};
  for (Option& option : trace_filter_options()) options.push_back(std::move(option));
  for (Option& option : override_options()) options.push_back(std::move(option));
  return {.name = "trace",
          .summary = "writes the events of one run in a format to look at",
          .description =
              "Events of the protocol, messages, starts and faults. Timers and flushes are many: "
              "text has\nthem only if --only names them ('timer.fired'). Times are simulated "
              "seconds. See eosim list events.",
          .positional = {"SCENARIO|BUNDLE", 1, 1},
          .options = std::move(options),
          .run = run_trace};
}

}  // namespace eosim::tools
