#include "tools/compare_runs.h"

#include <algorithm>
#include <exception>
#include <set>
#include <variant>

#include "sim/assert.h"
#include "tools/ordered_pool.h"

namespace eosim::tools {
namespace {

void note(ColumnResult::Shown& shown, uint64_t seed) {
  shown.first = shown.seeds == 0 ? seed : std::min(shown.first, seed);
  ++shown.seeds;
}

}  // namespace

void ColumnResult::add(const scenario::RunResult& result) {
  if (result.verdict == scenario::Verdict::kCut) ++cut_;
  std::set<std::string> kinds;
  for (const check::Violation& violation : result.violations) kinds.insert(violation.kind);
  for (const std::string& kind : kinds) note(kinds_[kind], result.seed);
  if (!kinds.empty()) note(violating_, result.seed);
  for (const check::Metric& metric : result.metrics) {
    const bool is_count_of_seeds = metric.name.starts_with("violations.");
    if (!is_count_of_seeds) samples_[metric.name].push_back(metric.thousandths);
  }
  ++runs_;
}

std::vector<std::string> ColumnResult::metric_names() const {
  std::vector<std::string> names;
  for (const auto& [name, samples] : samples_) names.push_back(name);
  return names;
}

std::vector<int64_t> ColumnResult::sorted(const std::string& metric) const {
  std::vector<int64_t> samples;
  if (const auto found = samples_.find(metric); found != samples_.end()) samples = found->second;
  if (metric.starts_with("latency.")) {
    std::erase(samples, 0);
  } else {
    samples.resize(runs_, 0);
  }
  std::sort(samples.begin(), samples.end());
  return samples;
}

std::optional<int64_t> ColumnResult::median(const std::string& metric) const {
  const std::vector<int64_t> samples = sorted(metric);
  if (samples.empty()) return std::nullopt;
  const int64_t low = samples[(samples.size() - 1) / 2];
  const int64_t high = samples[samples.size() / 2];
  return low + (high - low) / 2;
}

std::optional<int64_t> ColumnResult::largest(const std::string& metric) const {
  const std::vector<int64_t> samples = sorted(metric);
  return samples.empty() ? std::nullopt : std::optional(samples.back());
}

int64_t ColumnResult::sum_of_medians(const std::string& prefix) const {
  int64_t sum = 0;
  for (const auto& [name, samples] : samples_) {
    if (name.starts_with(prefix)) sum += median(name).value_or(0);
  }
  return sum;
}

namespace {

using RunOrProblem = std::variant<scenario::RunResult, scenario::Problem>;

RunOrProblem run_seed(const CompareColumn& column, uint64_t seed) {
  const scenario::Result<scenario::Loaded> loaded = for_seed(column.input, seed);
  if (!loaded) return loaded.problem();
  scenario::RunOptions options = column.input.options;
  options.seed = seed;
  options.campaign = true;
  try {
    return scenario::Simulation(loaded->scenario, options).run();
  } catch (const std::exception& error) {
    throw sim::InvariantBroken(column.label + ", seed " + std::to_string(seed) + ": " +
                               error.what());
  }
}

}  // namespace

scenario::Result<std::vector<ColumnResult>> run_columns(const ComparePlan& plan,
                                                        const CompareJobs& jobs) {
  std::vector<ColumnResult> results(plan.columns.size());
  std::vector<size_t> running;
  for (size_t i = 0; i < plan.columns.size(); ++i) {
    if (plan.columns[i].runs()) running.push_back(i);
  }
  const auto column_of = [&running](uint64_t job) { return running[job % running.size()]; };
  std::optional<scenario::Problem> problem;
  uint64_t done = 0;
  PoolOptions options{plan.seeds() * running.size(), jobs.threads, jobs.stop, {}};
  if (jobs.progress) options.tick = [&] { jobs.progress(done); };
  OrderedPool<RunOrProblem> pool(std::move(options), [&](uint64_t job) {
    return run_seed(plan.columns[column_of(job)], plan.first_seed + job / running.size());
  });
  pool.run([&](uint64_t job, const RunOrProblem& came) {
    if (const auto* wrong = std::get_if<scenario::Problem>(&came)) {
      problem = *wrong;
      return false;
    }
    results[column_of(job)].add(std::get<scenario::RunResult>(came));
    ++done;
    return true;
  });
  if (problem) return *problem;
  return results;
}

}  // namespace eosim::tools
