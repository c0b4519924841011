#include "models/scenario/expectation.h"

#include <algorithm>

#include "models/check/signature.h"
#include "models/scenario/units.h"

namespace eosim::scenario {

namespace {

void add_once(std::vector<std::string>& all, const std::string& text) {
  if (std::count(all.begin(), all.end(), text) == 0) all.push_back(text);
}

// What `allow` and `only_with` may call a violation.
struct Named {
  const check::Violation& violation;
  check::Signature signature;

  bool is(const std::string& name) const {
    return name == violation.kind || name == signature.text || name == signature.hex();
  }
};

bool is_allowed(const Expect& expect, const Named& shown, const std::vector<Named>& all) {
  return std::any_of(expect.allow.begin(), expect.allow.end(), [&](const auto& entry) {
    if (!shown.is(entry.first)) return false;
    const auto with = expect.only_with.find(entry.first);
    return with == expect.only_with.end() ||
           std::any_of(all.begin(), all.end(),
                       [&](const Named& other) { return other.is(with->second); });
  });
}

void judge_violations(const Expect& expect, RunResult& result) {
  std::vector<Named> all;
  for (const check::Violation& violation : result.violations) {
    all.push_back({violation, check::signature(violation)});
  }
  const auto& expected = expect.violations;
  for (const Named& shown : all) {
    const std::string& kind = shown.violation.kind;
    if (std::count(expected.begin(), expected.end(), kind) > 0) continue;
    if (is_allowed(expect, shown, all)) {
      add_once(result.allowed, shown.signature.text);
    } else {
      add_once(result.unexpected, kind);
    }
  }
}

bool holds(const MetricExpectation& expected, int64_t thousandths) {
  switch (expected.comparison) {
    case Comparison::kEq:
      return thousandths == expected.thousandths;
    case Comparison::kNe:
      return thousandths != expected.thousandths;
    case Comparison::kLt:
      return thousandths < expected.thousandths;
    case Comparison::kLe:
      return thousandths <= expected.thousandths;
    case Comparison::kGt:
      return thousandths > expected.thousandths;
    case Comparison::kGe:
      return thousandths >= expected.thousandths;
  }
  return false;
}

std::string number(int64_t thousandths) {
  return thousandths_text(thousandths, TrailingZeros::kKept);
}

void judge_metrics(const std::vector<MetricExpectation>& all,
                   const std::vector<check::Metric>& metrics, const std::string& when,
                   RunResult& result) {
  constexpr const char* kWords[] = {"eq", "ne", "lt", "le", "gt", "ge"};
  for (const MetricExpectation& expected : all) {
    // Counts of what never happened are 0.
    int64_t measured = 0;
    for (const check::Metric& metric : metrics) {
      if (metric.name == expected.metric) measured = metric.thousandths;
    }
    if (holds(expected, measured)) continue;
    std::string missed = when + expected.metric;
    missed += " is " + number(measured) + ", expected ";
    missed += kWords[static_cast<size_t>(expected.comparison)];
    missed += ' ' + number(expected.thousandths);
    result.metrics_missed.push_back(std::move(missed));
  }
}

}  // namespace

void judge(const Expect& expect, bool whole, RunResult& result) {
  judge_violations(expect, result);
  if (whole) {
    for (const std::string& kind : expect.violations) {
      const bool shown = std::any_of(result.violations.begin(), result.violations.end(),
                                     [&kind](const check::Violation& v) { return v.kind == kind; });
      if (!shown) result.missing.push_back(kind);
    }
  }
  if (whole) judge_metrics(expect.metrics, result.metrics, "", result);
  for (size_t i = 0; whole && i < result.moments.size(); ++i) {
    const Moment& moment = expect.moments.at(i);
    judge_metrics(moment.metrics, result.moments[i], "at " + duration_text(moment.at.ns) + " ",
                  result);
  }
  const bool failed =
      !result.unexpected.empty() || !result.missing.empty() || !result.metrics_missed.empty();
  if (failed) {
    result.verdict = Verdict::kFail;
  } else if (!result.cut_reason.empty()) {
    result.verdict = Verdict::kCut;
  }
}

}  // namespace eosim::scenario
