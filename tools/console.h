// What a command may use of the world outside: two streams and a few facts about them. Tests bring
// their own. Results go to `out`, everything else to `err`.
#pragma once

#include <ostream>
#include <string>

#include "models/scenario/problem.h"

namespace eosim::tools {

// Exit codes of the contract (cli-and-scenarios.md 1).
inline constexpr int kExitOk = 0;
inline constexpr int kExitExpectationFailed = 1;
inline constexpr int kExitWrongInput = 2;
inline constexpr int kExitInternalFault = 3;
inline constexpr int kExitInterrupted = 130;

// Colours of a terminal.
inline constexpr const char* kRed = "\x1b[31;1m";
inline constexpr const char* kGreen = "\x1b[32;1m";
inline constexpr const char* kPlain = "\x1b[0m";

struct Console {
  std::ostream& out;
  std::ostream& err;
  std::string program;  // path of the executable: shipped scenarios are found beside it
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool no_color = false;  // NO_COLOR is set
  bool color = false;     // what --color came to, for `out`
};

// The one message that goes with exit code 2, which it returns.
int refuse(Console& console, const scenario::Problem& problem);
// A problem with an option or an argument instead of a file.
scenario::Problem argument_problem(std::string option, std::string message,
                                   std::string allowed = {}, std::string nearest = {});

}  // namespace eosim::tools
