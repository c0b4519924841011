// Where two runs part: the first fact that one has and the other has not. Two modes under one seed
// are the same run up to there, so this is where what the mode changes begins to matter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/scenario/simulation.h"
#include "tools/compare_plan.h"

namespace eosim::tools {

struct ComparedFact {
  struct Field {
    std::string name;
    std::string text;
    bool operator==(const Field&) const = default;
  };

  int64_t at_ns = 0;
  std::string process;        // or thread
  std::string event;          // empty: nothing more happened there
  std::vector<Field> fields;  // without those that name nothing outside of their run
};

// What the one does, and what the other does at the same place: the first facts in which the
// histories of one process differ. Processes are held against each other one by one, because the
// order in which two of them step says little; of several that differ, the earliest counts.
struct FactPair {
  ComparedFact one;
  ComparedFact other;
};

struct Parting {
  size_t column = 0;              // against the first one that runs
  std::optional<FactPair> first;  // the first difference of any kind; nothing: the same run
  std::optional<FactPair> deed;   // and, if `first` differs in fields only, the first difference in
                                  // time, place or name of the event
};

// Each column that runs against the first that does, under the first seed.
scenario::Result<std::vector<Parting>> find_partings(const ComparePlan& plan, int threads);
size_t first_running(const ComparePlan& plan);

}  // namespace eosim::tools
