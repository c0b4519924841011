// A comparison for people: a table of what the modes buy and what they cost, where they part, a
// sentence, and the next command to run.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "tools/compare_part.h"
#include "tools/compare_plan.h"
#include "tools/compare_runs.h"

namespace eosim::tools {

struct CompareReport {
  const ComparePlan& plan;
  const std::vector<ColumnResult>& results;  // by column
  const std::vector<Parting>& partings;
  const std::string& argument;  // SCENARIO, as the user wrote it
  bool color = false;
};

void print_comparison(const CompareReport& report, std::ostream& out);
void print_table(const CompareReport& report, std::ostream& out);
void print_partings(const CompareReport& report, std::ostream& out);
// "12,345" of thousandths: rounded to tenths below 100 and to whole numbers above.
std::string number_text(int64_t thousandths);
// One sentence from the numbers; knows no mode by name.
std::string comparison_verdict(const CompareReport& report);
// The first failing seed of the worst column; where nothing fails, more seeds.
std::string next_command(const CompareReport& report);

}  // namespace eosim::tools
