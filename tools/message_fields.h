// The fields of a message that decide something, for sinks: who, which transaction or group, which
// partitions, and what became of it.
#pragma once

#include <vector>

#include "sim/ids.h"
#include "sim/shared.h"
#include "tools/trace_item.h"

namespace eosim::tools {

// Empty where `shared` is not that of a Kafka world. Good only while the body may be read.
std::vector<TraceField> message_fields(const sim::Shared& shared, sim::MessageKind kind,
                                       bool request, uint32_t body);

}  // namespace eosim::tools
