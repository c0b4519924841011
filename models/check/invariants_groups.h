// What the records and answers of a group coordinator must agree in (groups-streams-replication.md
// 8): G4, one generation of one coordinator has one set of members in all its records; G5, what a
// member is given stands in a group record of its generation, a committed one or one that its
// coordinator found in its log when it was elected; G6, the leader of a stable group is one of its
// members. Static members are told by their instance ids, as their member ids
// change in the middle of a generation. Under K11 and K12, and both can be switched off.
//
// As it happens, where the coordinator leads its log. Not checked: what a coordinator writes that
// is deposed, groups whose log was lost, and the answers to members of an older generation, who
// drop them. G1 is K12's own, G3 K11's; G7 and R11 are looked at in the brokers
// (ClusterView::coordinator_faults, K10). G2 and G6 for protocols are read in messages:
// MemberInvariants.
#pragma once

#include <vector>

#include "models/check/check_context.h"
#include "models/check/flat_map.h"

namespace eosim::check {

class GroupInvariants {
 public:
  static bool wants(Event fact) {
    return fact == Event::kLogAppended || fact == Event::kConsumerAssigned ||
           fact == Event::kGroupTransition || fact == Event::kGroupGeneration ||
           fact == Event::kGroupLoaded || fact == Event::kGroupMemberRemoved;
  }
  void on_fact(const CheckContext& context);

 private:
  struct Record {
    Generation generation;
    Offset position;
    TopicPartition log;
    sim::ProcessId by;
    int64_t term = 0;  // leader epoch
    kafka::List<kafka::GroupMemberRecord> members;
  };

  void on_append(const CheckContext& context);
  void on_record(const CheckContext& context, const kafka::GroupRecord& record, Record appended);
  void on_given(const CheckContext& context) const;
  void on_transition(const CheckContext& context) const;

  FlatMap<uint32_t, std::vector<Record>> records_;  // by group: the newest kKept
  FlatMap<uint32_t, Name> leaders_;                 // by group; unset: not known
};

// Of a rule about a group, its own or one about its members.
void report_of_group(const CheckContext& context, const Rule& rule, Name group,
                     const std::string& what);

}  // namespace eosim::check
