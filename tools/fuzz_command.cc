// eosim fuzz: many seeds of one or more scenarios, and a bundle for each that fails.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <thread>

#include "models/scenario/units.h"
#include "tools/campaign.h"
#include "tools/commands.h"
#include "tools/coverage_book.h"
#include "tools/fuzz_report.h"
#include "tools/interrupt.h"
#include "tools/run_input.h"

namespace eosim::tools {
namespace {

namespace fs = std::filesystem;
using scenario::Problem;
using scenario::Result;
using Clock = std::chrono::steady_clock;

constexpr uint64_t kDefaultRuns = 1'000;

// How many runs there are to be, and what their end is called.
struct Plan {
  Seeds seeds;
  std::optional<sim::Duration> time;
  std::optional<uint64_t> max_failures;
  std::string whole = "runs";  // `stopped_by` of a campaign that came to its end
};

std::optional<Problem> excluded(const Arguments& arguments) {
  constexpr const char* kPairs[][2] = {{"seeds", "runs"},
                                       {"seeds", "time"},
                                       {"seeds", "seed"},
                                       {"runs", "time"},
                                       {"until-failure", "max-failures"}};
  for (const auto& [one, other] : kPairs) {
    if (!arguments.has(one) || !arguments.has(other)) continue;
    return argument_problem(std::string("--") + one, std::string("excludes --") + other,
                            "one of them");
  }
  return std::nullopt;
}

struct Shard {
  uint64_t index = 0;
  uint64_t of = 1;
};

Result<Shard> shard_of(const Arguments& arguments) {
  const std::string text = arguments.text("shard", "0/1");
  const size_t slash = text.find('/');
  if (slash != std::string::npos) {
    const auto index = scenario::parse_unsigned(text.substr(0, slash));
    const auto of = scenario::parse_unsigned(text.substr(slash + 1));
    if (index && of && *index < *of) return Shard{*index, *of};
  }
  return argument_problem("--shard", scenario::shown(text) + " is no shard",
                          "I/N, with I from 0 to N-1");
}

Result<Plan> plan_of(const Arguments& arguments, uint64_t default_seed) {
  if (const auto problem = excluded(arguments)) return *problem;
  Plan plan;
  plan.max_failures = arguments.number("max-failures");
  if (arguments.has("until-failure")) plan.max_failures = 1;
  plan.time = arguments.duration("time");
  uint64_t first = arguments.number("seed").value_or(default_seed);
  uint64_t last = std::numeric_limits<uint64_t>::max();
  if (const auto range = arguments.range("seeds")) {
    first = range->first;
    last = range->second;
    plan.whole = "seeds";
  } else if (!plan.time) {
    const uint64_t runs = arguments.number("runs").value_or(kDefaultRuns);
    if (runs - 1 > last - first) {
      return argument_problem(
          "--runs", "goes beyond the last seed",
          "at most " + std::to_string(last - first) + " from seed " + std::to_string(first));
    }
    last = first + (runs - 1);
  }
  const Result<Shard> shard = shard_of(arguments);
  if (!shard) return shard.problem();
  plan.seeds = seeds_between(first, last, shard->index, shard->of);
  return plan;
}

Result<std::vector<RunInput>> open_all(const Console& console, const Arguments& arguments) {
  std::vector<RunInput> inputs;
  std::set<std::string> names;
  for (const std::string& argument : arguments.positional()) {
    Result<RunInput> input = open_run(console, argument, arguments);
    if (!input) return input.problems();
    if (!names.insert(input->loaded.scenario.name).second) {
      return argument_problem(scenario::shown(argument),
                              "a second scenario called " + input->loaded.scenario.name,
                              "each name once, because bundles are called so");
    }
    inputs.push_back(std::move(*input));
  }
  return inputs;
}

// Writes bundles into one folder, which it makes when the first comes.
class BundleFolder {
 public:
  explicit BundleFolder(std::string path) : path_(std::move(path)) {}

  std::optional<Problem> check() const {
    std::error_code error;
    if (!fs::exists(path_, error) || fs::is_directory(path_, error)) return std::nullopt;
    return problem("is no folder");
  }

  Result<std::string> write(const std::string& name, const std::string& text) const {
    std::error_code error;
    fs::create_directories(path_, error);
    const std::string path = (fs::path(path_) / name).generic_string();
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) return problem("cannot be written to");
    return path;
  }

 private:
  Problem problem(const std::string& what) const {
    return argument_problem("--out " + scenario::shown(path_), what, "a folder for bundles");
  }

  std::string path_;
};

// What the file says already; nobody has been anywhere if there is none.
Result<CoverageBook> open_coverage(const std::string& path) {
  std::error_code error;
  if (path.empty() || !fs::exists(path, error)) return CoverageBook();
  return CoverageBook::read_file(path);
}

std::optional<Problem> write_coverage(const CoverageBook& book, const std::string& path) {
  if (path.empty()) return std::nullopt;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << book.text();
  file.close();
  if (file) return std::nullopt;
  return argument_problem("--coverage " + scenario::shown(path), "cannot be written", "a file");
}

void print_progress(const Progress& progress, const Plan& plan, size_t inputs,
                    Clock::time_point begin, Console& console) {
  const auto wall = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin);
  console.err << '\r' << progress.runs;
  if (!plan.time) console.err << '/' << plan.seeds.count * inputs;
  console.err << " runs, " << progress.failures << " failures, "
              << rate_text(progress.runs, wall.count()) << " a second\x1b[K" << std::flush;
}

int report_fault(const CampaignResult& result, const Campaign& campaign, Console& console) {
  const Outcome& broken = *result.broken;
  const RunInput& input = campaign.inputs[broken.input];
  if (broken.problem) {
    Problem problem = *broken.problem;
    problem.message += " (as seed " + std::to_string(broken.seed) + " varies it)";
    return refuse(console, problem);
  }
  console.err << "eosim: internal fault in seed " << broken.seed << " of "
              << input.loaded.scenario.name << ": " << broken.fault << '\n'
              << "  repro    " << campaign.command(input, broken.seed) << '\n';
  return kExitInternalFault;
}

int fuzz(const Arguments& arguments, Console& console) {
  Result<std::vector<RunInput>> inputs = open_all(console, arguments);
  if (!inputs) return refuse(console, inputs.problem());
  const Result<Plan> plan = plan_of(arguments, inputs->front().options.seed);
  if (!plan) return refuse(console, plan.problem());
  const BundleFolder folder(arguments.text("out", "failures"));
  if (const auto problem = folder.check()) return refuse(console, *problem);

  const std::string coverage_path = arguments.text("coverage");
  Result<CoverageBook> coverage = open_coverage(coverage_path);
  if (!coverage) return refuse(console, coverage.problem());

  const auto begin = Clock::now();
  const Interrupt interrupt;
  const auto out_of_time = [&plan, begin] {
    return plan->time && Clock::now() - begin >= std::chrono::nanoseconds(plan->time->ns);
  };
  std::vector<FoundFailure> failures;
  std::shared_ptr<const Failure> first;
  std::optional<Problem> unwritten;

  Campaign campaign;
  campaign.inputs = std::move(*inputs);
  campaign.seeds = plan->seeds;
  campaign.max_failures = plan->max_failures;
  campaign.threads = static_cast<int>(
      arguments.number("jobs").value_or(std::max(std::thread::hardware_concurrency(), 1U)));
  campaign.stop = [&] { return interrupt.asked() || out_of_time(); };
  campaign.command = [&arguments](const RunInput& input, uint64_t seed) {
    return repro_command("run", input.argument, arguments, seed);
  };
  campaign.take = [&](const Outcome& outcome) {
    if (!outcome.failed()) return true;
    const std::string& name = campaign.inputs[outcome.input].loaded.scenario.name;
    const Result<std::string> path =
        folder.write(name + '-' + std::to_string(outcome.seed) + ".json", outcome.failure->bundle);
    if (!path) {
      unwritten = path.problem();
      return false;
    }
    if (first == nullptr) first = outcome.failure;
    failures.push_back(
        {outcome.input, outcome.seed, outcome.verdict, outcome.failing, outcome.signature, *path});
    return true;
  };
  const bool shows_progress = console.err_is_terminal && !arguments.has("quiet");
  if (shows_progress) {
    campaign.progress = [&](const Progress& progress) {
      print_progress(progress, *plan, campaign.inputs.size(), begin, console);
    };
  }
  const CampaignResult result = run_campaign(campaign);
  if (shows_progress) console.err << "\r\x1b[K";
  if (unwritten) return refuse(console, *unwritten);
  coverage->add(result.coverage);
  if (const auto problem = write_coverage(*coverage, coverage_path)) {
    return refuse(console, *problem);
  }

  const auto wall = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin);
  const std::string stopped_by =
      result.broken            ? "fault"
      : result.enough_failures ? arguments.has("until-failure") ? "until-failure" : "max-failures"
      : interrupt.asked()      ? "interrupt"
      : plan->time             ? "time"
                               : plan->whole;
  const FuzzReport report{campaign.inputs,     plan->seeds,   result,
                          std::move(failures), first,         stopped_by,
                          wall.count(),        console.color, arguments.has("verbose")};
  const bool wrong_input = result.broken && result.broken->problem;
  if (arguments.has("json")) {
    if (!wrong_input) console.out << scenario::to_json(fuzz_report_value(report)) << '\n';
  } else if (!arguments.has("quiet") && !wrong_input) {
    print_fuzz_report(report, console.out);
    console.err << rate_text(result.runs, wall.count()) << " runs a second, "
                << wall.count() / 1'000'000 << " ms on " << campaign.threads << " threads\n";
  }
  if (result.broken) return report_fault(result, campaign, console);
  if (stopped_by == "interrupt") return kExitInterrupted;
  return result.failures == 0 && result.missing.empty() ? kExitOk : kExitExpectationFailed;
}

}  // namespace

Command fuzz_command() {
  std::vector<Option> options = {
      {.name = "seeds",
       .type = OptionType::kRange,
       .value = "A..B",
       .help = "these seeds, both ends included"},
      {.name = "runs",
       .type = OptionType::kUnsigned,
       .value = "N",
       .help = "so many seeds, from --seed on; default 1000",
       .min = 1},
      {.name = "time",
       .type = OptionType::kDuration,
       .value = "T",
       .help = "seeds from --seed on, for so long by the wall clock"},
      seed_option(),
      {.name = "jobs",
       .letter = 'j',
       .type = OptionType::kUnsigned,
       .value = "N",
       .help = "threads; default all cores. Changes nothing but the time",
       .min = 1,
       .max = 1'024},
      {.name = "until-failure", .help = "end with the first failing seed"},
      {.name = "max-failures",
       .type = OptionType::kUnsigned,
       .value = "N",
       .help = "end with the Nth failing seed",
       .min = 1},
      {.name = "out",
       .type = OptionType::kText,
       .value = "DIR",
       .help = "where bundles go; default failures/"},
      {.name = "coverage",
       .type = OptionType::kText,
       .value = "FILE",
       .help = "add what was reached to this file; see eosim list coverage"},
      {.name = "shard",
       .type = OptionType::kText,
       .value = "I/N",
       .help = "only the seeds s with s mod N = I"},
      json_option()};
  for (Option& option : override_options()) options.push_back(std::move(option));
  return {
      .name = "fuzz",
      .summary = "runs many seeds in parallel and writes a bundle for each that fails",
      .description =
          "A seed fails by showing a violation that is neither expected nor allowed, or by being "
          "cut at\nits limits; an expected violation has to show in one seed at least. Failures "
          "are grouped by\nsignature; what is allowed is counted by signature, too. With several "
          "scenarios, each runs\nevery seed. -v lists every failure.",
      .positional = {"SCENARIO", 1, SIZE_MAX},
      .options = std::move(options),
      .run = fuzz};
}

}  // namespace eosim::tools
