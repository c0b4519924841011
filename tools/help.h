// The texts of `eosim --help` and `eosim CMD --help`, from the tables of commands and options.
#pragma once

#include <string>

#include "tools/command.h"

namespace eosim::tools {

std::string program_help();
std::string command_help(const Command& command);

}  // namespace eosim::tools
