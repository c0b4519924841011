// What the ledger knows of one group: generations, members, assignments, offsets.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/check/facts.h"
#include "models/check/flat_map.h"
#include "sim/ids.h"

namespace eosim::check {

struct OffsetTruth {
  Offset offset;
  Offset position;  // of its record in the offsets log
  int64_t at_ns = 0;
  // Shown before its log had decided it, as a load shows what it reads above the high watermark.
  bool early = false;
};

struct PendingOffsetTruth {
  ProducerId producer;
  TopicPartition partition;
  Offset offset;
  // Who asked for it; unset: nobody said, or a reload.
  Generation generation;
  Name member;
};

// A record of the group itself in the offsets log.
struct GroupRecordTruth {
  TopicPartition log;
  Offset position;
  std::vector<Name> members;
};

// An application asked for this offset to be committed, then.
struct AskedOffset {
  TopicPartition partition;
  Offset offset;
  int64_t at_ns = 0;
};

struct GroupTruth {
  int state = kNoState;
  bool state_known = false;    // false: its coordinator has died since
  sim::ProcessId coordinator;  // who said so, and in which life
  uint32_t incarnation = 0;
  Generation generation;
  bool members_known = true;  // false: loaded from a record that is not known
  std::vector<Name> members;  // as they joined, or as the record that was loaded says
  // The newest settled ones.
  std::vector<GroupRecordTruth> records;
  struct Assigned {
    TopicPartition partition;
    Name member;
  };
  Generation assigned_generation;  // of `assigned`
  std::vector<Assigned> assigned;
  FlatMap<TopicPartition, OffsetTruth> committed;  // as the coordinator shows them
  FlatMap<TopicPartition, OffsetTruth> by_log;     // as the records of the offsets log say
  std::vector<PendingOffsetTruth> pending;
  std::vector<AskedOffset> asked;  // the newest kAskedMax
  uint64_t generations = 0;
  bool offsets_void = false;  // some were lost for a reason that no protocol helps against

  static constexpr size_t kAskedMax = 512;

  bool has_member(Name member) const {
    return std::find(members.begin(), members.end(), member) != members.end();
  }
  // Whether the group is stable and has given this partition to none of its members.
  bool leaves_out(TopicPartition partition) const {
    if (!state_known || state != static_cast<int>(GroupState::kStable)) return false;
    if (assigned.empty() || assigned_generation != generation) return false;
    return std::none_of(assigned.begin(), assigned.end(),
                        [partition](const Assigned& a) { return a.partition == partition; });
  }
};

}  // namespace eosim::check
