// The runs of a comparison, in parallel, and what is kept of them: a few numbers a run. Nothing
// here depends on how many jobs there were or which ended first.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/scenario/simulation.h"
#include "tools/compare_plan.h"

namespace eosim::tools {

// What the runs of one column came to.
class ColumnResult {
 public:
  struct Shown {
    uint64_t seeds = 0;  // that show it
    uint64_t first = 0;  // the smallest of them
  };

  void add(const scenario::RunResult& result);

  uint64_t runs() const { return runs_; }
  uint64_t cut() const { return cut_; }
  // By kind of violation; violating() is any kind.
  const std::map<std::string, Shown>& kinds() const { return kinds_; }
  const Shown& violating() const { return violating_; }
  std::vector<std::string> metric_names() const;
  // In thousandths, over the runs. A metric that a run does not have is 0 in it; of a latency, 0
  // means that there was nothing to measure, and such runs do not count. Empty: none counts.
  std::optional<int64_t> median(const std::string& metric) const;
  std::optional<int64_t> largest(const std::string& metric) const;
  // Of the metrics whose names begin so. The median of a sum is not the sum of medians, but near
  // enough to be read above them.
  int64_t sum_of_medians(const std::string& prefix) const;

 private:
  std::vector<int64_t> sorted(const std::string& metric) const;

  uint64_t runs_ = 0;
  uint64_t cut_ = 0;
  std::map<std::string, Shown> kinds_;
  Shown violating_;
  std::map<std::string, std::vector<int64_t>> samples_;  // by metric
};

struct CompareJobs {
  int threads = 1;
  std::function<bool()> stop;                   // asked from any thread: interrupted
  std::function<void(uint64_t)> progress = {};  // on the calling thread: so many runs are done
};

// In the order of the columns; a column that is refused has no runs. The problem is that of the
// first seed whose choice of `vary` cannot run. What it gives after a stop is incomplete.
scenario::Result<std::vector<ColumnResult>> run_columns(const ComparePlan& plan,
                                                        const CompareJobs& jobs);

}  // namespace eosim::tools
