// What the tests of a program reached in the tables of `eosim list coverage`. Harnesses note the
// answers that they see; at its end a program that was given a file by EOSIM_COVERAGE adds a line
// for each cell to it (tools/coverage). Nothing else reads the environment.
#pragma once

#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <string>
#include <vector>

#include "models/protocol/coverage.h"

namespace eosim::kafka::testing {

class CoverageDump {
 public:
  // The tables that the program links.
  CoverageDump(std::initializer_list<const CoverageTable*> tables) : tables_(tables) {}
  CoverageDump(const CoverageDump&) = delete;
  CoverageDump& operator=(const CoverageDump&) = delete;
  ~CoverageDump() {
    const char* path = std::getenv("EOSIM_COVERAGE");
    if (path == nullptr) return;
    std::ofstream file(path, std::ios::app);
    for (const CoverageTable* table : tables_) write(*table, file);
  }

  Coverage reached;

 private:
  void write(const CoverageTable& table, std::ofstream& file) const {
    reached.visit([&](CoverageRole role, size_t row, size_t state, Error answer) {
      if (role != table.role) return;
      file << table.name << ' ' << table.rows[row] << ' ' << table.states[state] << ' '
           << error_name(answer) << " t\n";
    });
  }

  std::vector<const CoverageTable*> tables_;
};

}  // namespace eosim::kafka::testing
