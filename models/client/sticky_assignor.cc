#include "models/client/sticky_assignor.h"

#include <algorithm>
#include <deque>
#include <map>

#include "models/client/range_assignor.h"
#include "models/client/sticky_claims.h"
#include "models/client/sticky_general.h"
#include "sim/assert.h"

namespace eosim::kafka {
namespace {

MemberData from_user_data(const Subscription& subscription) {
  const UserData& data = subscription.user_data;
  if (data.empty()) return {};
  MemberData member;
  member.generation = {static_cast<int32_t>(data.front())};
  for (size_t i = 1; i < data.size(); ++i) {
    member.partitions.push_back(TopicPartition::unpacked(data[i]));
  }
  return member;
}

// An old leader looks at no generation, whoever tells one.
MemberData from_owned(const Subscription& subscription, StickyClaims claims) {
  if (claims == StickyClaims::kHighestGeneration) return {subscription.owned, {}};
  MemberData member{subscription.owned, subscription.generation};
  if (!member.generation.valid() && !subscription.user_data.empty()) {
    member.generation = {static_cast<int32_t>(subscription.user_data.front())};
  }
  return member;
}

bool all_subscriptions_equal(const GroupSubscription& group) {
  return std::all_of(group.members.begin(), group.members.end(), [&](const auto& member) {
    return member.subscription.topics == group.members.front().subscription.topics;
  });
}

// ConstrainedAssignmentBuilder: everybody may have everything, so that each member gets the
// quotient, or one more; what it has it keeps up to that.
class ConstrainedAssignment {
 public:
  ConstrainedAssignment(const GroupSubscription& group, const ClaimedPartitions& claimed)
      : claimed_(claimed), assigned_(group.members.size()) {
    for (const TopicSize& topic : group.topics) {
      for (int32_t p = 0; p < topic.partitions; ++p) unassigned_.insert({topic.topic, p});
    }
    const size_t members = group.members.size();
    min_quota_ = unassigned_.size() / members;
    over_min_expected_ = unassigned_.size() % members;
    max_quota_ = min_quota_ + (over_min_expected_ != 0 ? 1 : 0);
  }

  List<List<TopicPartition>> build() {
    for (size_t i = 0; i < assigned_.size(); ++i) keep_owned(i);
    const std::set<TopicPartition> rest = unassigned_;
    std::deque<size_t> round;
    for (const TopicPartition partition : rest) {
      if (round.empty()) round = under_min_.empty() ? at_min_ : under_min_;
      if (round.empty()) {
        // Only if two members keep the same partition (before 2.8.1).
        round.push_back(smallest());
      }
      const size_t member = round.front();
      round.pop_front();
      give(member, partition);
    }
    return std::move(assigned_);
  }

 private:
  void keep_owned(size_t member) {
    List<TopicPartition> owned = claimed_.owned[member];
    std::sort(owned.begin(), owned.end(), [](TopicPartition a, TopicPartition b) {
      return std::pair(a.partition, a.topic) < std::pair(b.partition, b.topic);
    });
    size_t keep = owned.size();
    if (owned.size() < min_quota_) {
      under_min_.push_back(member);
    } else if (owned.size() >= max_quota_ && over_min_ < over_min_expected_) {
      keep = max_quota_;
      ++over_min_;
    } else {
      keep = min_quota_;
      if (over_min_ < over_min_expected_) at_min_.push_back(member);
    }
    owned.resize(keep);
    for (const TopicPartition partition : owned) unassigned_.erase(partition);
    assigned_[member] = std::move(owned);
    if (over_min_ == over_min_expected_) at_min_.clear();
  }

  void give(size_t member, TopicPartition partition) {
    assigned_[member].push_back(partition);
    const size_t count = assigned_[member].size();
    if (count == min_quota_) {
      drop(under_min_, member);
      at_min_.push_back(member);
    } else if (count == min_quota_ + 1 && count == max_quota_) {
      drop(at_min_, member);
      ++over_min_;
    }
  }

  size_t smallest() const {
    const auto least =
        std::min_element(assigned_.begin(), assigned_.end(),
                         [](const auto& a, const auto& b) { return a.size() < b.size(); });
    return static_cast<size_t>(least - assigned_.begin());
  }

  static void drop(std::deque<size_t>& members, size_t member) {
    members.erase(std::remove(members.begin(), members.end(), member), members.end());
  }

  const ClaimedPartitions& claimed_;
  List<List<TopicPartition>> assigned_;
  std::set<TopicPartition> unassigned_;
  size_t min_quota_ = 0;
  size_t max_quota_ = 0;
  size_t over_min_expected_ = 0;  // members that get one more
  size_t over_min_ = 0;           // and have it
  std::deque<size_t> under_min_;
  std::deque<size_t> at_min_;
};

List<List<TopicPartition>> balance(const GroupSubscription& group,
                                   const ClaimedPartitions& claimed) {
  if (group.members.empty()) return {};
  if (all_subscriptions_equal(group)) return ConstrainedAssignment(group, claimed).build();
  return general_assign(group, claimed);
}

List<MemberAssignment> named(const GroupSubscription& group, List<List<TopicPartition>> dealt) {
  List<MemberAssignment> result = empty_assignments(group.members);
  for (size_t i = 0; i < result.size(); ++i) result[i].partitions = std::move(dealt[i]);
  return result;
}

// CooperativeStickyAssignor.adjustAssignment: what somebody else still has is given to nobody.
void leave_out_transfers(const List<List<TopicPartition>>& before,
                         const std::set<TopicPartition>& doubly,
                         List<List<TopicPartition>>& dealt) {
  std::map<TopicPartition, std::set<size_t>> had;
  for (size_t i = 0; i < before.size(); ++i) {
    for (const TopicPartition partition : before[i]) had[partition].insert(i);
  }
  for (size_t i = 0; i < dealt.size(); ++i) {
    const auto transfers = [&](TopicPartition partition) {
      const auto owners = had.find(partition);
      const bool of_another = owners != had.end() && owners->second.count(i) == 0;
      return of_another || doubly.count(partition) != 0;
    };
    dealt[i].erase(std::remove_if(dealt[i].begin(), dealt[i].end(), transfers), dealt[i].end());
  }
}

}  // namespace

UserData sticky_user_data(const List<TopicPartition>& assigned, Generation generation) {
  UserData data{generation.value};
  for (const TopicPartition partition : assigned) data.push_back(partition.packed());
  return data;
}

List<MemberAssignment> sticky_assign(StickyClaims claims, const GroupSubscription& group) {
  List<MemberData> members;
  for (const auto& member : group.members) members.push_back(from_user_data(member.subscription));
  return named(group, balance(group, settle_claims(claims, group, members)));
}

List<MemberAssignment> cooperative_sticky_assign(StickyClaims claims,
                                                 const GroupSubscription& group) {
  List<MemberData> members;
  List<List<TopicPartition>> said;
  for (const auto& member : group.members) {
    members.push_back(from_owned(member.subscription, claims));
    said.push_back(members.back().partitions);
  }
  const ClaimedPartitions claimed = settle_claims(claims, group, members);
  List<List<TopicPartition>> dealt = balance(group, claimed);
  // computePartitionsTransferringOwnership looks at every claim, the constrained case at those that
  // count: a claim of an older generation delays nobody there.
  leave_out_transfers(all_subscriptions_equal(group) ? claimed.owned : said, claimed.doubly, dealt);
  return named(group, std::move(dealt));
}

}  // namespace eosim::kafka
