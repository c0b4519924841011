#include "tools/help.h"

#include <algorithm>

#include "tools/commands.h"

namespace eosim::tools {
namespace {

constexpr size_t kWidth = 96;

// Two columns; the right one is filled to kWidth and goes on under itself.
std::string two_columns(const std::string& left, const std::string& right, size_t column) {
  std::string out = "  " + left;
  const std::string margin(column, ' ');
  if (out.size() + 2 > column) {
    out += '\n' + margin;
  } else {
    out.resize(column, ' ');
  }
  size_t used = column;
  for (size_t at = 0; at < right.size();) {
    const size_t end = std::min(right.find(' ', at), right.size());
    if (used > column && used + 1 + end - at > kWidth) {
      out += '\n' + margin;
      used = column;
    }
    if (used > column) out += ' ', ++used;
    out.append(right, at, end - at);
    used += end - at;
    at = end + 1;
  }
  return out + '\n';
}

std::string left_of(const Option& option) {
  std::string out = option.letter == 0 ? "    " : std::string{'-', option.letter, ',', ' '};
  out += "--" + option.name;
  if (!option.value.empty()) out += ' ' + option.value;
  return out;
}

std::string usage(const Command& command) {
  std::string out = "eosim " + command.name + " [options]";
  if (command.positional.max == 0) return out;
  const bool optional = command.positional.min == 0;
  out += optional ? " [" + command.positional.name + ']' : ' ' + command.positional.name;
  return command.positional.max > 1 ? out + "..." : out;
}

}  // namespace

std::string program_help() {
  std::string out =
      "eosim: simulates Kafka's exactly-once protocols, the same way for the same seed\n\n"
      "usage: eosim COMMAND [options] [arguments]\n\ncommands\n";
  for (const Command& command : all_commands()) {
    out += two_columns(command.name, command.summary, 14);
  }
  out += two_columns("help", "help COMMAND: what a command takes", 14);
  out += "\noptions\n";
  out += two_columns("--help", "this text", 14);
  out += two_columns("--version", "the version of eosim", 14);
  out +=
      "\nexit codes: 0 all expectations held, 1 one did not, 2 wrong command line or file,\n"
      "3 a fault of the simulator itself, 130 interrupted\n";
  return out;
}

std::string command_help(const Command& command) {
  std::string out = "usage: " + usage(command) + "\n\n" + command.summary + '\n';
  if (!command.description.empty()) out += '\n' + command.description + '\n';
  out += "\noptions\n";
  std::vector<Option> options = command.options;
  for (const Option& option : common_options()) options.push_back(option);
  for (const Option& option : options) out += two_columns(left_of(option), option.help, 34);
  return out;
}

}  // namespace eosim::tools
