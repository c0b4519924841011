// The facts of a consumer: what the ledger is fed with.
#include "consumer_world.h"
#include "models/protocol/events.h"

namespace eosim::kafka::consumer_test {
namespace {

class Facts final : public sim::Observer {
 public:
  std::vector<std::string> seen;

  void on_event(const sim::World& world, const sim::TraceEvent& event) override {
    const sim::EventKind& kind = event_kinds()[event.kind.index];
    std::string text(kind.name);
    for (size_t i = 0; i < kind.field_count; ++i) {
      if (kind.fields[i].type == sim::FieldType::kStoreId) continue;
      text += " " + world.shared().format(kind.fields[i].type, event.fields[i]);
    }
    seen.push_back(text);
  }
};

TEST_CASE("facts tell a membership from the assignment to the loss, in the order of its effects") {
  TestWorld test;
  test.build();
  test.append(kP0, 2, 9);
  test.broker().partitions[kP1].committed = {4};
  test.broker().partitions[kP1].end = {4};
  Facts facts;
  test.world->set_observers({&facts});
  test.run(sim::seconds(1));
  const std::string first =
      "consumer.generation group 1 member-1\n"
      "consumer.assigned group 1 member-1 input-0\n"
      "consumer.assigned group 1 member-1 input-1\n"
      "consumer.position group input-1 4 false\n"
      "consumer.position group input-0 0 true\n"
      "consumer.delivered group input-0 0 0 2 read_committed\n";
  std::string seen;
  for (const std::string& fact : facts.seen) seen += fact + "\n";
  CHECK(seen == first);
  facts.seen.clear();
  test.broker().errors[Rpc::kHeartbeat] = {Error::kUnknownMemberId};
  test.app().hold_callbacks = true;
  test.run(sim::seconds(3));
  // The partitions are given up when the callback has ended, not before.
  CHECK(facts.seen.empty());
  CHECK(test.app().seen.back() == "lost 0 1");
  test.world->control(test.app_id, kApplication, {});
  test.run(sim::milliseconds(1));
  CHECK(facts.seen == std::vector<std::string>{"consumer.revoked group member-1 input-0 true",
                                               "consumer.revoked group member-1 input-1 true"});
}

TEST_CASE("an auditor's facts name no group") {
  TestWorld test(false);
  test.build();
  test.app().by_hand = {kP0};
  test.append(kP0, 1, 9);
  Facts facts;
  test.world->set_observers({&facts});
  test.run(sim::seconds(1));
  CHECK(facts.seen == std::vector<std::string>{"consumer.position  input-0 0 true",
                                               "consumer.delivered  input-0 0 0 1 read_committed"});
}

}  // namespace
}  // namespace eosim::kafka::consumer_test
