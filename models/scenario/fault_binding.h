// From the words of a scenario's faults and chaos to what the kernel applies.
#pragma once

#include <vector>

#include "models/scenario/scenario.h"
#include "sim/choices.h"
#include "sim/fault.h"

namespace eosim::scenario {

// `any:broker` and `any:app` are drawn here, one stream a fault.
sim::FaultSpec bind_fault(const Scenario& scenario, size_t index, sim::Choices& choices);
std::vector<sim::FaultSpec> draw_faults(const Scenario& scenario, sim::Choices& choices);

}  // namespace eosim::scenario
