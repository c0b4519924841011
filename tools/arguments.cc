#include "tools/arguments.h"

#include <algorithm>
#include <boost/program_options.hpp>

#include "models/scenario/nearest.h"
#include "models/scenario/units.h"
#include "models/scenario/words.h"
#include "tools/console.h"

namespace eosim::tools {
namespace {

namespace po = boost::program_options;
using scenario::Problem;
using scenario::shown;

constexpr const char* kPositionalKey = " positional";  // no option can be called so

std::string dashed(const Option& option) { return "--" + option.name; }

std::optional<std::pair<uint64_t, uint64_t>> parse_range(const std::string& text) {
  const size_t dots = text.find("..");
  if (dots == std::string::npos) return std::nullopt;
  const auto first = scenario::parse_unsigned(text.substr(0, dots));
  const auto last = scenario::parse_unsigned(text.substr(dots + 2));
  if (!first || !last || *first > *last) return std::nullopt;
  return std::pair{*first, *last};
}

std::string bounds(const Option& option) {
  return std::to_string(option.min) + " to " + std::to_string(option.max);
}

std::optional<Problem> check_value(const Option& option, const std::string& value) {
  const auto wrong = [&](const std::string& what, std::string allowed) {
    return argument_problem(dashed(option), shown(value) + what, std::move(allowed));
  };
  switch (option.type) {
    case OptionType::kFlag:
    case OptionType::kText:
      return std::nullopt;
    case OptionType::kUnsigned: {
      const auto number = scenario::parse_unsigned(value);
      if (number && *number >= option.min && *number <= option.max) return std::nullopt;
      return wrong(number ? " is out of range" : " is no unsigned whole number",
                   bounds(option) + ", decimal or 0x hex");
    }
    case OptionType::kRange:
      if (parse_range(value)) return std::nullopt;
      return wrong(" is no range", "A..B, both included, A at most B, each 0 to 2^64-1");
    case OptionType::kDuration: {
      const auto ns = scenario::parse_duration(value);
      if (ns && *ns > 0) return std::nullopt;
      return wrong(" is no duration", "more than 0, with a unit (ns, us, ms, s, min, h)");
    }
    case OptionType::kWord: {
      const auto& words = option.words;
      if (std::find(words.begin(), words.end(), value) != words.end()) return std::nullopt;
      Problem problem = wrong(" is unknown", scenario::joined(words));
      problem.nearest = scenario::nearest(value, words);
      return problem;
    }
  }
  return std::nullopt;
}

po::options_description describe(const std::vector<Option>& options) {
  po::options_description out;
  for (const Option& option : options) {
    const std::string key =
        option.letter == 0 ? option.name : option.name + ',' + std::string(1, option.letter);
    if (option.type == OptionType::kFlag) {
      out.add_options()(key.c_str(), "");
    } else {
      out.add_options()(key.c_str(), po::value<std::vector<std::string>>(), "");
    }
  }
  out.add_options()(kPositionalKey, po::value<std::vector<std::string>>(), "");
  return out;
}

Problem unknown_option(const std::string& name, const std::vector<Option>& options) {
  std::vector<std::string> known;
  for (const Option& option : options) known.push_back(dashed(option));
  const std::string word = name.starts_with("-") ? name : "--" + name;
  const bool is_safe = shown(word).size() == word.size() + 2;
  return argument_problem(is_safe ? word : shown(word), "unknown option", scenario::joined(known),
                          scenario::nearest(word, known));
}

Problem wrong_count(const Positional& positional, const std::vector<std::string>& given) {
  const std::string range =
      positional.min == positional.max ? std::to_string(positional.min)
      : positional.max > 1'000'000
          ? std::to_string(positional.min) + " or more"
          : std::to_string(positional.min) + " to " + std::to_string(positional.max);
  if (given.size() < positional.min) {
    return argument_problem(positional.name, "is missing", range);
  }
  return argument_problem(shown(given[positional.max]), "one argument too many",
                          positional.max == 0 ? "options only" : range + ' ' + positional.name);
}

}  // namespace

scenario::Result<Arguments> Arguments::parse(const std::vector<std::string>& words,
                                             const std::vector<Option>& options,
                                             const Positional& positional) {
  Arguments out;
  try {
    const po::options_description description = describe(options);
    po::positional_options_description rest;
    rest.add(kPositionalKey, -1);
    namespace style = po::command_line_style;
    const po::parsed_options parsed = po::command_line_parser(words)
                                          .options(description)
                                          .positional(rest)
                                          .style(style::unix_style & ~style::allow_guessing)
                                          .run();
    for (const po::option& one : parsed.options) {
      auto& values =
          one.string_key == kPositionalKey ? out.positional_ : out.values_[one.string_key];
      values.insert(values.end(), one.value.begin(), one.value.end());
      if (one.value.empty()) values.emplace_back();
    }
  } catch (const po::unknown_option& error) {
    return unknown_option(error.get_option_name(), options);
  } catch (const po::error_with_option_name& error) {
    const std::string name = error.get_option_name();
    const bool is_flag = std::any_of(options.begin(), options.end(), [&](const Option& option) {
      return dashed(option) == name && option.type == OptionType::kFlag;
    });
    return argument_problem(name.empty() ? "options" : name,
                            is_flag ? "takes no value" : "needs a value", "");
  } catch (const std::exception& error) {
    return argument_problem("options", error.what());
  }
  for (const Option& option : options) {
    const auto values = out.all(option.name);
    if (values.size() > 1 && !option.repeats && option.type != OptionType::kFlag) {
      return argument_problem(dashed(option), "given more than once", "once");
    }
    for (const std::string& value : values) {
      if (auto problem = check_value(option, value)) return *problem;
    }
  }
  const size_t count = out.positional_.size();
  if (!out.has("help") && (count < positional.min || count > positional.max)) {
    return wrong_count(positional, out.positional_);
  }
  return out;
}

std::string Arguments::text(const std::string& option, const std::string& fallback) const {
  const auto at = values_.find(option);
  return at == values_.end() ? fallback : at->second.front();
}

std::vector<std::string> Arguments::all(const std::string& option) const {
  const auto at = values_.find(option);
  return at == values_.end() ? std::vector<std::string>{} : at->second;
}

std::optional<uint64_t> Arguments::number(const std::string& option) const {
  return has(option) ? scenario::parse_unsigned(text(option)) : std::nullopt;
}

std::optional<std::pair<uint64_t, uint64_t>> Arguments::range(const std::string& option) const {
  return has(option) ? parse_range(text(option)) : std::nullopt;
}

std::optional<sim::Duration> Arguments::duration(const std::string& option) const {
  const auto ns = has(option) ? scenario::parse_duration(text(option)) : std::nullopt;
  return ns ? std::optional(sim::Duration{*ns}) : std::nullopt;
}

std::vector<Option> common_options() {
  return {{.name = "quiet", .letter = 'q', .value = "", .help = "say less"},
          {.name = "verbose", .letter = 'v', .value = "", .help = "say more"},
          {.name = "color",
           .type = OptionType::kWord,
           .value = "auto|always|never",
           .help = "colours; auto (the default): on a terminal, unless NO_COLOR is set",
           .words = {"auto", "always", "never"}},
          {.name = "help", .letter = 'h', .value = "", .help = "this text"}};
}

Option json_option() {
  return {.name = "json", .value = "", .help = "the result as JSON on stdout, and nothing else"};
}

Option seed_option() {
  return {.name = "seed",
          .type = OptionType::kUnsigned,
          .value = "N",
          .help = "64-bit unsigned, decimal or 0x hex; default the scenario's, else 1"};
}

std::vector<Option> override_options() {
  return {{.name = "set",
           .type = OptionType::kText,
           .value = "POINTER=VALUE",
           .help = "override a value of the scenario: a JSON Pointer, and JSON or a bare string; "
                   "repeatable",
           .repeats = true},
          {.name = "preset",
           .type = OptionType::kWord,
           .value = "VERSION",
           .help = "short for --set /kafka=VERSION",
           .words = scenario::names(scenario::Words::kPresets)},
          {.name = "guarantee",
           .type = OptionType::kWord,
           .value = "G",
           .help = "set the guarantee of every app that has one",
           .words = scenario::names(scenario::Words::kGuarantees)},
          {.name = "variant",
           .type = OptionType::kText,
           .value = "NAME",
           .help = "one of the scenario's variants; applied before --set"}};
}

}  // namespace eosim::tools
