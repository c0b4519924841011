#include "models/client/sticky_claims.h"

#include <algorithm>
#include <map>

#include "models/client/range_assignor.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

bool exists(const GroupSubscription& group, TopicPartition partition) {
  const auto at =
      std::find_if(group.topics.begin(), group.topics.end(),
                   [&](const TopicSize& size) { return size.topic == partition.topic; });
  return at != group.topics.end() && partition.partition < at->partitions;
}

class Settling {
 public:
  Settling(const GroupSubscription& group, const List<MemberData>& members)
      : group_(group), members_(members) {
    result_.owned.resize(members.size());
  }

  // Only members of the highest generation count; those that tell none, as long as nobody does.
  void by_highest_generation(bool cancelling) {
    Generation highest;
    for (size_t i = 0; i < members_.size(); ++i) {
      const Generation generation = members_[i].generation;
      if (generation < highest) continue;
      if (generation > highest) {
        highest = generation;
        forget_all_before(i);
      }
      for (const TopicPartition partition : members_[i].partitions) {
        if (!wanted(i, partition)) continue;
        if (cancelling) {
          claim(i, partition);
        } else {
          result_.owned[i].push_back(partition);
        }
      }
    }
  }

  // KIP-792: claim against claim.
  void by_each_generation() {
    for (size_t i = 0; i < members_.size(); ++i) {
      for (const TopicPartition partition : members_[i].partitions) {
        if (!wanted(i, partition)) continue;
        const auto owner = owners_.find(partition);
        if (owner == owners_.end() ||
            members_[owner->second].generation == members_[i].generation) {
          claim(i, partition);
        } else if (members_[owner->second].generation < members_[i].generation) {
          take_from(owner->second, partition);
          owner->second = i;
          result_.owned[i].push_back(partition);
        }
      }
    }
  }

  ClaimedPartitions take() { return std::move(result_); }

 private:
  bool wanted(size_t member, TopicPartition partition) const {
    return exists(group_, partition) && subscribes(group_.members[member], partition.topic);
  }

  void claim(size_t member, TopicPartition partition) {
    const auto [owner, first] = owners_.try_emplace(partition, member);
    if (first) {
      result_.owned[member].push_back(partition);
      return;
    }
    take_from(owner->second, partition);
    owner->second = member;
    result_.doubly.insert(partition);
  }

  void take_from(size_t member, TopicPartition partition) {
    auto& owned = result_.owned[member];
    owned.erase(std::remove(owned.begin(), owned.end(), partition), owned.end());
  }

  void forget_all_before(size_t member) {
    for (size_t i = 0; i < member; ++i) result_.owned[i].clear();
    owners_.clear();
    result_.doubly.clear();
  }

  const GroupSubscription& group_;
  const List<MemberData>& members_;
  std::map<TopicPartition, size_t> owners_;  // whose claim was the last to count
  ClaimedPartitions result_;
};

}  // namespace

ClaimedPartitions settle_claims(StickyClaims claims, const GroupSubscription& group,
                                const List<MemberData>& members) {
  EOSIM_ASSERT(members.size() == group.members.size());
  Settling settling(group, members);
  if (claims == StickyClaims::kEachGeneration) {
    settling.by_each_generation();
  } else {
    settling.by_highest_generation(claims == StickyClaims::kCancelling);
  }
  return settling.take();
}

}  // namespace eosim::kafka
