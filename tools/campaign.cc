#include "tools/campaign.h"

#include <algorithm>
#include <exception>
#include <limits>

#include "sim/assert.h"
#include "tools/failure.h"
#include "tools/ordered_pool.h"
#include "tools/result_text.h"
#include "tools/stories.h"

namespace eosim::tools {

using scenario::Loaded;
using scenario::Result;
using scenario::RunOptions;
using scenario::RunResult;
using scenario::Verdict;

Seeds seeds_between(uint64_t first, uint64_t last, uint64_t shard, uint64_t of) {
  EOSIM_ASSERT(first <= last);
  EOSIM_ASSERT(shard < of);
  const uint64_t skip = (shard + of - first % of) % of;
  if (skip > last - first) return {first, 0, of};
  const uint64_t steps = (last - first - skip) / of;
  // All 2^64 seeds would be one more than a count can hold, and nobody will miss it.
  const uint64_t count = steps == std::numeric_limits<uint64_t>::max() ? steps : steps + 1;
  return {first + skip, count, of};
}

void Work::add(const Work& other) {
  records_in += other.records_in;
  delivered += other.delivered;
  committed += other.committed;
  aborted += other.aborted;
  rebalances += other.rebalances;
  fencings += other.fencings;
  producers += other.producers;
  retries += other.retries;
  faults += other.faults;
  never_struck += other.never_struck;
}

Work Work::of(const RunResult& result) {
  Work work;
  for (const check::Metric& metric : result.metrics) {
    const int64_t count = metric.thousandths / 1'000;
    if (metric.name == "records.in") work.records_in = count;
    if (metric.name == "records.delivered") work.delivered = count;
    if (metric.name == "transactions.committed") work.committed = count;
    if (metric.name == "transactions.aborted") work.aborted = count;
    if (metric.name == "rebalances") work.rebalances = count;
    if (metric.name == "fencings") work.fencings = count;
    if (metric.name == "producers.total") work.producers = count;
    if (metric.name.starts_with("retries.")) work.retries += count;
  }
  for (const sim::FaultRecord& fault : result.faults) {
    if (fault.struck) ++work.faults;
    if (!fault.struck && !fault.spec.drawn) work.never_struck = 1;
  }
  return work;
}

namespace {

RunResult simulate(const scenario::Scenario& scenario, const RunOptions& options) {
  scenario::Simulation simulation(scenario, options);
  return simulation.run();
}

std::vector<std::string> kinds_of(const RunResult& result) {
  std::vector<std::string> kinds;
  for (const check::Violation& violation : result.violations) {
    const bool known = std::find(kinds.begin(), kinds.end(), violation.kind) != kinds.end();
    if (!known) kinds.push_back(violation.kind);
  }
  return kinds;
}

// Runs a failing seed a second time, which proves that it is the same run, and for its story.
void describe_failure(const Campaign& campaign, const RunInput& input, Loaded loaded,
                      const RunOptions& options, Outcome& outcome) {
  auto failure = std::make_shared<Failure>();
  failure->loaded = std::move(loaded);
  const scenario::Scenario& scenario = failure->loaded.scenario;
  failure->result = simulate(scenario, options);
  if (failure->result.digest != outcome.digest) {
    RunResult first;
    first.digest = outcome.digest;
    outcome.fault = "two runs of this seed differ: digest " + first.digest_text() + " and " +
                    failure->result.digest_text();
    return;
  }
  if (const check::Violation* shown = shown_violation(failure->result)) {
    failure->story = tell_story(scenario, options, *shown);
  }
  if (campaign.command) failure->command = campaign.command(input, options.seed);
  const Bundle bundle =
      make_bundle(failure->loaded, options, failure->result, failure->story, failure->command);
  failure->bundle = bundle_text(bundle, failure->result);
  outcome.failure = std::move(failure);
}

void run_seed(const Campaign& campaign, Outcome& outcome) {
  const RunInput& input = campaign.inputs[outcome.input];
  Result<Loaded> loaded = for_seed(input, outcome.seed);
  if (!loaded) {
    outcome.problem = loaded.problem();
    return;
  }
  RunOptions options = input.options;
  options.seed = outcome.seed;
  options.campaign = true;
  const RunResult result = simulate(loaded->scenario, options);
  outcome.digest = result.digest;
  outcome.events = result.events;
  outcome.verdict = result.verdict;
  outcome.kinds = kinds_of(result);
  outcome.failing = result.unexpected;
  outcome.allowed = result.allowed;
  outcome.work = Work::of(result);
  outcome.coverage = result.coverage;
  if (result.verdict == Verdict::kPass) return;
  outcome.signature = failure_signature(result);
  describe_failure(campaign, input, std::move(*loaded), options, outcome);
}

Outcome run_number(const Campaign& campaign, uint64_t number) {
  Outcome outcome;
  outcome.input = number % campaign.inputs.size();
  outcome.seed = campaign.seeds.at(number / campaign.inputs.size());
  try {
    run_seed(campaign, outcome);
  } catch (const std::exception& error) {  // InvariantBroken among them: a bug of the simulator
    outcome.fault = error.what();
  }
  return outcome;
}

// FNV-1a: two campaigns that saw the same runs in the same order have the same value.
void fold(uint64_t& digest, uint64_t value) {
  for (int i = 0; i < 8; ++i) {
    digest ^= value >> (8 * i) & 0xFF;
    digest *= 0x0000'0100'0000'01B3;
  }
}

class Tally {
 public:
  explicit Tally(const Campaign& campaign) : campaign_(campaign) {
    result_.digest = 0xCBF2'9CE4'8422'2325;
    for (size_t i = 0; i < campaign.inputs.size(); ++i) {
      for (const std::string& kind : campaign.inputs[i].loaded.scenario.expect.violations) {
        result_.missing.emplace_back(i, kind);
      }
    }
  }

  bool take(const Outcome& outcome) {
    if (outcome.problem || !outcome.fault.empty()) {
      result_.broken = outcome;
      return false;
    }
    ++result_.runs;
    result_.events += outcome.events;
    result_.work.add(outcome.work);
    result_.coverage.merge(outcome.coverage);
    fold(result_.digest, outcome.seed);
    fold(result_.digest, outcome.digest);
    std::erase_if(result_.missing, [&outcome](const auto& missing) {
      return missing.first == outcome.input && std::find(outcome.kinds.begin(), outcome.kinds.end(),
                                                         missing.second) != outcome.kinds.end();
    });
    for (const std::string& signature : outcome.allowed) {
      count(result_.allowed, signature, signature.substr(0, signature.find(' ')), outcome);
    }
    if (!outcome.failed() && !outcome.allowed.empty()) ++result_.with_allowed;
    if (outcome.failed()) {
      ++result_.failures;
      const std::string kind = outcome.failing.empty() ? "cut" : outcome.failing.front();
      count(result_.groups, outcome.signature, kind, outcome);
    }
    const bool more = !campaign_.take || campaign_.take(outcome);
    result_.enough_failures =
        campaign_.max_failures.has_value() && result_.failures >= *campaign_.max_failures;
    return more && !result_.enough_failures;
  }

  const CampaignResult& result() const { return result_; }

 private:
  static void count(std::vector<CampaignResult::Group>& groups, const std::string& signature,
                    const std::string& kind, const Outcome& outcome) {
    for (CampaignResult::Group& group : groups) {
      if (group.signature != signature) continue;
      ++group.count;
      return;
    }
    groups.push_back({signature, kind, 1, outcome.input, outcome.seed});
  }

  const Campaign& campaign_;
  CampaignResult result_;
};

}  // namespace

CampaignResult run_campaign(const Campaign& campaign) {
  EOSIM_ASSERT(!campaign.inputs.empty());
  const uint64_t inputs = campaign.inputs.size();
  const uint64_t most = std::numeric_limits<uint64_t>::max() / inputs;
  Tally tally(campaign);
  PoolOptions options;
  options.jobs = std::min(campaign.seeds.count, most) * inputs;
  options.threads = campaign.threads;
  options.stop = campaign.stop;
  options.tick = [&campaign, &tally] {
    if (campaign.progress) campaign.progress({tally.result().runs, tally.result().failures});
  };
  OrderedPool<Outcome> pool(std::move(options),
                            [&campaign](uint64_t number) { return run_number(campaign, number); });
  pool.run([&tally](uint64_t, const Outcome& outcome) { return tally.take(outcome); });
  return tally.result();
}

}  // namespace eosim::tools
