#include "sim/assert.h"

#include <cstring>

namespace eosim::sim {

void invariant_broken(const char* condition, const char* file, int line) {
  const char* slash = std::strrchr(file, '/');
  throw InvariantBroken(std::string(slash ? slash + 1 : file) + ":" + std::to_string(line) +
                        ": invariant broken: " + condition);
}

}  // namespace eosim::sim
