// eosim list coverage: the book as matrices, request by request, and as JSON.
#pragma once

#include "tools/arguments.h"
#include "tools/console.h"

namespace eosim::tools {

int list_coverage(const Arguments& arguments, Console& console);

}  // namespace eosim::tools
