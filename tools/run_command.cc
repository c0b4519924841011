// eosim run: one simulation and a short summary of it.
#include <chrono>

#include "tools/commands.h"
#include "tools/result_json.h"
#include "tools/result_text.h"
#include "tools/run_input.h"
#include "tools/stories.h"
#include "tools/trace_output.h"

namespace eosim::tools {
namespace {

using scenario::Result;

struct Timed {
  scenario::RunResult result;
  int64_t wall_ns = 0;
};

// The Problem: the trace could not be written to its end.
Result<Timed> run_once(const scenario::Scenario& scenario, const scenario::RunOptions& options,
                       TraceOutput* trace) {
  const auto begin = std::chrono::steady_clock::now();
  scenario::Simulation simulation(scenario, options);
  if (trace != nullptr) simulation.watch(trace->observer());
  Timed timed{simulation.run(), 0};
  if (trace != nullptr) {
    if (const auto problem = trace->finish(simulation.world())) return *problem;
  }
  const auto took = std::chrono::steady_clock::now() - begin;
  timed.wall_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(took).count();
  return timed;
}

int exit_code(const scenario::RunResult& result) {
  return result.verdict == scenario::Verdict::kPass ? kExitOk : kExitExpectationFailed;
}

int run_run(const Arguments& arguments, Console& console) {
  Result<RunInput> input = open_run(console, arguments.positional().front(), arguments);
  if (!input) return refuse(console, input.problem());
  const Result<scenario::Loaded> loaded = for_seed(*input, input->options.seed);
  if (!loaded) return refuse(console, loaded.problem());
  const scenario::Scenario& scenario = loaded->scenario;
  scenario::RunOptions options = input->options;
  options.until = arguments.duration("until");

  std::unique_ptr<TraceOutput> trace;
  if (arguments.has("trace")) {
    Result<TraceFilter> all = TraceFilter::from(arguments);
    if (!all) return refuse(console, all.problem());
    const TraceTarget target{"--trace", arguments.text("trace"),
                             arguments.text("trace-format", "text")};
    Result<std::unique_ptr<TraceOutput>> opened =
        TraceOutput::open(console, target, std::move(*all));
    if (!opened) return refuse(console, opened.problem());
    trace = std::move(*opened);
  }
  const Result<Timed> ran = run_once(scenario, options, trace.get());
  if (!ran) return refuse(console, ran.problem());
  const Timed& timed = *ran;
  if (arguments.has("check-determinism")) {
    const Result<Timed> again = run_once(scenario, options, nullptr);
    if (again->result.digest != timed.result.digest) {
      console.err << "eosim: two runs of seed " << options.seed << " differ: digest "
                  << timed.result.digest_text() << " and " << again->result.digest_text() << '\n';
      return kExitInternalFault;
    }
  }
  const std::string command = repro_command("run", input->argument, arguments, options.seed);
  if (arguments.has("json")) {
    console.out << scenario::to_json(result_value(scenario, timed.result, timed.wall_ns)) << '\n';
    return exit_code(timed.result);
  }
  if (arguments.has("quiet")) return exit_code(timed.result);
  ResultText text{scenario, timed.result, {}, command, console.color, timed.wall_ns};
  if (const check::Violation* shown = shown_violation(timed.result)) {
    text.story = tell_story(scenario, options, *shown);
  }
  print_result(text, console.out);
  return exit_code(timed.result);
}

}  // namespace

Command run_command() {
  std::vector<Option> options = {
      seed_option(),
      {.name = "until",
       .type = OptionType::kDuration,
       .value = "T",
       .help = "stop there; judges only what can be judged as it happens"},
      {.name = "trace",
       .type = OptionType::kText,
       .value = "FILE",
       .help = "write the trace to a file"},
      trace_format_option("trace-format"),
      {.name = "check-determinism",
       .help = "run twice and compare the digests; exit code 3 when they differ"},
      json_option()};
  for (Option& option : override_options()) options.push_back(std::move(option));
  return {.name = "run",
          .summary = "runs one simulation and prints a short summary",
          .description =
              "The scenario is a path or a name from `eosim list scenarios`, or a failure bundle. "
              "The same\nscenario, seed and options give the same run on every machine.",
          .positional = {"SCENARIO", 1, 1},
          .options = std::move(options),
          .run = run_run};
}

}  // namespace eosim::tools
