// What brokers in the worlds of tests reached: their shared area adds it here when it is given up.
#pragma once

#include "coverage_dump.h"
#include "models/group/coverage.h"
#include "models/log/coverage.h"
#include "models/transaction/coverage.h"

namespace eosim::kafka::testing {

inline CoverageDump broker_coverage{&transaction_coverage(), &group_coverage(), &leader_coverage()};

}  // namespace eosim::kafka::testing
