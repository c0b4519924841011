// From a tree whose structure is right to a Scenario. Never fails: that was checked before.
#pragma once

#include "models/scenario/document.h"
#include "models/scenario/scenario.h"

namespace eosim::scenario {

Scenario bind_scenario(const Value& root);

}  // namespace eosim::scenario
