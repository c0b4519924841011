// The cooperative protocol at a member (KIP-429; groups-streams-replication.md 3.3): callbacks in
// Kafka's order, what goes on being read meanwhile, and the join that follows a revocation.
#include "consumer_world.h"

namespace eosim::kafka::consumer_test {
namespace {

using Strings = std::vector<std::string>;
using Command = StubApplication::Command;

TestWorld cooperative(const char* preset = "2.8", int32_t fetch_max_wait_ms = 500) {
  TestWorld test(true, preset);
  test.config.fetch_max_wait_ms = fetch_max_wait_ms;
  test.config.assignors = {Assignor::kCooperativeSticky};
  test.build();
  test.append(kP0, 2, 9);
  test.append(kP1, 2, 9);
  return test;
}

TEST_CASE("a cooperative member keeps what it has through a rebalance") {
  TestWorld test = cooperative();
  test.run(sim::seconds(1));
  test.app().next = Command::kEnforceRebalance;
  test.run(sim::seconds(1));
  // No revocation, nothing added, no offsets asked for again and nothing read twice.
  CHECK(test.app().seen == Strings{"assigned 0 1", "records 0:0 0:1 1:0 1:1", "assigned"});
  CHECK(test.app().consumer.group_metadata().generation == Generation{2});
  CHECK(test.broker().offset_fetches.size() == 1);
  REQUIRE(test.broker().joins.size() == 3);
  CHECK(test.broker().joins[1].protocols[0].subscription.owned.empty());
  CHECK(test.broker().joins[2].protocols[0].subscription.owned == List<TopicPartition>{kP0, kP1});
}

TEST_CASE("what the assignment takes away is revoked after it, and then the member joins again") {
  // Where to begin is asked behind the long poll for the other partition, and what is there in the
  // Fetch after the next one: a broker handles the requests of a connection one by one, so a
  // partition that came back may take fetch.max.wait.ms twice.
  TestWorld test = cooperative("2.8", 100);
  test.run(sim::seconds(1));
  test.broker().gives = {{kP1}};
  test.app().hold_callbacks = true;
  test.app().next = Command::kEnforceRebalance;
  test.run(sim::seconds(1));
  CHECK(test.app().seen.back() == "revoked 0");
  // The new triple is told before the callback, and the partition is still there.
  CHECK(test.app().consumer.group_metadata().generation == Generation{2});
  CHECK(test.app().consumer.assignment() == List<TopicPartition>{kP0, kP1});
  test.app().hold_callbacks = false;
  test.world->control(test.app_id, kApplication, {});
  test.run(sim::seconds(1));
  CHECK(test.app().seen == Strings{"assigned 0 1", "records 0:0 0:1 1:0 1:1", "revoked 0",
                                   "resumed", "assigned", "assigned 0", "records 0:0 0:1"});
  CHECK(test.broker().joins.back().protocols[0].subscription.owned == List<TopicPartition>{kP1});
  CHECK(test.app().consumer.group_metadata().generation == Generation{3});
  // Begins at its committed offset, which is none; the other one was never asked for again.
  REQUIRE(test.broker().offset_fetches.size() == 2);
  CHECK(test.broker().offset_fetches[1].partitions == List<TopicPartition>{kP0});
}

TEST_CASE("records flow while a cooperative member waits for the others to join") {
  for (const char* preset : {"2.8", "2.5"}) {
    TestWorld test = cooperative(preset);
    test.run(sim::seconds(1));
    test.broker().silent = true;
    test.app().next = Command::kEnforceRebalance;
    test.run(sim::seconds(1));
    test.append(kP0, 1, 9);
    test.run(sim::seconds(2));
    CHECK(test.app().seen.back() == "records 0:2");
  }
}

// KAFKA-8421 came with 2.5.1.
TEST_CASE("before, polls end with nothing while the others are waited for") {
  TestWorld test = cooperative("2.4");
  test.run(sim::seconds(1));
  const Strings before = test.app().seen;
  test.broker().silent = true;
  test.app().next = Command::kEnforceRebalance;
  test.run(sim::seconds(1));
  test.append(kP0, 1, 9);
  const int polls = test.app().polls;
  test.run(sim::seconds(2));
  CHECK(test.app().seen == before);
  // Each took its 200 ms.
  CHECK(test.app().polls - polls >= 9);
  CHECK(test.app().polls - polls <= 11);
}

TEST_CASE("a cooperative member that lost its membership loses everything") {
  TestWorld test = cooperative();
  test.run(sim::seconds(1));
  test.broker().errors[Rpc::kHeartbeat] = {Error::kUnknownMemberId};
  test.run(sim::seconds(4));
  CHECK(test.app().seen == Strings{"assigned 0 1", "records 0:0 0:1 1:0 1:1", "lost 0 1",
                                   "assigned 0 1", "records 0:0 0:1 1:0 1:1"});
}

TEST_CASE("an id that is lost while joining costs the partitions since 2.8 and not before") {
  for (const char* preset : {"2.6", "2.8"}) {
    TestWorld test = cooperative(preset);
    test.run(sim::seconds(1));
    test.broker().errors[Rpc::kJoinGroup] = {Error::kUnknownMemberId};
    test.app().next = Command::kEnforceRebalance;
    test.run(sim::seconds(1));
    CAPTURE(preset);
    const bool lost = std::find(test.app().seen.begin(), test.app().seen.end(), "lost 0 1") !=
                      test.app().seen.end();
    CHECK(lost == (find_preset(preset)->release >= Release::k28));
    const auto& owned = test.broker().joins.back().protocols[0].subscription.owned;
    CHECK(owned.empty() == lost);
  }
}

TEST_CASE("a member that knows range too is eager, and offers both in its order") {
  TestWorld test(true, "3.5");
  test.config.assignors = {Assignor::kRange, Assignor::kCooperativeSticky};
  test.build();
  test.run(sim::seconds(1));
  test.app().next = Command::kEnforceRebalance;
  test.run(sim::seconds(1));
  CHECK(test.app().seen == Strings{"assigned 0 1", "revoked 0 1", "assigned 0 1"});
  const auto& protocols = test.broker().joins.back().protocols;
  REQUIRE(protocols.size() == 2);
  CHECK(test.shared().names.text(protocols[0].name) == "range");
  CHECK(test.shared().names.text(protocols[1].name) == "cooperative-sticky");
  CHECK(protocols[1].subscription.generation == Generation{1});
  CHECK(test.app().consumer.rebalance_protocol() == RebalanceProtocol::kEager);
}

TEST_CASE("an application's own assignor is asked before the join, as the leader, and told after") {
  TestWorld test(true, "2.8");
  test.config.assignors = {Assignor::kApplication};
  test.config.application_assignor = test.shared().names.intern("stream");
  test.config.application_protocol = RebalanceProtocol::kCooperative;
  test.build();
  test.run(sim::seconds(1));
  test.app().next = Command::kEnforceRebalance;
  test.run(sim::seconds(1));
  // MEMBER_ID_REQUIRED makes two joins of the first, each with user data of its own.
  CHECK(test.app().seen == Strings{"subscriptionUserData", "subscriptionUserData",
                                   "assign 1 members", "onAssignment 0 1 says 7", "assigned 0 1",
                                   "subscriptionUserData", "assign 1 members",
                                   "onAssignment 0 1 says 7", "assigned"});
  CHECK(test.broker().joins.back().protocols[0].subscription.user_data == UserData{41});
}

}  // namespace
}  // namespace eosim::kafka::consumer_test
