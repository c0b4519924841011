#include "tools/coverage_book.h"

#include <algorithm>
#include <sstream>

#include "models/group/coverage.h"
#include "models/log/coverage.h"
#include "models/scenario/document.h"
#include "models/scenario/nearest.h"
#include "models/transaction/coverage.h"
#include "sim/assert.h"

namespace eosim::tools {
namespace {

using kafka::CoverageTable;
using scenario::Problem;
using scenario::Result;

constexpr std::string_view kAny = "any";
constexpr size_t kWords = 5;

void append_padded(std::string& line, std::string_view word, size_t width) {
  line += word;
  line.append(word.size() < width ? width - word.size() : 0, ' ');
  line += ' ';
}

Problem wrong_word(std::string_view word, std::string what, std::span<const std::string> known) {
  Problem problem;
  problem.message = scenario::shown(word) + " is no " + what;
  problem.allowed = scenario::joined(known);
  problem.nearest = scenario::nearest(word, known);
  return problem;
}

Result<size_t> place_of(std::string_view word, std::string what,
                        std::span<const std::string_view> words) {
  const auto at = std::find(words.begin(), words.end(), word);
  if (at != words.end()) return static_cast<size_t>(at - words.begin());
  const std::vector<std::string> known(words.begin(), words.end());
  return wrong_word(word, std::move(what), known);
}

bool is_error_word(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(),
                                      [](char c) { return c == '_' || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

std::span<const CoverageTable* const> coverage_tables() {
  static const CoverageTable* const kTables[] = {
      &kafka::transaction_coverage(), &kafka::group_coverage(), &kafka::leader_coverage()};
  return kTables;
}

std::string CoverageCell::marks() const {
  const std::string marks = std::string(by_tests ? "t" : "") + (by_fuzzer ? "f" : "");
  return marks.empty() ? "." : marks;
}

CoverageBook::CoverageBook() {
  for (const CoverageTable* table : coverage_tables()) {
    const auto role = static_cast<size_t>(table->role);
    for (const kafka::CoverageLine& line : table->lines) {
      const std::string error(kafka::error_name(line.error));
      const bool before = line.states == kafka::kBeforeAnyState;
      EOSIM_ASSERT(before || line.states.size() == table->states.size());
      if (before) cells_.push_back({table, line.row, CoverageCell::kAnyState, error});
      for (size_t state = 0; state < table->states.size(); ++state) {
        if (!before && line.states[state] != 'x') continue;
        if (!before) cells_.push_back({table, line.row, state, error});
        const bool added =
            index_.emplace(Key{role, line.row, state, error}, cells_.size() - 1).second;
        EOSIM_ASSERT(added);
      }
      if (before) index_[{role, line.row, CoverageCell::kAnyState, error}] = cells_.size() - 1;
    }
  }
}

CoverageCell& CoverageBook::cell(const Key& key) {
  const auto at = index_.find(key);
  if (at != index_.end()) return cells_[at->second];
  const auto& [role, row, state, error] = key;
  for (CoverageCell& one : beyond_) {
    const bool same = static_cast<size_t>(one.table->role) == role && one.row == row &&
                      one.state == state && one.error == error;
    if (same) return one;
  }
  beyond_.push_back({coverage_tables()[role], row, state, error});
  return beyond_.back();
}

void CoverageBook::add(const kafka::Coverage& coverage) {
  coverage.visit([&](kafka::CoverageRole role, size_t row, size_t column, kafka::Error answer) {
    cell({static_cast<size_t>(role), row, column, std::string(kafka::error_name(answer))})
        .by_fuzzer = true;
  });
}

std::string CoverageBook::text() const {
  std::string out =
      "# Which cells of the protocol's tables have been reached: t by the tests, f by the fuzzer.\n"
      "# Written by tools/coverage, shown by `eosim list coverage`.\n"
      "# role, request, state, answer, reached by\n";
  const auto append = [&out](const CoverageCell& cell) {
    append_padded(out, cell.table->name, 11);
    append_padded(out, cell.request(), 22);
    append_padded(out, cell.state_name(), 25);
    append_padded(out, cell.error, 30);
    out += cell.marks() + '\n';
  };
  for (const CoverageCell& cell : cells_) append(cell);
  std::vector<CoverageCell> others = beyond_;
  std::sort(others.begin(), others.end(), [](const CoverageCell& a, const CoverageCell& b) {
    return std::tuple(a.table->role, a.row, a.state, a.error) <
           std::tuple(b.table->role, b.row, b.state, b.error);
  });
  for (const CoverageCell& cell : others) append(cell);
  return out;
}

Result<bool> CoverageBook::take_line(const std::vector<std::string>& words) {
  if (words.size() != kWords) {
    Problem problem;
    problem.message = std::to_string(words.size()) + " words instead of 5";
    problem.allowed = "role, request, state, answer and who has reached it";
    return problem;
  }
  std::vector<std::string_view> roles;
  for (const CoverageTable* table : coverage_tables()) roles.push_back(table->name);
  const auto role = place_of(words[0], "role", roles);
  if (!role) return role.problem();
  const CoverageTable& table = *coverage_tables()[*role];
  const auto row = place_of(words[1], "request of the " + std::string(table.title), table.rows);
  if (!row) return row.problem();
  size_t state = CoverageCell::kAnyState;
  if (words[2] != kAny) {
    const auto found = place_of(words[2], "state of the " + std::string(table.title), table.states);
    if (!found) return found.problem();
    state = *found;
  }
  if (!is_error_word(words[3])) return wrong_word(words[3], "error of Kafka's", {});
  const std::string& marks = words[4];
  const std::vector<std::string> known = {"t", "f", "tf", "."};
  if (std::find(known.begin(), known.end(), marks) == known.end()) {
    return wrong_word(marks, "mark", known);
  }
  const bool new_cell = !index_.contains({*role, *row, state, words[3]});
  if (new_cell && marks == ".") {
    Problem problem;
    problem.message = "there is no such cell";
    return problem;
  }
  CoverageCell& found = cell({*role, *row, state, words[3]});
  found.by_tests |= marks.find('t') != std::string::npos;
  found.by_fuzzer |= marks.find('f') != std::string::npos;
  return true;
}

Result<CoverageBook> CoverageBook::read(std::string_view text, const std::string& file_name) {
  CoverageBook book;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    if (words.empty() || words[0].starts_with('#')) continue;
    const Result<bool> taken = book.take_line(words);
    if (taken) continue;
    Problem problem = taken.problem();
    problem.file = file_name;
    problem.line = number;
    problem.column = 1;
    return problem;
  }
  return book;
}

Result<CoverageBook> CoverageBook::read_file(const std::string& path) {
  const Result<std::string> text = scenario::read_file(path);
  if (!text) return text.problems();
  return read(*text, path);
}

}  // namespace eosim::tools
