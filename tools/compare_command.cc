// eosim compare: the same scenario under several modes and swept values, side by side.
#include <algorithm>
#include <fstream>
#include <thread>

#include "tools/commands.h"
#include "tools/compare_rows.h"
#include "tools/interrupt.h"

namespace eosim::tools {
namespace {

using scenario::Result;

int wrong_file(Console& console, const std::string& path) {
  return refuse(console, argument_problem("--csv " + scenario::shown(path), "cannot be written",
                                          "a path of a file"));
}

int run_compare(const Arguments& arguments, Console& console) {
  const std::string& argument = arguments.positional().front();
  const Result<ComparePlan> plan = plan_comparison(console, argument, arguments);
  if (!plan) return refuse(console, plan.problem());
  const std::string csv_path = arguments.text("csv");
  std::ofstream csv;
  if (arguments.has("csv")) {
    csv.open(csv_path, std::ios::binary | std::ios::trunc);
    if (!csv) return wrong_file(console, csv_path);
  }

  const Interrupt interrupt;
  const auto cores = static_cast<uint64_t>(std::max(std::thread::hardware_concurrency(), 1U));
  CompareJobs jobs;
  jobs.threads = static_cast<int>(arguments.number("jobs").value_or(cores));
  jobs.stop = [&interrupt] { return interrupt.asked(); };
  const bool shows_progress = console.err_is_terminal && !arguments.has("quiet");
  if (shows_progress) {
    jobs.progress = [&console](uint64_t done) {
      console.err << '\r' << done << " runs\x1b[K" << std::flush;
    };
  }
  const auto results = run_columns(*plan, jobs);
  if (shows_progress) console.err << "\r\x1b[K";
  if (!results) return refuse(console, results.problem());
  if (interrupt.asked()) return kExitInterrupted;
  const auto partings = find_partings(*plan, jobs.threads);
  if (!partings) return refuse(console, partings.problem());

  const CompareReport report{*plan, *results, *partings, argument, console.color};
  if (arguments.has("csv")) {
    print_csv(report, csv);
    csv.flush();
    if (!csv) return wrong_file(console, csv_path);
  }
  if (arguments.has("json")) {
    console.out << scenario::to_json(comparison_value(report)) << '\n';
  } else if (!arguments.has("quiet")) {
    print_comparison(report, console.out);
  }
  return kExitOk;
}

}  // namespace

Command compare_command() {
  std::vector<Option> options = compare_plan_options();
  options.push_back({.name = "jobs",
                     .letter = 'j',
                     .type = OptionType::kUnsigned,
                     .value = "N",
                     .help = "threads; default all cores. Changes nothing but the time",
                     .min = 1,
                     .max = 1'024});
  options.push_back({.name = "csv",
                     .type = OptionType::kText,
                     .value = "FILE",
                     .help = "write one row a combination, with every metric"});
  options.push_back(json_option());
  for (Option& option : override_options()) options.push_back(std::move(option));
  return {.name = "compare",
          .summary = "the same scenario under several modes and swept values, side by side",
          .description =
              "Guarantees, presets and swept values make the columns; every column runs the same "
              "seeds and so\nfaces the same weather. A comparison is a measurement: violations are "
              "its data, and the exit\ncode is 0 when everything ran.",
          .positional = {"SCENARIO", 1, 1},
          .options = std::move(options),
          .run = run_compare};
}

}  // namespace eosim::tools
