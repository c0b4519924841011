// Assignors of a group (Kafka's ConsumerPartitionAssignor and its GroupSubscription, Subscription,
// Assignment) as plain functions over plain values: the leader deals the partitions out, and every
// member tells the next leader, through its subscription, what it must know of it
// (groups-streams-replication.md 1.11, 3.3; KIP-54, KIP-429, KIP-792).
//
// Kafka's object with state becomes three functions and an AssignorMemory. The application's own
// assignor (Streams) answers the same three questions itself, as steps of its poll (consumer.h).
#pragma once

#include <string_view>

#include "models/protocol/messages.h"
#include "models/protocol/names.h"
#include "models/protocol/switches.h"

namespace eosim::kafka {

enum class Assignor : uint8_t {
  kRange,
  kRoundRobin,
  kSticky,
  kCooperativeSticky,
  kApplication,  // the application's thread is asked
};

enum class RebalanceProtocol : uint8_t {
  kEager,        // everything is given up before the join
  kCooperative,  // only what the assignment takes away, after it; then another join (KIP-429)
};

// Of a topic that somebody subscribes to, as the leader's metadata has it.
struct TopicSize {
  TopicId topic;
  int32_t partitions = 0;  // 0: unknown to the leader, gives nothing
};

// What the leader learns from its JoinGroup.
struct GroupSubscription {
  using Member = JoinGroupResponse::Member;
  List<Member> members;    // by the text of their ids
  List<TopicSize> topics;  // by name
};

// What a member is given.
struct Assignment {
  List<TopicPartition> partitions;
  UserData user_data;
  friend bool operator==(const Assignment&, const Assignment&) = default;
};

// What a sticky assignor of one member keeps between two rebalances.
struct AssignorMemory {
  bool assigned = false;  // it was the group's choice at least once
  Assignment assignment;
  Generation generation;
};

// The name under which it stands in JoinGroup; not of kApplication.
std::string_view assignor_name(Assignor assignor);
// The best that one assignor supports, but for kApplication, and that all of a list support.
RebalanceProtocol supported_protocol(Assignor assignor);

// subscriptionUserData().
UserData subscription_user_data(Assignor assignor, StickyClaims claims,
                                const AssignorMemory& memory);
// onAssignment().
void on_assignment(AssignorMemory& memory, const Assignment& assignment, Generation generation);
// assign(): one entry a member, in the order of `group.members`.
List<MemberAssignment> assign(Assignor assignor, StickyClaims claims, const Names& names,
                              const GroupSubscription& group);

// What the leader makes of its JoinGroup response: members by text, the topics of all of them.
GroupSubscription group_subscription(const Names& names, List<GroupSubscription::Member> members);

// ConsumerCoordinator.validateCooperativeAssignment: nothing that one member has goes to another at
// once.
bool hands_over_at_once(const GroupSubscription& group, const List<MemberAssignment>& assignments);

}  // namespace eosim::kafka
