#include "models/client/sticky_general.h"

#include <algorithm>
#include <map>

#include "models/client/range_assignor.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

using Dealt = List<List<TopicPartition>>;

// Sum of the differences between any two members: 0 is even.
size_t imbalance(const Dealt& dealt) {
  size_t sum = 0;
  for (size_t i = 0; i < dealt.size(); ++i) {
    for (size_t j = i + 1; j < dealt.size(); ++j) {
      const auto [less, more] = std::minmax(dealt[i].size(), dealt[j].size());
      sum += more - less;
    }
  }
  return sum;
}

class GeneralAssignment {
 public:
  GeneralAssignment(const GroupSubscription& group, const ClaimedPartitions& claimed)
      : group_(group), dealt_(claimed.owned) {
    for (size_t i = 0; i < dealt_.size(); ++i) {
      for (const TopicPartition partition : dealt_[i]) owner_[partition] = i;
    }
  }

  Dealt build() {
    bool begins = true;
    for (const auto& owned : dealt_) begins = begins && owned.empty();
    give_out_unassigned();
    Dealt before = dealt_;
    const bool moved = move_until_balanced();
    if (!begins && moved && imbalance(dealt_) >= imbalance(before)) return before;
    return std::move(dealt_);
  }

 private:
  // Of those that may have it, the one with least; ties: the first by the text of its id.
  size_t least_of(TopicPartition partition) const {
    size_t best = group_.members.size();
    for (size_t i = 0; i < group_.members.size(); ++i) {
      if (!subscribes(group_.members[i], partition.topic)) continue;
      if (best == group_.members.size() || dealt_[i].size() < dealt_[best].size()) best = i;
    }
    EOSIM_ASSERT(best < group_.members.size());
    return best;
  }

  void give_out_unassigned() {
    for (const TopicSize& topic : group_.topics) {
      for (int32_t p = 0; p < topic.partitions; ++p) {
        const TopicPartition partition{topic.topic, p};
        if (owner_.count(partition) != 0) continue;
        owner_[partition] = least_of(partition);
        dealt_[owner_[partition]].push_back(partition);
      }
    }
  }

  bool move_until_balanced() {
    bool moved = false;
    for (bool again = true; again;) {
      again = false;
      for (auto& [partition, owner] : owner_) {
        const size_t to = least_of(partition);
        if (dealt_[owner].size() <= dealt_[to].size() + 1) continue;
        auto& from = dealt_[owner];
        from.erase(std::remove(from.begin(), from.end(), partition), from.end());
        dealt_[to].push_back(partition);
        owner = to;
        again = moved = true;
      }
    }
    return moved;
  }

  const GroupSubscription& group_;
  Dealt dealt_;
  std::map<TopicPartition, size_t> owner_;
};

}  // namespace

List<List<TopicPartition>> general_assign(const GroupSubscription& group,
                                          const ClaimedPartitions& claimed) {
  return GeneralAssignment(group, claimed).build();
}

}  // namespace eosim::kafka
