// The program without its process: what main() calls, and tests.
#pragma once

#include <string>
#include <vector>

#include "tools/console.h"

namespace eosim::tools {

// `args` without the name of the program. Returns the exit code; throws nothing.
int main_with(const std::vector<std::string>& args, Console& console);
// With streams that are no terminals.
int main_with(const std::vector<std::string>& args, std::ostream& out, std::ostream& err);

}  // namespace eosim::tools
