#include <algorithm>
#include <map>
#include <set>

#include "models/app/streams/assignment_info.h"
#include "models/app/streams/topology_rules.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

// A member while tasks are dealt out. In the order of the members' ids, which is a total order.
struct Taker {
  int64_t process = 0;
  std::set<TopicPartition> owned;
  std::set<TaskId> ran;  // its active tasks
  std::set<TaskId> state;
  List<TaskId> active;
  List<TaskId> standby;
};

std::vector<Taker> takers_of(const GroupSubscription& group) {
  std::vector<Taker> takers;
  for (const auto& member : group.members) {
    Taker& taker = takers.emplace_back();
    const SubscriptionInfo info = decode_subscription(member.subscription.user_data);
    taker.process = info.process;
    const auto& owned = member.subscription.owned;
    taker.owned.insert(owned.begin(), owned.end());
    for (const HeldTask& held : info.tasks) {
      (held.how == kRunningHere ? taker.ran : taker.state).insert(held.task);
    }
  }
  return takers;
}

bool owns_all(const Taker& taker, const List<TopicPartition>& inputs) {
  return !inputs.empty() && std::all_of(inputs.begin(), inputs.end(), [&](TopicPartition input) {
    return taker.owned.count(input) != 0;
  });
}

bool has_state(const std::vector<Taker>& takers, int64_t process, TaskId task) {
  return std::any_of(takers.begin(), takers.end(), [&](const Taker& taker) {
    return taker.process == process && (taker.state.count(task) + taker.ran.count(task)) != 0;
  });
}

// The least loaded of those that `fits` allows; ties by process, then by member.
template <class Load, class Fits>
Taker* least_loaded(std::vector<Taker>& takers, Load load, Fits fits) {
  Taker* best = nullptr;
  for (Taker& taker : takers) {
    if (!fits(taker)) continue;
    const bool better = best == nullptr || load(taker) < load(*best) ||
                        (load(taker) == load(*best) && taker.process < best->process);
    if (better) best = &taker;
  }
  return best;
}

void deal_active(const Topology& topology, std::vector<Taker>& takers) {
  const List<TaskId> tasks = all_tasks(topology);
  const size_t share = (tasks.size() + takers.size() - 1) / takers.size();
  const auto load = [](const Taker& taker) { return taker.active.size(); };
  List<TaskId> rest;
  for (const TaskId task : tasks) {
    const List<TopicPartition> inputs = inputs_of(topology, task);
    Taker* before = least_loaded(takers, load, [&](const Taker& taker) {
      return taker.active.size() < share && (owns_all(taker, inputs) || taker.ran.count(task) != 0);
    });
    if (before != nullptr) {
      before->active.push_back(task);
    } else {
      rest.push_back(task);
    }
  }
  for (const TaskId task : rest) {
    Taker* with_state = least_loaded(takers, load, [&](const Taker& taker) {
      return taker.active.size() < share && stateful(topology, task) &&
             has_state(takers, taker.process, task);
    });
    Taker* taker = with_state != nullptr
                       ? with_state
                       : least_loaded(takers, load, [](const Taker&) { return true; });
    taker->active.push_back(task);
  }
}

// A copy of each store in other processes than that of its task; first where its state is.
void deal_standby(const Topology& topology, std::vector<Taker>& takers, int32_t replicas) {
  const auto load = [](const Taker& taker) { return taker.active.size() + taker.standby.size(); };
  for (const TaskId task : all_tasks(topology)) {
    if (!stateful(topology, task)) continue;
    std::set<int64_t> taken;
    for (const Taker& taker : takers) {
      const auto& active = taker.active;
      if (std::find(active.begin(), active.end(), task) != active.end())
        taken.insert(taker.process);
    }
    for (int32_t copy = 0; copy < replicas; ++copy) {
      const auto is_free = [&](const Taker& taker) { return taken.count(taker.process) == 0; };
      Taker* taker = least_loaded(takers, load, [&](const Taker& one) {
        return is_free(one) && has_state(takers, one.process, task);
      });
      if (taker == nullptr) taker = least_loaded(takers, load, is_free);
      if (taker == nullptr) break;  // no other process
      taker->standby.push_back(task);
      taken.insert(taker->process);
    }
  }
}

}  // namespace

List<MemberAssignment> assign_tasks(const Topology& topology, const GroupSubscription& group,
                                    int32_t standby_replicas) {
  std::vector<Taker> takers = takers_of(group);
  EOSIM_ASSERT(!takers.empty());
  deal_active(topology, takers);
  deal_standby(topology, takers, standby_replicas);
  // What somebody else still owns is withheld: he gives it up and joins again.
  std::map<TopicPartition, const Taker*> owners;
  for (const Taker& taker : takers) {
    for (const TopicPartition partition : taker.owned) owners[partition] = &taker;
  }
  List<MemberAssignment> assignments;
  for (size_t i = 0; i < takers.size(); ++i) {
    Taker& taker = takers[i];
    AssignmentInfo info;
    MemberAssignment& made = assignments.emplace_back();
    made.member_id = group.members[i].member_id;
    std::sort(taker.active.begin(), taker.active.end());
    std::sort(taker.standby.begin(), taker.standby.end());
    for (const TaskId task : taker.active) {
      const List<TopicPartition> inputs = inputs_of(topology, task);
      const bool withheld = std::any_of(inputs.begin(), inputs.end(), [&](TopicPartition input) {
        const auto owner = owners.find(input);
        return owner != owners.end() && owner->second != &taker;
      });
      if (withheld) continue;
      info.active.push_back(task);
      made.partitions.insert(made.partitions.end(), inputs.begin(), inputs.end());
    }
    info.standby = taker.standby;
    std::sort(made.partitions.begin(), made.partitions.end());
    made.user_data = encode(info);
  }
  return assignments;
}

}  // namespace eosim::kafka
