// The general case of AbstractStickyAssignor: members subscribe to different topics, so that not
// everybody may have everything. First what nobody has goes to whoever has least and may have it,
// then partitions move from fuller members to emptier ones until no single move helps; a result
// that is not more balanced than before is given up for what there was.
//
// Simplified: Kafka remembers its moves and sends a partition of the same topic back the way that
// another one came (PartitionMovements), which keeps a few more partitions where they were.
#pragma once

#include "models/client/sticky_claims.h"

namespace eosim::kafka {

List<List<TopicPartition>> general_assign(const GroupSubscription& group,
                                          const ClaimedPartitions& claimed);

}  // namespace eosim::kafka
