// The sticky assignors as functions over plain values (partition_assignor.h). Kafka's own cases are
// those of AbstractStickyAssignorTest and CooperativeStickyAssignorTest.
#include <algorithm>
#include <map>
#include <set>

#include "catch.h"
#include "models/client/partition_assignor.h"
#include "models/client/sticky_assignor.h"

namespace eosim::kafka {
namespace {

constexpr TopicId kInput{0};
constexpr TopicId kOther{1};
constexpr StickyClaims kClaims[] = {StickyClaims::kHighestGeneration, StickyClaims::kCancelling,
                                    StickyClaims::kEachGeneration};

struct Given {
  std::string member;
  List<int32_t> owned;
  int32_t generation = -1;
  List<TopicId> topics{kInput};
};

using Dealt = std::map<std::string, List<int32_t>>;

List<TopicPartition> input(const List<int32_t>& numbers) {
  List<TopicPartition> partitions;
  for (const int32_t number : numbers) partitions.push_back({kInput, number});
  return partitions;
}

// What members say as their release lets them: eager ones in their user data, cooperative ones as
// owned partitions with the generation in the user data or in the subscription.
Subscription said(Assignor assignor, StickyClaims claims, const Given& given) {
  Subscription subscription;
  subscription.topics = given.topics;
  AssignorMemory memory;
  if (given.generation >= 0 || !given.owned.empty()) {
    on_assignment(memory, {input(given.owned), {}}, Generation{given.generation});
  }
  subscription.user_data = subscription_user_data(assignor, claims, memory);
  if (assignor == Assignor::kCooperativeSticky) subscription.owned = input(given.owned);
  if (claims == StickyClaims::kEachGeneration) subscription.generation = {given.generation};
  return subscription;
}

Dealt deal(Assignor assignor, StickyClaims claims, const List<Given>& members, int32_t partitions,
           int32_t others = 0) {
  Names names;
  List<GroupSubscription::Member> joined;
  for (const Given& given : members) {
    joined.push_back({names.intern(given.member), {}, said(assignor, claims, given)});
  }
  GroupSubscription group = group_subscription(names, std::move(joined));
  for (TopicSize& size : group.topics) size.partitions = size.topic == kInput ? partitions : others;
  Dealt dealt;
  for (const auto& assignment : assign(assignor, claims, names, group)) {
    auto& mine = dealt[std::string(names.text(assignment.member_id))];
    for (const TopicPartition p : assignment.partitions) {
      mine.push_back(p.topic == kInput ? p.partition : 100 + p.partition);
    }
    std::sort(mine.begin(), mine.end());
  }
  return dealt;
}

Dealt sticky(StickyClaims claims, const List<Given>& members, int32_t partitions) {
  return deal(Assignor::kSticky, claims, members, partitions);
}
Dealt cooperative(StickyClaims claims, const List<Given>& members, int32_t partitions) {
  return deal(Assignor::kCooperativeSticky, claims, members, partitions);
}

TEST_CASE("round robin deals all partitions out in turn") {
  const StickyClaims claims = StickyClaims::kEachGeneration;
  CHECK(deal(Assignor::kRoundRobin, claims, {{"b", {}}, {"a", {}}}, 3) ==
        Dealt{{"a", {0, 2}}, {"b", {1}}});
  // Past whoever does not subscribe.
  CHECK(deal(Assignor::kRoundRobin, claims,
             {{"a", {}, -1, {kInput}}, {"b", {}, -1, {kInput, kOther}}}, 3,
             2) == Dealt{{"a", {0, 2}}, {"b", {1, 100, 101}}});
}

TEST_CASE("a new group is dealt out evenly") {
  for (const StickyClaims claims : kClaims) {
    CHECK(sticky(claims, {{"a", {}}, {"b", {}}, {"c", {}}}, 7) ==
          Dealt{{"a", {0, 3, 6}}, {"b", {1, 4}}, {"c", {2, 5}}});
    CHECK(cooperative(claims, {{"a", {}}, {"b", {}}}, 1) == Dealt{{"a", {0}}, {"b", {}}});
  }
}

TEST_CASE("everybody keeps what it had when one leaves") {
  for (const StickyClaims claims : kClaims) {
    const Dealt dealt = sticky(claims, {{"a", {0, 3, 6}, 4}, {"c", {2, 5}, 4}}, 7);
    CHECK(dealt == Dealt{{"a", {0, 3, 4, 6}}, {"c", {1, 2, 5}}});
  }
}

TEST_CASE("the eager assignor hands over at once what the cooperative one leaves out first") {
  for (const StickyClaims claims : kClaims) {
    const List<Given> joined{{"a", {0, 1}, 4}, {"b", {2, 3}, 4}, {"c", {}}};
    CHECK(sticky(claims, joined, 4) == Dealt{{"a", {0, 1}}, {"b", {2}}, {"c", {3}}});
    CHECK(cooperative(claims, joined, 4) == Dealt{{"a", {0, 1}}, {"b", {2}}, {"c", {}}});
    // The next generation gives it to the new member.
    CHECK(cooperative(claims, {{"a", {0, 1}, 5}, {"b", {2}, 5}, {"c", {}, 5}}, 4) ==
          Dealt{{"a", {0, 1}}, {"b", {2}}, {"c", {3}}});
  }
}

TEST_CASE("a claim of an older generation yields") {
  const List<Given> members{{"a", {0, 1}, 3}, {"b", {1, 2}, 4}};
  CHECK(cooperative(StickyClaims::kEachGeneration, members, 4) ==
        Dealt{{"a", {0, 3}}, {"b", {1, 2}}});
  // Before KIP-792 a member of an older generation kept nothing.
  CHECK(cooperative(StickyClaims::kCancelling, members, 4) == Dealt{{"a", {0, 3}}, {"b", {1, 2}}});
  CHECK(cooperative(StickyClaims::kCancelling, {{"a", {3}, 3}, {"b", {0}, 4}}, 4) ==
        Dealt{{"a", {1, 3}}, {"b", {0, 2}}});
  CHECK(sticky(StickyClaims::kHighestGeneration, members, 4) ==
        Dealt{{"a", {0, 3}}, {"b", {1, 2}}});
}

TEST_CASE("two claims of one generation cancel, and before 2.8.1 both were believed") {
  const List<Given> members{{"a", {0, 1}, 4}, {"b", {1, 2}, 4}};
  for (const StickyClaims claims : {StickyClaims::kCancelling, StickyClaims::kEachGeneration}) {
    // Nobody gets the partition in this generation; each has to give it up first.
    CHECK(cooperative(claims, members, 3) == Dealt{{"a", {0}}, {"b", {2}}});
  }
  CHECK(cooperative(StickyClaims::kHighestGeneration, members, 3) ==
        Dealt{{"a", {0, 1}}, {"b", {1, 2}}});
}

TEST_CASE("members with other subscriptions get only what they may have, and evenly") {
  for (const Assignor assignor : {Assignor::kSticky, Assignor::kCooperativeSticky}) {
    const Dealt dealt = deal(assignor, StickyClaims::kEachGeneration,
                             {{"a", {}, -1, {kInput, kOther}}, {"b", {}, -1, {kInput}}}, 4, 2);
    CHECK(dealt.at("a").size() == 3);
    CHECK(dealt.at("b").size() == 3);
    for (const int32_t partition : dealt.at("b")) CHECK(partition < 100);
  }
}

// Every small history: members come and go, and each assignment is fed back as what they have.
TEST_CASE("generations of cooperative sticky converge, move little and never hand over at once") {
  for (int32_t partitions = 0; partitions <= 7; ++partitions) {
    for (int from = 1; from <= 4; ++from) {
      for (int to = 1; to <= 4; ++to) {
        for (const StickyClaims claims : kClaims) {
          std::map<std::string, List<int32_t>> has;
          for (int step = 0, generation = 0; step < 6; ++step, ++generation) {
            const int members = step < 3 ? from : to;
            List<Given> joined;
            std::set<int32_t> taken;
            for (int i = 0; i < members; ++i) {
              const std::string name(1, static_cast<char>('a' + i));
              joined.push_back({name, has[name], generation});
              taken.insert(has[name].begin(), has[name].end());
            }
            const Dealt dealt = cooperative(claims, joined, partitions);
            std::set<int32_t> given;
            size_t least = 100;
            size_t most = 0;
            for (const auto& [name, mine] : dealt) {
              for (const int32_t p : mine) {
                CHECK(given.insert(p).second);
                const auto& had = has[name];
                const bool kept = std::find(had.begin(), had.end(), p) != had.end();
                CHECK((kept || taken.count(p) == 0));
              }
              least = std::min(least, mine.size());
              most = std::max(most, mine.size());
            }
            // The second generation after a change has everything dealt out.
            if (step == 2 || step == 5) {
              CHECK(given.size() == static_cast<size_t>(partitions));
              CHECK(most <= least + 1);
            }
            has = dealt;
          }
        }
      }
    }
  }
}

TEST_CASE("an assignment that hands a partition over at once is noticed") {
  Names names;
  GroupSubscription group;
  group.members.resize(2);
  group.members[0].member_id = names.intern("a");
  group.members[0].subscription.owned = input({0, 1});
  group.members[1].member_id = names.intern("b");
  const Name a = group.members[0].member_id;
  const Name b = group.members[1].member_id;
  CHECK(hands_over_at_once(group, {{a, input({0}), {}}, {b, input({1}), {}}}));
  CHECK_FALSE(hands_over_at_once(group, {{a, input({0}), {}}, {b, {}, {}}}));
  CHECK_FALSE(hands_over_at_once(group, {{a, input({0, 1}), {}}, {b, input({2}), {}}}));
}

}  // namespace
}  // namespace eosim::kafka
