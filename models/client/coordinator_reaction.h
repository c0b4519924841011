// Carries out what group_error_reaction.h decides, for every request to the group coordinator.
#pragma once

#include "models/client/consumer_core.h"

namespace eosim::kafka {

// `sent`: what the request carried. Everything of the reaction but its `then` is done afterwards.
GroupReaction react_and_apply(sim::Context& context, ConsumerCore& core, GroupRequest request,
                              Error error, const Membership::Snapshot& sent, const Reply& reply);

}  // namespace eosim::kafka
