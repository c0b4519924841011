#include "models/group/txn_offset_check.h"

#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// 2.5 to 2.8: each field is tested only if it is given.
Error check_given_fields(const Group& group, const Committer& who) {
  const Member* mapped = group.find_instance(who.instance_id);
  if (mapped != nullptr && mapped->id != who.member_id) return Error::kFencedInstanceId;
  if (who.member_id.valid() && group.find_member(who.member_id) == nullptr) {
    return Error::kUnknownMemberId;
  }
  if (who.generation.value >= 0 && who.generation != group.generation()) {
    return Error::kIllegalGeneration;
  }
  return Error::kNone;
}

// Since 3.0: one field given, all are tested.
Error check_as_a_whole(const Group& group, const Committer& who) {
  const bool anonymous =
      who.generation.value < 0 && !who.member_id.valid() && !who.instance_id.valid();
  if (anonymous) return Error::kNone;
  const Error unknown =
      group.check_member(who.member_id, who.instance_id, UnknownInstance::kRefused);
  if (unknown != Error::kNone) return unknown;
  return who.generation == group.generation() ? Error::kNone : Error::kIllegalGeneration;
}

TxnOffsetCheckStyle style_of(const Switches& switches) {
  return switches.as<TxnOffsetCheckStyle>(Switch::kTxnOffsetCheckStyle);
}

}  // namespace

bool empty_group_takes_any_member(const Switches& switches) {
  return style_of(switches) != TxnOffsetCheckStyle::kV30;
}

Error check_txn_offset_commit(const Group& group, const Committer& committer,
                              const Switches& switches) {
  if (group.is(GroupState::kDead)) return Error::kCoordinatorNotAvailable;
  if (!switches.on(Switch::kTxnOffsetMembershipCheck)) return Error::kNone;
  switch (style_of(switches)) {
    case TxnOffsetCheckStyle::kV25:
      return check_given_fields(group, committer);
    case TxnOffsetCheckStyle::kV30:
      return check_as_a_whole(group, committer);
    case TxnOffsetCheckStyle::kV33:
      if (committer.generation.value < 0 && group.is(GroupState::kEmpty)) return Error::kNone;
      return check_as_a_whole(group, committer);
  }
  EOSIM_ASSERT(false && "a value of txn_offset_check_style");
  return Error::kNone;
}

}  // namespace eosim::kafka
