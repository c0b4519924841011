#include "tools/coverage_listing.h"

#include <algorithm>

#include "models/scenario/document.h"
#include "tools/coverage_book.h"
#include "tools/scenario_files.h"

namespace eosim::tools {
namespace {

using kafka::CoverageTable;
using scenario::Value;

constexpr size_t kErrorWidth = 32;
constexpr size_t kStateWidth = 4;
constexpr size_t kCellsWidth = 100;

std::string padded(std::string_view text, size_t width) {
  std::string out(text);
  out.resize(std::max(width, out.size()), ' ');
  return out;
}

std::string without_end_blanks(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string summary(const std::vector<CoverageCell>& cells, const CoverageTable& table) {
  size_t all = 0, tests = 0, fuzzer = 0, nobody = 0;
  for (const CoverageCell& cell : cells) {
    if (cell.table != &table) continue;
    ++all;
    tests += cell.by_tests ? 1 : 0;
    fuzzer += cell.by_fuzzer ? 1 : 0;
    nobody += cell.by_tests || cell.by_fuzzer ? 0 : 1;
  }
  return std::to_string(all) + " cells, " + std::to_string(tests) + " reached by the tests, " +
         std::to_string(fuzzer) + " by the fuzzer, " + std::to_string(nobody) + " by nobody";
}

// "E Empty, O Ongoing, ...", in lines of their own.
void print_legend(const CoverageTable& table, Console& console) {
  std::string line = " ";
  for (size_t i = 0; i < table.states.size(); ++i) {
    std::string word = ' ' + std::string(table.heads[i]) + ' ' + std::string(table.states[i]);
    if (i + 1 < table.states.size()) word += ',';
    if (line.size() + word.size() > kCellsWidth) {
      console.out << line << '\n';
      line = " ";
    }
    line += word;
  }
  console.out << line << '\n';
}

// One request: a line for each answer. `at` is its first cell; gives the next request's.
size_t print_request(const std::vector<CoverageCell>& cells, size_t at, Console& console) {
  const CoverageTable& table = *cells[at].table;
  const size_t row = cells[at].row;
  console.out << cells[at].request() << '\n';
  while (at < cells.size() && cells[at].table == &table && cells[at].row == row) {
    const std::string error = cells[at].error;
    std::vector<std::string> marks(table.states.size());
    std::string line = "  " + padded(error, kErrorWidth);
    bool before = false;
    for (; at < cells.size() && cells[at].table == &table && cells[at].row == row &&
           cells[at].error == error;
         ++at) {
      before = cells[at].state == CoverageCell::kAnyState;
      (before ? marks.front() : marks[cells[at].state]) = cells[at].marks();
    }
    for (const std::string& mark : marks) line += padded(mark, kStateWidth);
    line = without_end_blanks(line);
    console.out << line << (before ? "  in any state" : "") << '\n';
  }
  return at;
}

void print_text(const CoverageBook& book, Console& console) {
  console.out
      << "t the tests reach it, f the fuzzer did, tf both, . nobody has; blank: cannot be\n";
  const std::vector<CoverageCell>& cells = book.cells();
  const CoverageTable* shown = nullptr;
  for (size_t at = 0; at < cells.size();) {
    const CoverageTable& table = *cells[at].table;
    if (&table != shown) {
      console.out << '\n' << table.title << ": " << summary(cells, table) << '\n';
      print_legend(table, console);
      std::string heads(2 + kErrorWidth, ' ');
      for (const std::string_view head : table.heads) heads += padded(head, kStateWidth);
      console.out << without_end_blanks(heads) << '\n';
      shown = &table;
    }
    at = print_request(cells, at, console);
  }
  if (book.beyond().empty()) return;
  console.out << "\nreached, and in no table:\n";
  for (const CoverageCell& cell : book.beyond()) {
    console.out << "  " << cell.table->name << ' ' << cell.request() << ' ' << cell.state_name()
                << ' ' << cell.error << ' ' << cell.marks() << '\n';
  }
}

void print_json(const CoverageBook& book, Console& console) {
  Value all = Value::array();
  const auto append = [&all](const CoverageCell& cell, bool in_table) {
    const std::string role(cell.table->name), request(cell.request()), state(cell.state_name());
    Value one = Value::object();
    one.put("name", Value::of_text(role + ' ' + request + ' ' + state + ' ' + cell.error));
    one.put("role", Value::of_text(role));
    one.put("request", Value::of_text(request));
    one.put("state", Value::of_text(state));
    one.put("answer", Value::of_text(cell.error));
    one.put("tests", Value::of_flag(cell.by_tests));
    one.put("fuzzer", Value::of_flag(cell.by_fuzzer));
    one.put("in_table", Value::of_flag(in_table));
    all.items.push_back(std::move(one));
  };
  for (const CoverageCell& cell : book.cells()) append(cell, true);
  for (const CoverageCell& cell : book.beyond()) append(cell, false);
  console.out << scenario::to_json(all) << '\n';
}

}  // namespace

int list_coverage(const Arguments& arguments, Console& console) {
  const std::string path = arguments.text("from", scenario_folder(console) + "/coverage.txt");
  const auto book = CoverageBook::read_file(path);
  if (!book) return refuse(console, book.problem());
  arguments.has("json") ? print_json(*book, console) : print_text(*book, console);
  return kExitOk;
}

}  // namespace eosim::tools
