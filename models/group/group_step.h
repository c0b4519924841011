// What a rule may use beside its group during one step.
#pragma once

#include "models/group/group.h"
#include "models/group/group_appends.h"
#include "models/group/group_config.h"
#include "models/group/group_effects.h"
#include "models/protocol/effects.h"

namespace eosim::kafka {

struct GroupStep {
  const GroupCoordinatorConfig& config;
  const CoordinatorEnv& env;
  GroupAppends& appends;
  uint64_t& next_member_number;
  GroupEffects& effects;

  int64_t wall_ms() const { return env.clock.wall.ms(); }
  // Whether a request other than JoinGroup minds an instance id that the group does not know (1.3).
  UnknownInstance unknown_instance() const {
    return config.switches.on(Switch::kUnknownInstanceCheck) ? UnknownInstance::kRefused
                                                             : UnknownInstance::kPasses;
  }
  void transition(Group& group, GroupState to) const { group.transition(to, wall_ms(), effects); }
  sim::SteadyTime now() const { return env.clock.steady; }
  sim::SteadyTime after_ms(int32_t ms) const { return now() + sim::milliseconds(ms); }
  void emit(Event event, std::initializer_list<int64_t> values) const {
    kafka::emit(effects, event, values);
  }
};

// Ask for an append of these records to the group's partition; `store` waits for the result.
void append_group_record(GroupStep& step, const Group& group, GroupRecord record, GroupStore store);
void append_tombstones(GroupStep& step, const Group& group, List<OffsetRecord> tombstones);
void append_offset_records(GroupStep& step, const Group& group, List<OffsetRecord> records,
                           Ghost<TransactionInstance> instance, OffsetStore store);

}  // namespace eosim::kafka
