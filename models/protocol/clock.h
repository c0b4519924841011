// What a handler may know of time: the clocks of its host. Wall for what is stored, sent or
// compared with such; steady for durations.
#pragma once

#include "sim/time.h"

namespace eosim::kafka {

struct Clock {
  sim::WallTime wall;
  sim::SteadyTime steady;
};

}  // namespace eosim::kafka
