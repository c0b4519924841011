// What members claim and offer when they join (groups-streams-replication.md 8, G2 and G6).
#include "catch.h"
#include "run_builder.h"

namespace eosim::check {
namespace {

using kafka::JoinGroupRequest;
using kafka::JoinGroupResponse;

struct Joining {
  std::string member;
  std::vector<TopicPartition> owned;
  int32_t since = -1;  // as the claim says
  std::vector<std::string> protocols = {"cooperative-sticky"};
};

kafka::Subscription said_by(const Joining& who) {
  kafka::Subscription said;
  said.topics = {kIn.topic};
  said.owned.assign(who.owned.begin(), who.owned.end());
  said.generation = Generation{who.since};
  return said;
}

// `others`: what a leader is told of the rest of the group.
void joins(RunBuilder& run, int32_t generation, const Joining& who,
           const std::string& chosen = "cooperative-sticky",
           const std::vector<Joining>& others = {}) {
  JoinGroupRequest request;
  request.group = run.name("app");
  for (const std::string& protocol : who.protocols) {
    request.protocols.push_back({run.name(protocol), said_by(who)});
  }
  JoinGroupResponse response;
  response.generation = {generation};
  response.protocol = run.name(chosen);
  response.member_id = run.name(who.member);
  for (const Joining& other : others) {
    response.members.push_back({run.name(other.member), {}, said_by(other)});
  }
  run.asked(1, request).answers(1, response);
}

void gets(RunBuilder& run, int32_t generation, const std::string& member,
          TopicPartition partition) {
  run.fact(Event::kGroupAssigned,
           {run.name("app").id, generation, run.name(member).id, partition.packed()});
}

void completed(RunBuilder& run, int32_t generation, const std::string& member) {
  run.from("app-0").fact(Event::kConsumerGeneration,
                         {run.name("app").id, generation, run.name(member).id});
  run.from("broker-0");
}

TEST_CASE("G2: what a member owns is given to nobody else before it is revoked") {
  RunBuilder run;
  Kinds kinds;
  SECTION("it keeps it") {
    joins(run, 2, {"m1", {kIn, kIn1}, 1});
    joins(run, 2, {"m2", {}});
    gets(run, 2, "m1", kIn);
  }
  SECTION("nobody gets it") {
    joins(run, 2, {"m1", {kIn, kIn1}, 1});
    joins(run, 2, {"m2", {}});
    gets(run, 2, "m1", kIn1);
  }
  SECTION("somebody else gets it") {
    joins(run, 2, {"m1", {kIn, kIn1}, 1});
    joins(run, 2, {"m2", {}});
    gets(run, 2, "m2", kIn);
    kinds = {"double_ownership"};
    REQUIRE(run.kinds() == kinds);
    CHECK(run.violation().summary ==
          "group app: input-0 is given to m2 in generation 2, and m1 has it since 1");
  }
  SECTION("in the generation after that") {
    joins(run, 2, {"m1", {kIn, kIn1}, 1});
    joins(run, 3, {"m1", {kIn1}, 2});
    joins(run, 3, {"m2", {}});
    gets(run, 3, "m2", kIn);
  }
  SECTION("two have it alike") {
    joins(run, 2, {"m1", {kIn}, 1});
    joins(run, 2, {"m2", {kIn}, 1});
    gets(run, 2, "m2", kIn);
  }
  SECTION("its claim is older than another's") {
    joins(run, 3, {"m1", {kIn}, 1});
    joins(run, 3, {"m2", {kIn}, 2});
    gets(run, 3, "m2", kIn);
  }
  SECTION("a claim that has passed, of a partition that nobody else claims") {
    joins(run, 3, {"m1", {kIn}, 1});
    joins(run, 3, {"m2", {kIn1}, 2});
    gets(run, 3, "m2", kIn);
  }
  SECTION("it has left since it joined") {
    joins(run, 2, {"m1", {kIn}, 1});
    joins(run, 2, {"m2", {}});
    run.fact(Event::kGroupMemberRemoved,
             {run.name("app").id, run.name("m1").id, static_cast<int64_t>(RemovalReason::kLeft)});
    gets(run, 2, "m2", kIn);
  }
  SECTION("it was told of another generation") {
    joins(run, 2, {"m1", {kIn}, 1});
    gets(run, 3, "m2", kIn);
  }
  CHECK(run.kinds() == kinds);
}

TEST_CASE("G2: a claim that tells no generation is of the last one that its member completed") {
  RunBuilder run;
  completed(run, 1, "m1");
  joins(run, 2, {"m1", {kIn}});
  SECTION("the newest") {
    joins(run, 2, {"m2", {}});
    gets(run, 2, "m2", kIn);
    CHECK(run.kinds() == Kinds{"double_ownership"});
  }
  SECTION("nobody knows which") {
    joins(run, 2, {"m2", {kIn}});
    gets(run, 2, "m2", kIn);
    CHECK(run.kinds() == Kinds{});
  }
}

TEST_CASE("G2: the leader believes whom no answer reaches any more, too") {
  RunBuilder run;
  SECTION("a newer claim") {
    joins(run, 3, {"m1", {kIn}, 1}, "cooperative-sticky", {{"m2", {kIn}, 2}});
    gets(run, 3, "m2", kIn);
    CHECK(run.kinds() == Kinds{});
  }
  SECTION("the only claim") {
    joins(run, 3, {"m1", {}}, "cooperative-sticky", {{"m2", {kIn}, 2}});
    gets(run, 3, "m1", kIn);
    CHECK(run.kinds() == Kinds{"double_ownership"});
  }
}

TEST_CASE("G6: a generation has one protocol, which each member has offered") {
  RunBuilder run;
  Kinds kinds;
  joins(run, 1, {"m1", {}, -1, {"range", "sticky"}}, "sticky");
  SECTION("they share it") { joins(run, 1, {"m2", {}, -1, {"sticky"}}, "sticky"); }
  SECTION("one does not know it") {
    joins(run, 1, {"m2", {}, -1, {"range"}}, "sticky");
    kinds = {"illegal_transition"};
    REQUIRE(run.kinds() == kinds);
    CHECK(run.violation().summary ==
          "group app: m2 is told sticky in generation 1, which it has not offered");
  }
  SECTION("two protocols") {
    joins(run, 1, {"m2", {}, -1, {"range"}}, "range");
    kinds = {"illegal_transition"};
  }
  SECTION("another one in another generation") {
    joins(run, 2, {"m2", {}, -1, {"range"}}, "range");
  }
  SECTION("the number again, of another coordinator") {
    run.leads("broker-1", kOffsets, 1, 0, 0).from("broker-1");
    joins(run, 1, {"m2", {}, -1, {"range"}}, "range");
  }
  CHECK(run.kinds() == kinds);
}

}  // namespace
}  // namespace eosim::check
