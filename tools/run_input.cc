#include "tools/run_input.h"

#include "tools/scenario_files.h"

namespace eosim::tools {

using scenario::Document;
using scenario::Loaded;
using scenario::Result;

namespace {

// In a bundle the scenario is a member: pointers go from the root of the file.
std::vector<scenario::Problem> inside_bundle(std::vector<scenario::Problem> problems,
                                             const std::string& file) {
  for (scenario::Problem& problem : problems) {
    if (problem.line > 0 && problem.file == file) problem.pointer.insert(0, "/scenario");
  }
  return problems;
}

}  // namespace

Result<RunInput> open_run(const Console& console, const std::string& argument,
                          const Arguments& arguments) {
  Result<Document> document = open_document(console, argument);
  if (!document) return document.problems();
  RunInput input;
  input.argument = argument;
  Document to_load;
  if (is_bundle(*document)) {
    Result<Bundle> bundle = read_bundle(std::move(*document));
    if (!bundle) return bundle.problems();
    to_load = bundle->scenario;
    input.options.seed = bundle->seed;
    input.options.forks = bundle->forks;
    input.options.overrides = bundle->overrides;
    input.bundle = std::move(*bundle);
  } else {
    to_load = std::move(*document);
  }
  Result<Loaded> loaded = load_scenario(std::move(to_load), overrides_of(arguments));
  if (!loaded && input.bundle) {
    return inside_bundle(loaded.problems(), input.bundle->scenario.sources.front());
  }
  if (!loaded) return loaded.problems();
  input.loaded = std::move(*loaded);
  if (!input.bundle) input.options.seed = input.loaded.scenario.seed;
  input.options.seed = arguments.number("seed").value_or(input.options.seed);
  return input;
}

Result<Loaded> for_seed(const RunInput& input, uint64_t seed) {
  if (input.bundle) return input.loaded;
  const auto changes = scenario::varied(input.loaded.scenario, seed);
  if (changes.empty()) return input.loaded;
  return scenario::load_changed(input.loaded.document, changes);
}

std::string shell_word(const std::string& word) {
  constexpr std::string_view kUnquoted =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
  if (!word.empty() && word.find_first_not_of(kUnquoted) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string repro_command(const std::string& command, const std::string& argument,
                          const Arguments& arguments, uint64_t seed) {
  std::string out = "eosim " + command + " " + shell_word(argument);
  out += " --seed " + std::to_string(seed);
  for (const char* option : {"variant", "preset", "guarantee"}) {
    if (!arguments.has(option)) continue;
    out += std::string(" --") + option + " " + shell_word(arguments.text(option));
  }
  for (const std::string& set : arguments.all("set")) out += " --set " + shell_word(set);
  return out;
}

}  // namespace eosim::tools
