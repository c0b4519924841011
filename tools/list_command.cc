// eosim list: the words that scenarios, options and results are made of.
#include <algorithm>

#include "models/scenario/document.h"
#include "models/scenario/nearest.h"
#include "tools/commands.h"
#include "tools/coverage_listing.h"
#include "tools/listings.h"

namespace eosim::tools {
namespace {

using scenario::Value;

constexpr const char* kCoverage = "coverage";

void print_text(const std::vector<ListRow>& rows, Console& console) {
  size_t name_width = 0;
  std::vector<size_t> widths;
  for (const ListRow& row : rows) {
    name_width = std::max(name_width, row.name.size());
    widths.resize(std::max(widths.size(), row.fields.size()));
    for (size_t i = 0; i < row.fields.size(); ++i) {
      widths[i] = std::max(widths[i], row.fields[i].second.size());
    }
  }
  for (const ListRow& row : rows) {
    std::string line = row.name;
    size_t column = name_width;
    for (size_t i = 0; i < row.fields.size(); ++i) {
      line.resize(std::max(line.size(), column), ' ');
      line += "  " + row.fields[i].second;
      column += 2 + widths[i];
    }
    if (!row.description.empty()) {
      line.resize(std::max(line.size(), column), ' ');
      line += "  " + row.description;
    }
    console.out << line << '\n';
  }
}

void print_json(const std::vector<ListRow>& rows, Console& console) {
  Value all = Value::array();
  for (const ListRow& row : rows) {
    Value one = Value::object();
    one.put("name", Value::of_text(row.name));
    for (const auto& [name, value] : row.fields) one.put(name, Value::of_text(value));
    if (!row.description.empty()) one.put("description", Value::of_text(row.description));
    all.items.push_back(std::move(one));
  }
  console.out << scenario::to_json(all) << '\n';
}

std::vector<std::string> what_words() {
  std::vector<std::string> out;
  for (const Listing& one : listings()) out.emplace_back(one.what);
  return out;
}

int run_list(const Arguments& arguments, Console& console) {
  const std::string& what = arguments.positional().front();
  if (what == kCoverage) return list_coverage(arguments, console);
  if (arguments.has("from")) {
    return refuse(console, argument_problem("--from", "goes with coverage only"));
  }
  for (const Listing& one : listings()) {
    if (what != one.what) continue;
    const auto rows = one.rows(console);
    arguments.has("json") ? print_json(rows, console) : print_text(rows, console);
    return kExitOk;
  }
  const auto known = what_words();
  return refuse(console, argument_problem(scenario::shown(what), "nothing that can be listed",
                                          scenario::joined(known), scenario::nearest(what, known)));
}

}  // namespace

Command list_command() {
  return {.name = "list",
          .summary = "lists what there is: scenarios, presets, faults, config, ...",
          .description = "WHAT: " + scenario::joined(what_words()),
          .positional = {"WHAT", 1, 1},
          .options = {{.name = "from",
                       .type = OptionType::kText,
                       .value = "FILE",
                       .help = "coverage: that of this file, not the shipped one"},
                      json_option()},
          .run = run_list};
}

}  // namespace eosim::tools
