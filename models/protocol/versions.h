// Request versions: both sides state their range, the highest common one is used
// (transactions.md 2.1, 6.9; groups-streams-replication.md 0.3).
#pragma once

#include <optional>

#include "models/protocol/messages.h"
#include "models/protocol/switches.h"

namespace eosim::kafka {

// What a broker of a release serves and sends, or what a client of it sends: AddPartitionsToTxn has
// one form for clients (up to 3) and one for brokers. A request that the release does not have has
// an empty range (max < min).
ApiVersionTable api_versions(const Preset& preset, Side side = Side::kServer);
// The same, raised to the versions that carry what single switches have turned on over the preset
// (KIP-447 and KIP-360 fields on "2.4"). Switching off lowers nothing: the field is there, unused.
ApiVersionTable versions_for(const Preset& preset, const Switches& switches,
                             Side side = Side::kServer);
// The highest version that both speak; none: the request cannot be sent.
std::optional<int16_t> highest_common(Rpc rpc, const ApiVersionTable& a, const ApiVersionTable& b);

}  // namespace eosim::kafka
