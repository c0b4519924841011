#include "tools/result_text.h"

#include <algorithm>

#include "models/check/story_lines.h"
#include "tools/console.h"

namespace eosim::tools {

namespace {

using scenario::Verdict;

constexpr size_t kWaitingShown = 5;
constexpr size_t kOthersShown = 5;

std::string painted(const std::string& word, const char* color, bool on) {
  return on ? std::string(color) + word + kPlain : word;
}

std::string guarantees(const scenario::Scenario& scenario) {
  std::string all;
  for (const scenario::App& app : scenario.apps) {
    const std::string name = app.promise();
    if (all.find(name) != std::string::npos) continue;
    if (!all.empty()) all += ", ";
    all += name;
  }
  return all;
}

int64_t metric(const scenario::RunResult& result, const std::string& name) {
  for (const check::Metric& one : result.metrics) {
    if (one.name == name) return one.thousandths / 1'000;
  }
  return 0;
}

void print_head(const ResultText& text, const std::string& word, const char* color,
                const std::string& subject, std::ostream& out) {
  out << painted(word, color, text.color) << "  ";
  if (!subject.empty()) out << subject << "   ";
  out << text.scenario.name << "   seed " << text.result.seed << "   kafka " << text.scenario.kafka
      << "   " << guarantees(text.scenario) << '\n';
}

void print_violation(const ResultText& text, const check::Violation& violation, std::ostream& out) {
  out << "      " << violation.summary << "\n\n";
  for (const std::string& line : text.story) out << "  " << line << '\n';
  out << "  rule     " << violation.checker << ' ' << violation.name << ": " << violation.rule
      << '\n';
}

void print_others(const scenario::RunResult& result, const check::Violation* shown,
                  std::ostream& out) {
  size_t others = 0;
  for (const check::Violation& violation : result.violations) {
    if (&violation == shown) continue;
    if (others++ < kOthersShown) {
      out << "  also     " << check::time_text(violation.time_ns) << "  " << violation.kind << ": "
          << violation.summary << '\n';
    }
  }
  const size_t rest = others > kOthersShown ? others - kOthersShown : 0;
  if (rest > 0) out << "           and " << rest << " more (--json lists them)\n";
  if (result.violations_not_kept > 0) {
    out << "           and " << result.violations_not_kept << " more of the same, only counted\n";
  }
}

void print_missed(const scenario::RunResult& result, std::ostream& out) {
  for (const std::string& kind : result.missing) {
    out << "  missing  " << kind << " was expected and did not show\n";
  }
  for (const std::string& missed : result.metrics_missed) out << "  metric   " << missed << '\n';
  if (!result.cut_reason.empty()) out << "  cut      " << result.cut_reason << '\n';
  for (size_t i = 0; i < std::min(result.waiting.size(), kWaitingShown); ++i) {
    out << "  waiting  " << result.waiting[i] << '\n';
  }
  if (result.waiting.size() > kWaitingShown) {
    out << "           and " << result.waiting.size() - kWaitingShown << " more\n";
  }
  for (const sim::FaultRecord& fault : result.faults) {
    if (fault.struck || fault.spec.drawn) continue;
    out << "  warning  the scripted " << fault.spec.word
        << (fault.spec.target.empty() ? "" : " of " + fault.spec.target) << " never struck\n";
  }
}

// A run that did nothing proves nothing: what it did, in two lines.
void print_work(const ResultText& text, std::ostream& out) {
  const scenario::RunResult& result = text.result;
  const auto count = [&result](const char* name) { return metric(result, name); };
  out << "  did      " << count("records.in") << " records in, " << count("records.delivered")
      << " delivered; transactions " << count("transactions.committed") << " committed, "
      << count("transactions.aborted") << " aborted; " << count("rebalances") << " rebalances, "
      << count("fencings") << " fencings, " << count("producers.total") << " producers\n";
  const auto struck = std::count_if(result.faults.begin(), result.faults.end(),
                                    [](const auto& fault) { return fault.struck; });
  out << "  ran      " << check::time_text(result.simulated_ns) << " simulated, " << result.events
      << " events, " << struck << " faults, "
      << (result.quiet_ns ? "quiet at " + check::time_text(*result.quiet_ns)
                          : std::string("not quiet at the end"))
      << ", digest " << result.digest_text();
  if (text.wall_ns > 0) out << ", " << text.wall_ns / 1'000'000 << " ms";
  out << '\n';
}

// What readers of the output see comes before what only coordinators and owners see: an offset that
// went back is the trace of a duplicate and not the other way round.
int rank(const check::Violation& violation) {
  constexpr const char* kOfOutput[] = {"K1", "K2", "K3", "K4"};
  const bool of_output = std::find(std::begin(kOfOutput), std::end(kOfOutput), violation.checker) !=
                         std::end(kOfOutput);
  return of_output ? 0 : 1;
}

}  // namespace

const check::Violation* shown_violation(const scenario::RunResult& result) {
  const auto unexpected = [&result](const check::Violation& violation) {
    const auto& kinds = result.unexpected;
    return std::find(kinds.begin(), kinds.end(), violation.kind) != kinds.end();
  };
  const check::Violation* best = nullptr;
  for (const check::Violation& violation : result.violations) {
    if (!result.unexpected.empty() && !unexpected(violation)) continue;
    if (best == nullptr || rank(violation) < rank(*best)) best = &violation;
  }
  return best;
}

void print_result(const ResultText& text, std::ostream& out) {
  const scenario::RunResult& result = text.result;
  const check::Violation* shown = shown_violation(result);
  const bool failed = result.verdict == Verdict::kFail;
  const bool cut = result.verdict == Verdict::kCut;
  const std::string word = failed ? "FAIL" : cut ? "CUT " : "PASS";
  print_head(text, word, failed || cut ? kRed : kGreen, shown != nullptr ? shown->kind : "", out);
  if (shown != nullptr) {
    if (!failed) out << "      as expected or allowed:\n";
    print_violation(text, *shown, out);
  }
  if (shown != nullptr || failed || cut) out << "  repro    " << text.command << '\n';
  print_others(result, shown, out);
  print_missed(result, out);
  print_work(text, out);
}

}  // namespace eosim::tools
