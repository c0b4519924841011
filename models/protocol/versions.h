// Request versions: both sides state their range, the highest common one is used
// (transactions.md 2.1, 6.9; groups-streams-replication.md 0.3).
#pragma once

#include <optional>

#include "models/protocol/messages.h"
#include "models/protocol/switches.h"

namespace eosim::kafka {

const ApiVersionTable& api_versions(const Preset& preset);
// The same, raised to the versions that carry what single switches have turned on over the preset
// (KIP-447 and KIP-360 fields on "2.4"). Switching off lowers nothing: the field is there, unused.
ApiVersionTable versions_for(const Preset& preset, const Switches& switches);
// The highest version that both speak; none: the request cannot be sent.
std::optional<int16_t> highest_common(Rpc rpc, const ApiVersionTable& a, const ApiVersionTable& b);

}  // namespace eosim::kafka
