// What Streams' assignor tells itself through the group (SubscriptionInfo, AssignmentInfo), and how
// it deals tasks out (StreamsPartitionAssignor; groups-streams-replication.md 5.2). Pure functions.
//
// Every thread is a consumer of the assignor; threads of one process share its stores. Each active
// task stays with the thread that runs it while that has no more than its share; else it goes to
// the process that has its store, else to the least loaded. A task that another thread still owns
// is withheld until that thread has given it up and joined again (KIP-429). Kafka's
// HighAvailabilityTaskAssignor (2.6) lets a process catch up before it moves a task there (warm-up
// replicas, probing rebalances): that is left out, and a task moves at once.
#pragma once

#include "models/app/topology.h"
#include "models/client/partition_assignor.h"

namespace eosim::kafka {

// A number for the process id of an instance: it stands for the UUID.
constexpr int64_t process_number(uint32_t instance, uint32_t process_id) {
  return static_cast<int64_t>(instance) << 32 | process_id;
}

// How a member holds a task.
inline constexpr int64_t kRunningHere = -2;  // Task.LATEST_OFFSET: it is its active task
inline constexpr int64_t kStateHere = 0;     // its process has the store's directory

struct HeldTask {
  TaskId task;
  int64_t how = kStateHere;
  friend constexpr auto operator<=>(const HeldTask&, const HeldTask&) = default;
};

struct SubscriptionInfo {
  int64_t process = 0;
  int64_t joins = 0;  // a member that joins again says something new each time
  List<HeldTask> tasks;
};
UserData encode(const SubscriptionInfo& info);
SubscriptionInfo decode_subscription(const UserData& data);

struct AssignmentInfo {
  List<TaskId> active;   // sorted
  List<TaskId> standby;  // sorted
};
UserData encode(const AssignmentInfo& info);
AssignmentInfo decode_assignment(const UserData& data);

// One entry a member, in the order of `group.members`.
List<MemberAssignment> assign_tasks(const Topology& topology, const GroupSubscription& group,
                                    int32_t standby_replicas);

}  // namespace eosim::kafka
