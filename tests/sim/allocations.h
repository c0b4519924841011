// Counts what the whole test program allocates with operator new, for tests that hold the kernel to
// allocating nothing in its steady state.
#pragma once

#include <cstdint>

namespace eosim::sim {

// How often operator new has been called so far.
uint64_t allocation_count();

}  // namespace eosim::sim
