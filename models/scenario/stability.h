// What an operator looks at before the next restart: whether a group is stable with everybody in
// it, and whether every partition has all its replicas in sync.
#pragma once

#include <string>

#include "sim/world.h"

namespace eosim::scenario {

class ClusterShared;

// The group is Stable at its coordinator, and each thread of each instance that runs is in its
// generation and knows it. An application that reads nothing has no group and is always settled.
bool group_settled(const ClusterShared& shared, const sim::World& world, const std::string& app);
// Every broker serves and is not fenced, every coordinator has read its logs, and every partition
// has a leader and its whole ISR, by what the controller knows.
bool cluster_in_sync(const ClusterShared& shared, const sim::World& world);

}  // namespace eosim::scenario
