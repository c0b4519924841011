// Who has been in which cell of the tables that models/*/coverage.h name: the tests of this
// repository, the fuzzer, or nobody. A text file, one line a cell; scenarios/coverage.txt is the
// one that ships, and tools/coverage writes it.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "models/protocol/coverage.h"
#include "models/scenario/problem.h"

namespace eosim::tools {

// Transaction coordinator, group coordinator, partition leader.
std::span<const kafka::CoverageTable* const> coverage_tables();

struct CoverageCell {
  static constexpr size_t kAnyState = SIZE_MAX;  // answered before a state is looked at

  const kafka::CoverageTable* table = nullptr;
  size_t row = 0;
  size_t state = kAnyState;
  std::string error;
  bool by_tests = false;
  bool by_fuzzer = false;

  std::string_view request() const { return table->rows[row]; }
  std::string_view state_name() const { return state == kAnyState ? "any" : table->states[state]; }
  std::string marks() const;  // "t", "f", "tf" or "."
};

class CoverageBook {
 public:
  CoverageBook();  // nobody has been anywhere

  // Lines in any order, cells at most; what several lines say of a cell adds up.
  static scenario::Result<CoverageBook> read(std::string_view text, const std::string& file_name);
  static scenario::Result<CoverageBook> read_file(const std::string& path);
  std::string text() const;

  // The fuzzer was here.
  void add(const kafka::Coverage& coverage);

  const std::vector<CoverageCell>& cells() const { return cells_; }  // in the order of the tables
  // Reached, though the tables say that there are no such cells: mistakes of the tables.
  const std::vector<CoverageCell>& beyond() const { return beyond_; }

 private:
  using Key = std::tuple<size_t, size_t, size_t, std::string>;  // role, row, state, error
  CoverageCell& cell(const Key& key);
  scenario::Result<bool> take_line(const std::vector<std::string>& words);

  std::vector<CoverageCell> cells_;
  std::vector<CoverageCell> beyond_;
  std::map<Key, size_t> index_;  // of cells_; an answer before any state is there for each state
};

}  // namespace eosim::tools
