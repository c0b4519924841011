// The commands that need no simulation, and help.
#include <algorithm>
#include <fstream>
#include <sstream>

#include "models/scenario/document.h"
#include "models/scenario/schema.h"
#include "program_run.h"
#include "tools/commands.h"
#include "tools/scenario_files.h"
#include "tools/version.h"

using namespace eosim;
using namespace eosim::tools;

namespace {

std::string output_of(const std::vector<std::string>& args, int expected_code = 0) {
  const ProgramRun run = run_program(args);
  INFO(run.err);
  CHECK(run.code == expected_code);
  return run.out;
}

}  // namespace

TEST_CASE("help shows every command, and each command its options") {
  const std::string help = output_of({"--help"});
  CHECK(help == output_of({"help"}));
  for (const Command& command : all_commands()) {
    CHECK_THAT(help, contains_text("  " + command.name));
    const std::string text = output_of({command.name, "--help"});
    CHECK(text == output_of({"help", command.name}));
    CHECK(text == output_of({command.name, "-h"}));
    for (const Option& option : command.options) {
      CHECK_THAT(text, contains_text("--" + option.name));
    }
  }
}

TEST_CASE("no option is in the table of a command twice") {
  for (const Command& command : all_commands()) {
    std::vector<Option> options = command.options;
    for (const Option& option : common_options()) options.push_back(option);
    std::vector<std::string> names;
    for (const Option& option : options) {
      names.push_back(option.name);
      if (option.letter != 0) names.emplace_back(1, option.letter);
    }
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  }
}

TEST_CASE("the version is that of the build system") {
  CHECK(output_of({"--version"}) == std::string("eosim ") + kVersion + "\n");
  std::ifstream file(EOSIM_SOURCE_DIR "/CMakeLists.txt");
  std::stringstream text;
  text << file.rdbuf();
  CHECK_THAT(text.str(), contains_text(std::string("VERSION ") + kVersion));
}

TEST_CASE("schema prints the schema") {
  const std::string text = output_of({"schema"});
  CHECK(text == scenario::schema_text());
  CHECK(scenario::parse_document(text, "schema"));
}

TEST_CASE("every list has lines and is JSON when asked") {
  for (const char* what : {"scenarios", "presets", "switches", "guarantees", "mistakes", "faults",
                           "checkers", "violations", "events", "metrics", "config", "coverage"}) {
    INFO(what);
    CHECK_FALSE(output_of({"list", what}).empty());
    const auto json = scenario::parse_document(output_of({"list", what, "--json"}), what);
    REQUIRE(json);
    CHECK_FALSE(json->root.items.empty());
    for (const auto& item : json->root.items) CHECK(item.find("name") != nullptr);
  }
}

TEST_CASE("shipped scenarios are found by name, by its last part and by path") {
  std::ostringstream out, err;
  const Console console{out, err, EOSIM_SOURCE_DIR "/build/release/eosim"};
  for (const char* name :
       {"zombies/after-rebalance", "after-rebalance", "scenarios/zombies/after-rebalance.json",
        EOSIM_SOURCE_DIR "/scenarios/zombies/after-rebalance.json"}) {
    INFO(name);
    CHECK(find_scenario(console, name));
  }
  CHECK_FALSE(find_scenario(console, "schema"));
}

TEST_CASE("every shipped scenario is right in all its variants") {
  std::ostringstream out, err;
  const Console console{out, err, EOSIM_SOURCE_DIR "/build/release/eosim"};
  std::vector<std::string> args = {"validate"};
  for (const auto& one : shipped_scenarios(console)) args.push_back(one.path);
  REQUIRE(args.size() > 1);
  output_of(args);
  args.emplace_back("--json");
  CHECK_THAT(output_of(args), contains_text("\"variants\""));
  args.emplace_back("--quiet");
  args.erase(args.end() - 2);
  CHECK(output_of(args).empty());
}

TEST_CASE("arguments are numbers, ranges and durations where they should be") {
  const std::vector<Option> options = {
      {.name = "seeds", .type = OptionType::kRange, .value = "A..B", .help = ""},
      {.name = "time", .type = OptionType::kDuration, .value = "T", .help = ""},
      {.name = "jobs",
       .letter = 'j',
       .type = OptionType::kUnsigned,
       .value = "N",
       .help = "",
       .min = 1,
       .max = 64},
      seed_option()};
  const auto parse = [&](const std::vector<std::string>& words) {
    return Arguments::parse(words, options, {"X", 0, 9});
  };
  const auto good = parse({"a", "--seeds", "0x1..20", "--time=60s", "-j", "4", "--seed",
                           "18446744073709551615", "--", "-b"});
  REQUIRE(good);
  CHECK(good->range("seeds") == std::pair<uint64_t, uint64_t>{1, 20});
  CHECK(good->duration("time") == sim::seconds(60));
  CHECK(good->number("jobs") == 4);
  CHECK(good->number("seed") == UINT64_MAX);
  CHECK(good->positional() == std::vector<std::string>{"a", "-b"});
  CHECK(parse({"-j4"})->number("jobs") == 4);
  CHECK_FALSE(parse({})->number("seed"));
  const std::vector<std::vector<std::string>> kWrong = {
      {"--seed", "-5"},    {"--seed", "1.5"},        {"--seed", "18446744073709551616"},
      {"--seeds", "5..1"}, {"--seeds", "5"},         {"--seeds", "a..b"},
      {"--time", "60"},    {"--time", "0s"},         {"-j", "0"},
      {"-j", "65"},        {"--seed=1", "--seed=2"}, {"--see", "1"},
      {"--seed"}};
  for (const auto& words : kWrong) {
    INFO(words[0]);
    CHECK_FALSE(parse(words));
  }
}
