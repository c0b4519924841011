#include "catch.h"
#include "models/client/range_assignor.h"

namespace eosim::kafka {
namespace {

constexpr TopicId kInput{0};
constexpr TopicId kOther{1};

struct Given {
  std::string member;
  std::string instance;  // "": dynamic
  List<TopicId> topics;
};

struct Assigned {
  std::string member;
  List<int32_t> input;
  List<int32_t> other;
  friend bool operator==(const Assigned&, const Assigned&) = default;
};

List<Assigned> assign(const List<Given>& members, int32_t input, int32_t other) {
  Names names;
  List<JoinGroupResponse::Member> joined;
  for (const Given& given : members) {
    JoinGroupResponse::Member member;
    member.member_id = names.intern(given.member);
    if (!given.instance.empty()) member.instance_id = names.intern(given.instance);
    member.subscription.topics = given.topics;
    joined.push_back(member);
  }
  List<Assigned> result;
  for (const auto& assignment : range_assign(names, joined, {{kInput, input}, {kOther, other}})) {
    Assigned got{std::string(names.text(assignment.member_id)), {}, {}};
    for (const TopicPartition p : assignment.partitions) {
      (p.topic == kInput ? got.input : got.other).push_back(p.partition);
    }
    result.push_back(got);
  }
  return result;
}

TEST_CASE("range gives contiguous runs and the first members one more") {
  CHECK(assign({{"a", "", {kInput}}, {"b", "", {kInput}}, {"c", "", {kInput}}}, 8, 4) ==
        List<Assigned>{{"a", {0, 1, 2}, {}}, {"b", {3, 4, 5}, {}}, {"c", {6, 7}, {}}});
}

TEST_CASE("range orders members by the text of their ids, whatever the order of joining") {
  CHECK(assign({{"c", "", {kInput}}, {"a", "", {kInput}}, {"b", "", {kInput}}}, 4, 0) ==
        List<Assigned>{{"c", {3}, {}}, {"a", {0, 1}, {}}, {"b", {2}, {}}});
}

TEST_CASE("range deals each topic by itself, so that the first members get the odd ones twice") {
  CHECK(assign({{"a", "", {kInput, kOther}}, {"b", "", {kInput, kOther}}}, 3, 3) ==
        List<Assigned>{{"a", {0, 1}, {0, 1}}, {"b", {2}, {2}}});
}

TEST_CASE("range gives a topic only to those who subscribe to it") {
  CHECK(assign({{"a", "", {kInput}}, {"b", "", {kInput, kOther}}}, 2, 2) ==
        List<Assigned>{{"a", {0}, {}}, {"b", {1}, {0, 1}}});
}

TEST_CASE("range leaves members without partitions when there are too few") {
  CHECK(assign({{"a", "", {kInput}}, {"b", "", {kInput}}}, 1, 0) ==
        List<Assigned>{{"a", {0}, {}}, {"b", {}, {}}});
}

TEST_CASE("range puts static members first, by the text of their instance ids") {
  CHECK(assign({{"a", "", {kInput}}, {"z", "i1", {kInput}}, {"b", "i2", {kInput}}}, 3, 0) ==
        List<Assigned>{{"a", {2}, {}}, {"z", {0}, {}}, {"b", {1}, {}}});
}

TEST_CASE("range gives nothing of a topic that the leader does not know") {
  CHECK(assign({{"a", "", {kInput}}}, 0, 0) == List<Assigned>{{"a", {}, {}}});
}

}  // namespace
}  // namespace eosim::kafka
