#include "tools/fuzz_report.h"

#include <algorithm>

#include "tools/result_json.h"
#include "tools/result_text.h"

namespace eosim::tools {
namespace {

using scenario::Value;

std::string hex(uint64_t digest) {
  scenario::RunResult result;
  result.digest = digest;
  return result.digest_text();
}

std::string counted(uint64_t count, const std::string& what) {
  return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

const std::string& name_of(const FuzzReport& report, size_t input) {
  return report.inputs[input].loaded.scenario.name;
}

// With several scenarios a seed alone says too little.
std::string place_of(const FuzzReport& report, size_t input, uint64_t seed) {
  const std::string text = "seed " + std::to_string(seed);
  return report.inputs.size() == 1 ? text : text + " of " + name_of(report, input);
}

void print_first(const FuzzReport& report, std::ostream& out) {
  if (report.first == nullptr) return;
  const Failure& first = *report.first;
  ResultText text{first.loaded.scenario, first.result, first.story, first.command, report.color, 0};
  print_result(text, out);
  out << '\n';
}

void print_verdict(const FuzzReport& report, std::ostream& out) {
  const CampaignResult& result = report.result;
  const bool good = result.failures == 0 && result.missing.empty();
  const char* color = good ? kGreen : kRed;
  out << (report.color ? color : "") << (good ? "PASS" : "FAIL") << (report.color ? kPlain : "")
      << "  ";
  if (result.failures > 0) {
    out << result.failures << " of " << counted(result.runs, "run") << " failed, in "
        << counted(result.groups.size(), "way");
  } else {
    out << counted(result.runs, "run") << ", no failure";
  }
  if (result.with_allowed > 0) out << ", " << result.with_allowed << " with what is allowed";
  for (size_t i = 0; i < report.inputs.size(); ++i) {
    out << (i == 0 ? "   " : ", ") << name_of(report, i) << " (kafka "
        << report.inputs[i].loaded.scenario.kafka << ')';
  }
  out << '\n';
}

// A line for each: how many runs, the first one, the signature.
void print_groups(const FuzzReport& report, const std::vector<CampaignResult::Group>& groups,
                  const std::string& word, std::ostream& out) {
  std::vector<std::string> counts;
  std::vector<std::string> places;
  size_t count_width = 0;
  size_t place_width = 0;
  for (const CampaignResult::Group& group : groups) {
    counts.push_back(std::to_string(group.count) + " x");
    places.push_back("first " + place_of(report, group.input, group.seed));
    count_width = std::max(count_width, counts.back().size());
    place_width = std::max(place_width, places.back().size());
  }
  for (size_t i = 0; i < counts.size(); ++i) {
    out << "  " << word << std::string(count_width - counts[i].size(), ' ') << counts[i] << "  "
        << places[i] << std::string(place_width - places[i].size(), ' ') << "  "
        << groups[i].signature << '\n';
  }
}

void print_missing(const FuzzReport& report, std::ostream& out) {
  for (const auto& [input, kind] : report.result.missing) {
    out << "  missing  " << kind << " was expected of " << name_of(report, input)
        << " and showed in no seed\n";
  }
}

Value groups_value(const FuzzReport& report, const std::vector<CampaignResult::Group>& groups) {
  Value all = Value::array();
  for (const CampaignResult::Group& group : groups) {
    Value one = Value::object();
    one.put("signature", Value::of_text(group.signature));
    one.put("kind", Value::of_text(group.kind));
    one.put("count", Value::of_unsigned(group.count));
    one.put("scenario", Value::of_text(name_of(report, group.input)));
    one.put("first_seed", Value::of_unsigned(group.seed));
    all.items.push_back(std::move(one));
  }
  return all;
}

void print_failures(const FuzzReport& report, std::ostream& out) {
  for (const FoundFailure& failure : report.failures) {
    out << "  failure  " << place_of(report, failure.input, failure.seed) << ": "
        << (failure.kinds.empty() ? std::string("cut") : scenario::joined(failure.kinds)) << "  "
        << failure.bundle << '\n';
  }
}

void print_work(const FuzzReport& report, std::ostream& out) {
  const CampaignResult& result = report.result;
  const Work& work = result.work;
  out << "  did      " << work.records_in << " records in, " << work.delivered
      << " delivered; transactions " << work.committed << " committed, " << work.aborted
      << " aborted; " << work.rebalances << " rebalances, " << work.fencings << " fencings, "
      << work.producers << " producers, " << work.retries << " retries\n";
  out << "  ran      " << counted(result.runs, "run");
  if (result.runs > 0) {
    const uint64_t last = (result.runs - 1) / report.inputs.size();
    out << ", seeds " << report.seeds.first << ".." << report.seeds.at(last);
    if (report.seeds.step > 1) out << " in steps of " << report.seeds.step;
  }
  out << ", " << result.events << " events, " << work.faults << " faults, stopped by "
      << report.stopped_by << ", digest " << hex(result.digest) << '\n';
  if (result.runs > 0 && work.delivered == 0) {
    out << "  warning  no record was delivered in any run: this proves nothing\n";
  }
  if (work.never_struck > 0) {
    out << "  warning  a scripted fault never struck in " << work.never_struck << " of "
        << counted(result.runs, "run") << '\n';
  }
}

std::string next_command(const FuzzReport& report) {
  if (!report.failures.empty()) {
    return "eosim replay " + shell_word(report.failures.front().bundle);
  }
  return "eosim trace " + shell_word(report.inputs.front().argument) + " --seed " +
         std::to_string(report.seeds.first);
}

Value work_value(const Work& work) {
  Value value = Value::object();
  value.put("records.in", Value::of_number(work.records_in));
  value.put("records.delivered", Value::of_number(work.delivered));
  value.put("transactions.committed", Value::of_number(work.committed));
  value.put("transactions.aborted", Value::of_number(work.aborted));
  value.put("rebalances", Value::of_number(work.rebalances));
  value.put("fencings", Value::of_number(work.fencings));
  value.put("producers.total", Value::of_number(work.producers));
  value.put("retries", Value::of_number(work.retries));
  value.put("faults", Value::of_number(work.faults));
  value.put("runs_with_faults_that_never_struck", Value::of_number(work.never_struck));
  return value;
}

int64_t thousandths_per_second(uint64_t runs, int64_t wall_ns) {
  const int64_t microseconds = std::max<int64_t>(wall_ns / 1'000, 1);
  return static_cast<int64_t>(std::min<uint64_t>(runs, 9'000'000'000)) * 1'000'000'000 /
         microseconds;
}

}  // namespace

std::string rate_text(uint64_t runs, int64_t wall_ns) {
  const int64_t tenths = thousandths_per_second(runs, wall_ns) / 100;
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10);
}

void print_fuzz_report(const FuzzReport& report, std::ostream& out) {
  print_first(report, out);
  print_verdict(report, out);
  print_groups(report, report.result.groups, "", out);
  print_missing(report, out);
  print_groups(report, report.result.allowed, "allowed  ", out);
  if (report.verbose) print_failures(report, out);
  if (!report.failures.empty()) {
    out << "  bundles  " << report.failures.front().bundle;
    if (report.failures.size() > 1) out << " and " << report.failures.size() - 1 << " more";
    out << '\n';
  }
  print_work(report, out);
  out << "  next     " << next_command(report) << '\n';
}

Value fuzz_report_value(const FuzzReport& report) {
  const CampaignResult& result = report.result;
  Value root = Value::object();
  root.put("runs", Value::of_unsigned(result.runs));
  Value failures = Value::array();
  for (const FoundFailure& failure : report.failures) {
    Value one = Value::object();
    one.put("scenario", Value::of_text(name_of(report, failure.input)));
    one.put("seed", Value::of_unsigned(failure.seed));
    one.put("verdict", Value::of_text(scenario::name_of(failure.verdict)));
    one.put("kinds", Value::of_texts(failure.kinds));
    one.put("signature", Value::of_text(failure.signature));
    one.put("bundle", Value::of_text(failure.bundle));
    failures.items.push_back(std::move(one));
  }
  root.put("failures", std::move(failures));
  root.put("groups", groups_value(report, result.groups));
  root.put("allowed", groups_value(report, result.allowed));
  root.put("with_allowed", Value::of_unsigned(result.with_allowed));
  Value missing = Value::array();
  for (const auto& [input, kind] : result.missing) {
    Value one = Value::object();
    one.put("scenario", Value::of_text(name_of(report, input)));
    one.put("kind", Value::of_text(kind));
    missing.items.push_back(std::move(one));
  }
  root.put("missing", std::move(missing));
  root.put("runs_per_second",
           thousandths_value(thousandths_per_second(result.runs, report.wall_ns)));
  root.put("events", Value::of_unsigned(result.events));
  root.put("wall_ns", Value::of_number(report.wall_ns));
  root.put("stopped_by", Value::of_text(report.stopped_by));
  root.put("digest", Value::of_text(hex(result.digest)));
  root.put("work", work_value(result.work));
  return root;
}

}  // namespace eosim::tools
