// What producers count of themselves: connections, and how long their sender stood still.
#include "producer_world.h"

using namespace eosim;
using namespace eosim::kafka;
using namespace eosim::kafka::producer_test;

namespace {

int64_t blocked(ProducerWorld& world) {
  return world.shared().counters.blocked_ns[static_cast<size_t>(ThreadKind::kSender)];
}

uint64_t opened(ProducerWorld& world, ClientKind kind) {
  return world.shared().counters.connections[static_cast<size_t>(kind)];
}

}  // namespace

TEST_CASE("a sender is blocked while it connects, and not while an answer is on its way") {
  ProducerWorld world;
  const auto app = world.add_app("app", {{Command::kInit}});
  REQUIRE(world.run(app));
  const int64_t connecting = blocked(world);
  CHECK(connecting > 0);

  // The coordinator is connected: a second call of the protocol blocks the sender no more.
  auto& script = world.app(app).script;
  script.push_back({Command::kBegin});
  script.push_back({Command::kWait, {}, 1'000});
  script.push_back({Command::kAbort});
  world.run_for(sim::seconds(3));
  CHECK(blocked(world) == connecting);
}

TEST_CASE("a sender is blocked for the whole of its sleep before a retry") {
  // The leader of the first transaction's partition stands still, so its marker is not written:
  // AddPartitionsToTxn of the next one is refused and repeated after 20 ms, again and again.
  ProducerWorld world;
  const int32_t coordinator = world.transaction_coordinator();
  TopicPartition held, free;
  for (int32_t i = 0; i < 4; ++i) {
    (world.leader(world.data(i)) == coordinator ? free : held) = world.data(i);
  }
  REQUIRE((held.valid() && free.valid()));
  const auto app = world.add_app("app", {{Command::kInit},
                                         {Command::kBegin},
                                         {Command::kSend, held, 1},
                                         {Command::kSend, free, 1},
                                         {Command::kFlush},
                                         {Command::kWait, {}, 1'000},
                                         {Command::kCommit},
                                         {Command::kBegin},
                                         {Command::kSend, free, 1},
                                         {Command::kCommit}});
  sim::FaultSpec pause;
  pause.kind = sim::FaultKind::kPause;
  pause.word = "pause";
  pause.target = "broker-" + std::to_string(world.leader(held));
  pause.at = sim::Time{} + sim::milliseconds(700);
  pause.length = sim::seconds(2);
  world.world().add_fault(pause);
  world.run_for(sim::milliseconds(900));
  const int64_t connecting = blocked(world);
  REQUIRE(world.run(app));
  const auto& counters = world.shared().counters;
  const auto retries =
      static_cast<int64_t>(counters.retries[static_cast<size_t>(Rpc::kAddPartitionsToTxn)]);
  CHECK(retries > 20);
  CHECK(blocked(world) - connecting == retries * 20'000'000);
}

TEST_CASE("connections count by the kind of the client that opened them, at most one a broker") {
  ProducerWorld world;
  const auto app = world.add_app("app", {{Command::kInit},
                                         {Command::kBegin},
                                         {Command::kSend, world.data(0), 1},
                                         {Command::kSend, world.data(1), 1},
                                         {Command::kSend, world.data(2), 1},
                                         {Command::kCommit}});
  REQUIRE(world.run(app));
  CHECK(opened(world, ClientKind::kProducer) == 3);
  CHECK(opened(world, ClientKind::kConsumer) == 0);
  CHECK(opened(world, ClientKind::kProducer) + opened(world, ClientKind::kBroker) ==
        world.world().counts().connections);
}
