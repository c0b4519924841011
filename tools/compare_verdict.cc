// The sentence under the table, and what to run next. Only numbers speak: no mode is known by name.
#include <algorithm>

#include "tools/commands.h"
#include "tools/compare_table.h"

namespace eosim::tools {
namespace {

struct Judged {
  const CompareColumn& column;
  const ColumnResult& result;

  uint64_t violating() const { return result.violating().seeds; }
  bool clean() const { return violating() == 0 && result.cut() == 0; }
  int64_t requests() const { return result.sum_of_medians("requests."); }
  int64_t producers() const { return result.median("producers.total").value_or(0); }
};

std::vector<Judged> judged(const CompareReport& report) {
  std::vector<Judged> all;
  for (size_t i = 0; i < report.results.size(); ++i) {
    if (report.plan.columns[i].runs()) all.push_back({report.plan.columns[i], report.results[i]});
  }
  return all;
}

constexpr size_t kNamedMax = 3;

// "A, B and C"; of many only the first, and how many more.
std::string listed(std::vector<std::string> names) {
  if (names.size() > kNamedMax) {
    const size_t more = names.size() - kNamedMax + 1;
    names.resize(kNamedMax - 1);
    names.push_back(std::to_string(more) + " more");
  }
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

std::string seeds_text(uint64_t part, uint64_t whole) {
  return std::to_string(part) + " of " + std::to_string(whole) + (whole == 1 ? " seed" : " seeds");
}

std::string cost_text(const Judged& one) {
  const bool single = one.producers() == 1'000;
  return number_text(one.producers()) + (single ? " producer and " : " producers and ") +
         number_text(one.requests()) + " requests";
}

std::string kinds_text(const ColumnResult& result) {
  std::vector<std::string> kinds;
  for (const auto& [kind, shown] : result.kinds()) kinds.push_back(kind);
  return listed(kinds);
}

std::string fault_text(const Judged& one) {
  if (one.violating() == 0) {
    return one.column.label + " is cut in " + seeds_text(one.result.cut(), one.result.runs());
  }
  return one.column.label + " shows violations in " +
         seeds_text(one.violating(), one.result.runs()) + " (" + kinds_text(one.result) + ')';
}

// What the clean columns cost beside each other.
std::string price_text(const std::vector<Judged>& clean) {
  if (clean.size() < 2) return clean.empty() ? "" : " at " + cost_text(clean.front()) + " a run";
  const auto cheaper = [](const Judged& a, const Judged& b) { return a.requests() < b.requests(); };
  const Judged& least = *std::min_element(clean.begin(), clean.end(), cheaper);
  const Judged& most = *std::max_element(clean.begin(), clean.end(), cheaper);
  if (!cheaper(least, most)) return ", all at " + cost_text(least) + " a run";
  return "; " + least.column.label + " pays " + cost_text(least) + " a run for it, " +
         most.column.label + ' ' + cost_text(most);
}

}  // namespace

std::string comparison_verdict(const CompareReport& report) {
  std::vector<Judged> clean;
  std::vector<std::string> clean_names;
  std::vector<std::pair<uint64_t, std::string>> bad;  // the worst first
  for (const Judged& one : judged(report)) {
    if (one.clean()) {
      clean.push_back(one);
      clean_names.push_back(one.column.label);
    } else {
      bad.emplace_back(one.violating(), fault_text(one));
    }
  }
  std::stable_sort(bad.begin(), bad.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> dirty;
  for (auto& [seeds, text] : bad) dirty.push_back(std::move(text));
  if (clean.empty()) return listed(dirty) + '.';
  const std::string show = clean.size() == 1 ? " shows " : " show ";
  if (dirty.empty()) {
    const uint64_t seeds = report.plan.seeds();
    return listed(clean_names) + show + "no violation in " + std::to_string(seeds) +
           (seeds == 1 ? " seed" : " seeds") + price_text(clean) + '.';
  }
  return listed(dirty) + "; " + listed(clean_names) + show + "none" + price_text(clean) + '.';
}

std::string next_command(const CompareReport& report) {
  const std::vector<Judged> all = judged(report);
  const Judged& worst = *std::max_element(
      all.begin(), all.end(),
      [](const Judged& a, const Judged& b) { return a.violating() < b.violating(); });
  if (worst.violating() > 0) {
    return repro_command("run", report.argument, worst.column.overrides,
                         worst.result.violating().first);
  }
  return repro_command("fuzz", report.argument, worst.column.overrides,
                       report.plan.last_seed + (report.plan.last_seed < UINT64_MAX ? 1 : 0));
}

}  // namespace eosim::tools
