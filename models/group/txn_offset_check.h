// Whether the group lets a TxnOffsetCommit in (groups-streams-replication.md 2.3, KIP-447). A pure
// function: state of the group, what the sender says of itself, the broker's generation of rules.
#pragma once

#include "models/group/group.h"
#include "models/protocol/switches.h"

namespace eosim::kafka {

// Membership of the sender; all unset before version 3 of the request.
struct Committer {
  Generation generation;
  Name member_id;
  Name instance_id;
};

// 3.0 to 3.2 tested a member's fields in an Empty group too; TxnOffsetCommit and OffsetCommit.
bool empty_group_takes_any_member(const Switches& switches);

Error check_txn_offset_commit(const Group& group, const Committer& committer,
                              const Switches& switches);

}  // namespace eosim::kafka
