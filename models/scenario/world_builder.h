// From a scenario to a world at time 0: brokers and controller up, topics there, sources, auditors
// and applications about to start, faults and chaos laid out (cli-and-scenarios.md 2).
#pragma once

#include <cstdint>
#include <vector>

#include "models/protocol/features.h"
#include "models/protocol/switches.h"
#include "models/scenario/scenario.h"
#include "sim/choices.h"
#include "sim/world.h"

namespace eosim::scenario {

struct WorldOptions {
  uint64_t seed = 1;
  std::vector<sim::Override> overrides;
};

sim::World build_world(const Scenario& scenario, const WorldOptions& options);

// The protocol switches of one of a scenario's brokers, at the start or as a rolling bounce leaves
// them, or of one of its applications.
kafka::Switches broker_switches(const Scenario& scenario, int broker);
kafka::Switches broker_switches(const Scenario& scenario, const Brokers& brokers, int broker);
// What the release of that broker could have finalised.
kafka::FinalisedFeatures supported_features(const Scenario& scenario, const Brokers& brokers,
                                            int broker);
kafka::Switches app_switches(const Scenario& scenario, const App& app);

}  // namespace eosim::scenario
