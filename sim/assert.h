// EOSIM_ASSERT: what must hold, and what must not. On in every build: a simulator that goes on
// after a broken invariant reports violations that did not happen. The tool catches InvariantBroken
// at the edge of a run and ends with exit code 3.
#pragma once

#include <stdexcept>
#include <string>

namespace eosim::sim {

class InvariantBroken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// Cold: what leads here stays out of the way of what runs.
[[noreturn, gnu::cold]] void invariant_broken(const char* condition, const char* file, int line);

}  // namespace eosim::sim

#define EOSIM_ASSERT(condition)       \
  ((condition) ? static_cast<void>(0) \
               : ::eosim::sim::invariant_broken(#condition, __FILE__, __LINE__))
