#include "tools/console.h"

#include <utility>

namespace eosim::tools {

int refuse(Console& console, const scenario::Problem& problem) {
  console.err << problem.text() << '\n';
  return kExitWrongInput;
}

scenario::Problem argument_problem(std::string option, std::string message, std::string allowed,
                                   std::string nearest) {
  return {std::move(option), 0, 0, "", std::move(message), std::move(allowed), std::move(nearest)};
}

}  // namespace eosim::tools
