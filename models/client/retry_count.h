// Counting requests that are sent again: the metric retries.<Rpc>. Not a fact: it decides nothing.
#pragma once

#include "models/protocol/shared.h"
#include "sim/context.h"

namespace eosim::kafka {

inline void count_retry(sim::Context& context, Rpc rpc) {
  ++kafka_shared(context).counters.retries[static_cast<size_t>(rpc)];
}

}  // namespace eosim::kafka
