#include "tools/commands.h"

namespace eosim::tools {
namespace {

using CommandFactory = Command (*)();

constexpr CommandFactory kFactories[] = {
    run_command,   fuzz_command, replay_command,   compare_command,
    trace_command, list_command, validate_command, schema_command,
};

}  // namespace

std::vector<Command> all_commands() {
  std::vector<Command> out;
  for (const CommandFactory factory : kFactories) out.push_back(factory());
  return out;
}

std::optional<Command> find_command(const std::string& name) {
  for (Command& command : all_commands()) {
    if (command.name == name) return std::move(command);
  }
  return std::nullopt;
}

std::vector<std::string> command_names() {
  std::vector<std::string> out;
  for (const Command& command : all_commands()) out.push_back(command.name);
  return out;
}

}  // namespace eosim::tools
