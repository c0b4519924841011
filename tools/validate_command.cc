// eosim validate: checks scenario files, with all their variants, without running them.
#include "tools/commands.h"
#include "tools/scenario_files.h"

namespace eosim::tools {
namespace {

using scenario::Document;
using scenario::Problem;
using scenario::Result;
using scenario::Value;

// What was checked in a file that is right.
struct Checked {
  std::string name;
  std::vector<std::string> variants;
};

Result<Checked> check(const Document& document, const scenario::Overrides& overrides) {
  const Result<scenario::Loaded> base = scenario::load_scenario(document, overrides);
  if (!base) return base.problems();
  Checked out{base->scenario.name, {}};
  if (!overrides.variant.empty()) return out;
  for (const std::string& variant : scenario::variant_names(document)) {
    scenario::Overrides with = overrides;
    with.variant = variant;
    const Result<scenario::Loaded> loaded = scenario::load_scenario(document, with);
    if (!loaded) {
      std::vector<Problem> problems = loaded.problems();
      for (Problem& problem : problems) {
        problem.message += " (in variant " + scenario::shown(variant) + ')';
      }
      return problems;
    }
    out.variants.push_back(variant);
  }
  return out;
}

Value to_value(const std::string& file, const Checked& checked) {
  Value out = Value::object();
  out.put("file", Value::of_text(file));
  out.put("name", Value::of_text(checked.name));
  Value variants = Value::array();
  for (const std::string& one : checked.variants) variants.items.push_back(Value::of_text(one));
  out.put("variants", std::move(variants));
  return out;
}

int run_validate(const Arguments& arguments, Console& console) {
  const scenario::Overrides overrides = overrides_of(arguments);
  Value files = Value::array();
  std::string lines;
  bool all_right = true;
  for (const std::string& name : arguments.positional()) {
    const Result<Document> document = open_document(console, name);
    const Result<Checked> checked =
        document ? check(*document, overrides) : Result<Checked>(document.problems());
    if (checked) {
      files.items.push_back(to_value(name, *checked));
      lines += name + ": right";
      for (const std::string& one : checked->variants) lines += ", " + one;
      lines += '\n';
      continue;
    }
    all_right = false;
    // One message a file: the others often follow from the first. -v shows them.
    for (const Problem& problem : checked.problems()) {
      refuse(console, problem);
      if (!arguments.has("verbose")) break;
    }
  }
  if (arguments.has("json")) {
    if (all_right) console.out << scenario::to_json(files) << '\n';
  } else if (!arguments.has("quiet")) {
    console.out << lines;
  }
  return all_right ? kExitOk : kExitWrongInput;
}

}  // namespace

Command validate_command() {
  std::vector<Option> options = override_options();
  options.push_back(json_option());
  return {.name = "validate",
          .summary = "checks scenario files without running them",
          .description =
              "All variants of a file are checked, or the one that --variant names. "
              "-v shows every\nproblem of a file instead of the first.",
          .positional = {"SCENARIO", 1, SIZE_MAX},
          .options = std::move(options),
          .run = run_validate};
}

}  // namespace eosim::tools
