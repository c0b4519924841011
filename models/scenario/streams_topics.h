// The topics that a Streams application makes for itself (groups-streams-replication.md 5.1), and
// what it computes with them.
#pragma once

#include <string>
#include <vector>

#include "models/app/topology.h"
#include "models/scenario/scenario.h"

namespace eosim::scenario {

// "app-counts-repartition", "app-counts-changelog"; "": the topology has none.
std::string repartition_topic(const App& app);
std::string changelog_topic(const App& app);
// How many partitions they have: as many as the widest input.
int internal_partitions(const Scenario& scenario, const App& app);
// Those of all applications that the file does not define itself.
std::vector<Topic> internal_topics(const Scenario& scenario);

// The sub-topologies of an application, by the names of their topics.
struct Stage {
  kafka::Processor processor = kafka::Processor::kMap;
  std::vector<std::string> sources;
  std::vector<std::string> sinks;
  std::string changelog;
  // What one record of a source becomes: the change of the store counts.
  int32_t effects_per_record = 1;
};
std::vector<Stage> stages(const App& app);

}  // namespace eosim::scenario
