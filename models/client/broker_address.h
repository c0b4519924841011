// Where a client finds a broker when it starts.
#pragma once

#include "models/protocol/types.h"
#include "sim/ids.h"

namespace eosim::kafka {

struct BrokerAddress {
  BrokerId id;
  sim::ProcessId process;
};

}  // namespace eosim::kafka
