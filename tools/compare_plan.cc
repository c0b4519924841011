#include "tools/compare_plan.h"

#include <algorithm>
#include <optional>

#include "models/scenario/nearest.h"
#include "models/scenario/words.h"

namespace eosim::tools {
namespace {

using scenario::Problem;
using scenario::Result;
using scenario::shown;
using scenario::Words;

constexpr size_t kColumnsMax = 64;
constexpr uint64_t kSeedsMax = 1'000'000;

struct Sweep {
  std::string pointer;
  std::vector<std::string> values;
};

// Commas inside of JSON lists, objects and texts part nothing.
std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> items(1);
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ',' && depth == 0 && !quoted) {
      items.emplace_back();
      continue;
    }
    items.back() += c;
    if (quoted && c == '\\' && i + 1 < text.size()) items.back() += text[++i];
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '[' || c == '{')) ++depth;
    if (!quoted && (c == ']' || c == '}')) --depth;
  }
  return items;
}

// A list without holes and twins.
std::optional<Problem> list_problem(const std::string& option,
                                    const std::vector<std::string>& items) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].empty()) {
      return argument_problem(option, items.size() == 1 ? "an empty list" : "an empty item",
                              "items with commas between them: a,b,c");
    }
    if (std::find(items.begin(), items.begin() + static_cast<ptrdiff_t>(i), items[i]) !=
        items.begin() + static_cast<ptrdiff_t>(i)) {
      return argument_problem(option, shown(items[i]) + " stands there twice", "each once");
    }
  }
  return std::nullopt;
}

// Of an option that was not given: one empty item, which overrides nothing.
Result<std::vector<std::string>> word_list(const Arguments& arguments, const std::string& option,
                                           const std::string& one_of_it, Words list) {
  const std::string dashed = "--" + option;
  if (!arguments.has(option)) return std::vector<std::string>(1);
  if (arguments.has(one_of_it)) {
    return argument_problem(dashed, "excludes --" + one_of_it, "one of them");
  }
  std::vector<std::string> items = split_list(arguments.text(option));
  if (const auto problem = list_problem(dashed, items)) return *problem;
  for (const std::string& item : items) {
    if (is_word(list, scenario::canonical_guarantee(item))) continue;
    const auto known = scenario::names(list);
    return argument_problem(dashed, shown(item) + " is unknown", scenario::joined(known),
                            scenario::nearest(item, known));
  }
  return items;
}

Result<std::vector<Sweep>> sweeps_of(const Arguments& arguments) {
  std::vector<Sweep> sweeps;
  for (const std::string& text : arguments.all("sweep")) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || text[0] != '/') {
      return argument_problem("--sweep", shown(text) + " is no sweep",
                              "POINTER=v1,v2,... such as /apps/0/instances=1,2,4");
    }
    Sweep sweep{text.substr(0, equals), split_list(text.substr(equals + 1))};
    const std::string option = "--sweep " + sweep.pointer;
    if (sweep.pointer == "/seed") {
      return argument_problem(option, "every column runs the same seeds", "--seeds A..B");
    }
    if (const auto problem = list_problem(option, sweep.values)) return *problem;
    for (const Sweep& other : sweeps) {
      if (other.pointer == sweep.pointer) {
        return argument_problem(option, "given more than once", "once");
      }
    }
    sweeps.push_back(std::move(sweep));
  }
  return sweeps;
}

void add_word(std::vector<std::string>& words, const std::string& option,
              const std::string& value) {
  if (!value.empty()) words.push_back("--" + option + "=" + value);
}

// The overrides of the command line and of the column, as the command line of one run. An alias
// becomes the guarantee's own name.
Result<Arguments> column_arguments(const Arguments& given, const std::string& guarantee,
                                   const std::string& preset,
                                   const std::vector<SweptValue>& swept) {
  std::vector<std::string> words;
  add_word(words, "variant", given.text("variant"));
  add_word(words, "preset", preset.empty() ? given.text("preset") : preset);
  const std::string canonical(scenario::canonical_guarantee(guarantee));
  add_word(words, "guarantee", canonical.empty() ? given.text("guarantee") : canonical);
  for (const std::string& set : given.all("set")) add_word(words, "set", set);
  for (const SweptValue& value : swept) add_word(words, "set", value.pointer + '=' + value.text);
  return Arguments::parse(words, override_options(), {});
}

std::string guarantees_of(const scenario::Scenario& scenario) {
  std::vector<std::string> names;
  for (const scenario::App& app : scenario.apps) {
    const std::string name = app.promise();
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return scenario::joined(names);
}

// What would help: the first release with which the same combination can run.
std::string brief_refusal(const Console& console, const std::string& argument,
                          const Arguments& given, const CompareColumn& column,
                          const std::string& guarantee) {
  for (const std::string& preset : scenario::names(Words::kPresets)) {
    const Result<Arguments> trial = column_arguments(given, guarantee, preset, column.swept);
    if (trial && open_run(console, argument, *trial)) return "needs " + preset;
  }
  return "refused";
}

// The user wrote --sweep, and the loader speaks of the --set that it came to.
Problem as_swept(Problem problem) {
  if (problem.file.starts_with("--set ")) problem.file.replace(0, 5, "--sweep");
  return problem;
}

// Wrong by itself, and not only beside the others: the loader complains about the value itself.
bool complains_of_sweep(const Problem& problem, const CompareColumn& column) {
  return std::any_of(column.swept.begin(), column.swept.end(), [&](const SweptValue& value) {
    return problem.file == "--set " + value.pointer && problem.pointer.starts_with(value.pointer);
  });
}

bool same_in_all(const std::vector<CompareColumn>& columns, std::string CompareColumn::*text) {
  return std::all_of(columns.begin(), columns.end(),
                     [&](const auto& one) { return one.*text == columns.front().*text; });
}

void label_columns(std::vector<CompareColumn>& columns) {
  const bool one_guarantee = same_in_all(columns, &CompareColumn::guarantee);
  const bool one_kafka = same_in_all(columns, &CompareColumn::kafka);
  for (CompareColumn& column : columns) {
    std::string& label = column.label;
    if (!one_guarantee || (one_kafka && column.swept.empty())) label = column.guarantee;
    if (!one_kafka) label += (label.empty() ? "kafka " : " on ") + column.kafka;
    for (const SweptValue& value : column.swept) {
      const size_t last = value.pointer.rfind('/') + 1;
      label += (label.empty() ? "" : " ") + value.pointer.substr(last) + '=' + value.text;
    }
  }
}

class Planner {
 public:
  Planner(const Console& console, const std::string& argument, const Arguments& given)
      : console_(console), argument_(argument), given_(given) {}

  // Makes a column; a problem only where the user cannot have meant it.
  std::optional<Problem> add(const std::string& guarantee, const std::string& preset,
                             std::vector<SweptValue> swept) {
    Result<Arguments> overrides = column_arguments(given_, guarantee, preset, swept);
    if (!overrides) return overrides.problem();
    CompareColumn column;
    column.swept = std::move(swept);
    column.overrides = std::move(*overrides);
    Result<RunInput> input = open_run(console_, argument_, column.overrides);
    if (input) {
      column.input = std::move(*input);
      column.guarantee = guarantees_of(column.input.loaded.scenario);
      column.kafka = column.input.loaded.scenario.kafka;
    } else {
      const Problem& problem = input.problem();
      if (complains_of_sweep(problem, column)) return as_swept(problem);
      if (!first_refusal_) first_refusal_ = problem;
      column.refusal = problem.text();
      column.refusal_brief = brief_refusal(console_, argument_, given_, column, guarantee);
      column.guarantee = column.overrides.text("guarantee", "-");
      column.kafka = column.overrides.text("preset", "-");
    }
    columns_.push_back(std::move(column));
    return std::nullopt;
  }

  Result<ComparePlan> plan() {
    const auto runs = [](const CompareColumn& column) { return column.runs(); };
    const auto first = std::find_if(columns_.begin(), columns_.end(), runs);
    if (first == columns_.end()) return as_swept(*first_refusal_);
    ComparePlan plan;
    plan.first_seed = given_.number("seed").value_or(first->input.options.seed);
    plan.last_seed = plan.first_seed;
    if (const auto range = given_.range("seeds")) {
      plan.first_seed = range->first;
      plan.last_seed = range->second;
    }
    if (plan.last_seed - plan.first_seed >= kSeedsMax) {
      return argument_problem("--seeds", "too many seeds", std::to_string(kSeedsMax) + " at most");
    }
    label_columns(columns_);
    plan.columns = std::move(columns_);
    return plan;
  }

 private:
  const Console& console_;
  const std::string& argument_;
  const Arguments& given_;
  std::vector<CompareColumn> columns_;
  std::optional<Problem> first_refusal_;
};

// Every way to take one value of each sweep, the last sweep fastest.
std::vector<std::vector<SweptValue>> swept_combinations(const std::vector<Sweep>& sweeps) {
  std::vector<std::vector<SweptValue>> all(1);
  for (const Sweep& sweep : sweeps) {
    std::vector<std::vector<SweptValue>> longer;
    for (const auto& sofar : all) {
      for (const std::string& value : sweep.values) {
        longer.push_back(sofar);
        longer.back().push_back({sweep.pointer, value});
      }
    }
    all = std::move(longer);
    if (all.size() > kColumnsMax) break;  // refused by the caller
  }
  return all;
}

}  // namespace

Result<ComparePlan> plan_comparison(const Console& console, const std::string& argument,
                                    const Arguments& arguments) {
  const auto guarantees = word_list(arguments, "guarantees", "guarantee", Words::kGuarantees);
  if (!guarantees) return guarantees.problems();
  const auto presets = word_list(arguments, "presets", "preset", Words::kPresets);
  if (!presets) return presets.problems();
  const auto sweeps = sweeps_of(arguments);
  if (!sweeps) return sweeps.problems();
  if (arguments.has("seed") && arguments.has("seeds")) {
    return argument_problem("--seeds", "excludes --seed", "one of them");
  }
  const auto swept = swept_combinations(*sweeps);
  if (guarantees->size() * presets->size() * swept.size() > kColumnsMax) {
    return argument_problem("--sweep", "too many combinations",
                            std::to_string(kColumnsMax) + " columns at most");
  }
  Planner planner(console, argument, arguments);
  for (const std::string& guarantee : *guarantees) {
    for (const std::string& preset : *presets) {
      for (const auto& values : swept) {
        if (const auto problem = planner.add(guarantee, preset, values)) return *problem;
      }
    }
  }
  return planner.plan();
}

std::vector<Option> compare_plan_options() {
  return {{.name = "guarantees",
           .type = OptionType::kText,
           .value = "A,B,...",
           .help = "a column for each: " + scenario::joined(scenario::names(Words::kGuarantees))},
          {.name = "presets",
           .type = OptionType::kText,
           .value = "A,B,...",
           .help = "a column for each: " + scenario::joined(scenario::names(Words::kPresets))},
          {.name = "sweep",
           .type = OptionType::kText,
           .value = "POINTER=A,B,...",
           .help = "a column for each value at a JSON Pointer of the scenario; repeatable",
           .repeats = true},
          {.name = "seeds",
           .type = OptionType::kRange,
           .value = "A..B",
           .help = "both included; every column runs them all; default the scenario's seed alone"},
          seed_option()};
}

}  // namespace eosim::tools
