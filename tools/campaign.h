// Many seeds of some scenarios, in parallel, one world a thread. What comes out does not depend on
// the number of threads: runs are numbered (the first seed of every scenario, then the second, and
// so on), judged one by one, and reported in the order of their numbers without a gap.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/run_input.h"

namespace eosim::tools {

// first, first + step, ...: `count` of them.
struct Seeds {
  uint64_t first = 1;
  uint64_t count = 1;
  uint64_t step = 1;

  uint64_t at(uint64_t index) const { return first + index * step; }
};

// Which seeds of first to last (both included) a shard takes: s mod `of` = `shard`.
Seeds seeds_between(uint64_t first, uint64_t last, uint64_t shard = 0, uint64_t of = 1);

// What runs did, summed: runs that did nothing prove nothing.
struct Work {
  int64_t records_in = 0;
  int64_t delivered = 0;
  int64_t committed = 0;
  int64_t aborted = 0;
  int64_t rebalances = 0;
  int64_t fencings = 0;
  int64_t producers = 0;
  int64_t retries = 0;
  int64_t faults = 0;        // that struck
  int64_t never_struck = 0;  // runs with a scripted fault that never struck

  void add(const Work& other);
  static Work of(const scenario::RunResult& result);
};

// A failing run, run again for its story.
struct Failure {
  scenario::Loaded loaded;  // the scenario as it was run
  scenario::RunResult result;
  std::vector<std::string> story;
  std::string command;  // that runs it again
  std::string bundle;   // the text of the file
};

// What the campaign keeps of one run.
struct Outcome {
  size_t input = 0;  // of Campaign::inputs
  uint64_t seed = 0;
  uint64_t digest = 0;
  uint64_t events = 0;
  scenario::Verdict verdict = scenario::Verdict::kPass;
  std::vector<std::string> kinds;    // all that showed, each once
  std::vector<std::string> failing;  // those that were neither expected nor allowed
  std::string signature;             // of a failure
  std::vector<std::string> allowed;  // signatures that showed and that the scenario allows
  Work work;
  kafka::Coverage coverage;
  std::shared_ptr<const Failure> failure;
  std::optional<scenario::Problem> problem;  // what the seed chose of `vary` cannot run
  std::string fault;                         // the simulator is at fault: what it said

  bool failed() const { return failure != nullptr; }
};

struct Progress {
  uint64_t runs = 0;
  uint64_t failures = 0;
};

struct Campaign {
  std::vector<RunInput> inputs;
  Seeds seeds;
  int threads = 1;
  std::optional<uint64_t> max_failures;  // ends with the failure of this number
  std::function<bool()> stop;            // asked from any thread: the time is over, interrupted
  // The command that runs a failure again, for its bundle.
  std::function<std::string(const RunInput&, uint64_t seed)> command;
  // Both on the calling thread. `take` gets every run in order, and false ends the campaign.
  std::function<bool(const Outcome&)> take;
  std::function<void(const Progress&)> progress;
};

// What a whole campaign came to.
struct CampaignResult {
  // Runs that showed the same.
  struct Group {
    std::string signature;
    std::string kind;
    uint64_t count = 0;
    size_t input = 0;  // and seed of the first
    uint64_t seed = 0;
  };

  uint64_t runs = 0;
  uint64_t failures = 0;
  uint64_t with_allowed = 0;  // runs that did not fail, and showed what the scenario allows
  uint64_t events = 0;
  uint64_t digest = 0;  // over the seeds and digests of all runs, in order
  Work work;
  kafka::Coverage coverage;
  std::vector<Group> groups;                            // failures, in the order of the first ones
  std::vector<Group> allowed;                           // what showed and may, in the same order
  std::vector<std::pair<size_t, std::string>> missing;  // input, expected kind that never showed
  bool enough_failures = false;                         // ended by max_failures
  std::optional<Outcome> broken;                        // ended by a problem or a fault
};

CampaignResult run_campaign(const Campaign& campaign);

}  // namespace eosim::tools
