#include "tools/program.h"

#include <exception>

#include "models/scenario/nearest.h"
#include "sim/assert.h"
#include "tools/commands.h"
#include "tools/help.h"
#include "tools/version.h"

namespace eosim::tools {
namespace {

using scenario::shown;

std::vector<std::string> words_before_command() {
  std::vector<std::string> words = command_names();
  words.insert(words.end(), {"help", "--help", "--version"});
  return words;
}

int unknown_command(Console& console, const std::string& word) {
  const auto known = words_before_command();
  const char* what =
      word.starts_with("-") ? "unknown option before the command" : "unknown command";
  return refuse(console, argument_problem(shown(word), what, scenario::joined(known),
                                          scenario::nearest(word, known)));
}

int help(const std::vector<std::string>& words, Console& console) {
  if (words.size() > 1) {
    return refuse(console,
                  argument_problem(shown(words[1]), "one argument too many", "help COMMAND"));
  }
  if (words.empty()) {
    console.out << program_help();
    return kExitOk;
  }
  const auto command = find_command(words[0]);
  if (!command) return unknown_command(console, words[0]);
  console.out << command_help(*command);
  return kExitOk;
}

bool wants_color(const Arguments& arguments, const Console& console) {
  const std::string mode = arguments.text("color", "auto");
  return mode == "always" || (mode == "auto" && console.out_is_terminal && !console.no_color);
}

int run(const Command& command, const std::vector<std::string>& words, Console& console) {
  std::vector<Option> options = command.options;
  for (Option& option : common_options()) options.push_back(std::move(option));
  const auto arguments = Arguments::parse(words, options, command.positional);
  if (!arguments) return refuse(console, arguments.problem());
  if (arguments->has("help")) {
    console.out << command_help(command);
    return kExitOk;
  }
  if (arguments->has("quiet") && arguments->has("verbose")) {
    return refuse(console, argument_problem("--quiet", "excludes --verbose", "one of them"));
  }
  console.color = wants_color(*arguments, console);
  return command.run(*arguments, console);
}

int dispatch(const std::vector<std::string>& args, Console& console) {
  if (args.empty()) {
    return refuse(console, argument_problem("eosim", "a command is missing",
                                            scenario::joined(words_before_command())));
  }
  const std::vector<std::string> rest(args.begin() + 1, args.end());
  if (args[0] == "--help" || args[0] == "-h") return help({}, console);
  if (args[0] == "help") return help(rest, console);
  if (args[0] == "--version") {
    console.out << "eosim " << kVersion << '\n';
    return kExitOk;
  }
  const auto command = find_command(args[0]);
  return command ? run(*command, rest, console) : unknown_command(console, args[0]);
}

}  // namespace

int main_with(const std::vector<std::string>& args, Console& console) {
  try {
    const int code = dispatch(args, console);
    console.out.flush();
    if (code != kExitOk || console.out.good()) return code;
    return refuse(console, argument_problem("stdout", "cannot be written"));
  } catch (const sim::InvariantBroken& broken) {
    console.err << "eosim: internal fault: " << broken.what() << '\n';
  } catch (const std::exception& error) {
    console.err << "eosim: internal fault: " << error.what() << '\n';
  }
  return kExitInternalFault;
}

int main_with(const std::vector<std::string>& args, std::ostream& out, std::ostream& err) {
  Console console{out, err, ""};
  return main_with(args, console);
}

}  // namespace eosim::tools
