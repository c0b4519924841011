// A subcommand of eosim as a value: what it is called, what it takes, and a function. A file
// xxx_command.cc holds one and the factory that commands.cc lists.
#pragma once

#include <string>
#include <vector>

#include "tools/arguments.h"
#include "tools/console.h"

namespace eosim::tools {

struct Command {
  std::string name;
  std::string summary;      // one line, for `eosim --help`
  std::string description;  // more, for `eosim help CMD`
  Positional positional;
  std::vector<Option> options;  // without common_options(), which every command has
  // Returns the exit code. With --json, nothing goes to console.out when it is kExitWrongInput.
  int (*run)(const Arguments& arguments, Console& console) = nullptr;
};

}  // namespace eosim::tools
