// The table of commands. A new one: a file of its own with a factory, declared and listed here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/command.h"

namespace eosim::tools {

Command run_command();
Command fuzz_command();
Command replay_command();
Command compare_command();
Command trace_command();
Command validate_command();
Command list_command();
Command schema_command();

// In the order in which help shows them.
std::vector<Command> all_commands();
std::optional<Command> find_command(const std::string& name);
std::vector<std::string> command_names();

}  // namespace eosim::tools
