// What waits at a broker: appends for the high watermark, fetches for data.
#include "catch.h"
#include "models/broker/delayed_fetch.h"
#include "models/broker/delayed_produce.h"

namespace eosim::kafka {
namespace {

constexpr TopicPartition kP0{{0}, 0};
constexpr TopicPartition kP1{{0}, 1};

AppendOwner owner(uint64_t token) {
  AppendOwner who;
  who.kind = AppendOwner::Kind::kTransaction;
  who.token = token;
  return who;
}
PartitionAppend waiting(TopicPartition partition, int64_t required) {
  return {partition, Error::kNone, Offset{required - 1}, Offset{required}, true};
}
PartitionAppend failed(TopicPartition partition, Error error) {
  return {partition, error, {}, {}, false};
}
sim::TimerId timer(uint32_t slot) { return {slot, 0}; }

struct Purgatory {
  DelayedProduces produces;
  List<FinishedAppend> finished;
  std::vector<sim::TimerId> timers;

  SlotId park(uint64_t token, PartitionAppends partitions) {
    const SlotId id = produces.park(owner(token), std::move(partitions));
    produces.set_timer(id, timer(static_cast<uint32_t>(token)));
    return id;
  }
  void reach(TopicPartition partition, int64_t offset, Error error = Error::kNone) {
    produces.reached(partition, Offset{offset}, error, finished, timers);
  }
};

TEST_CASE("an append ends when the high watermark has passed its last record, and not before") {
  Purgatory p;
  p.park(1, {waiting(kP0, 10)});
  p.reach(kP0, 9);
  CHECK(p.finished.empty());
  p.reach(kP1, 10);
  CHECK(p.finished.empty());
  p.reach(kP0, 10);
  REQUIRE(p.finished.size() == 1);
  CHECK(p.finished[0].owner.token == 1);
  CHECK(p.finished[0].partitions[0].error == Error::kNone);
  CHECK(p.timers == std::vector<sim::TimerId>{timer(1)});
  CHECK(p.produces.size() == 0);
  CHECK(p.produces.watched() == 0);
}

TEST_CASE("a call over several partitions ends as a whole") {
  Purgatory p;
  p.park(1, {waiting(kP0, 5), failed({{1}, 0}, Error::kInvalidProducerEpoch), waiting(kP1, 7)});
  p.reach(kP1, 8);
  CHECK(p.finished.empty());
  p.reach(kP0, 5);
  REQUIRE(p.finished.size() == 1);
  const PartitionAppends& partitions = p.finished[0].partitions;
  CHECK(partitions[0].error == Error::kNone);
  CHECK(partitions[1].error == Error::kInvalidProducerEpoch);
  CHECK(partitions[2].error == Error::kNone);
}

TEST_CASE("one move of the high watermark ends several appends, in the order of their arrival") {
  Purgatory p;
  p.park(1, {waiting(kP0, 5)});
  p.park(2, {waiting(kP0, 9)});
  p.park(3, {waiting(kP0, 5)});
  p.reach(kP0, 6, Error::kNotEnoughReplicasAfterAppend);
  REQUIRE(p.finished.size() == 2);
  CHECK(p.finished[0].owner.token == 1);
  CHECK(p.finished[1].owner.token == 3);
  CHECK(p.finished[0].partitions[0].error == Error::kNotEnoughReplicasAfterAppend);
  CHECK(p.produces.size() == 1);
}

TEST_CASE("after the timeout what is undecided gets REQUEST_TIMED_OUT, the rest what it had") {
  Purgatory p;
  const SlotId id = p.park(1, {waiting(kP0, 5), waiting(kP1, 5)});
  p.reach(kP0, 5);
  p.produces.expire(id, p.finished);
  REQUIRE(p.finished.size() == 1);
  CHECK(p.finished[0].partitions[0].error == Error::kNone);
  CHECK(p.finished[0].partitions[1].error == Error::kRequestTimedOut);
  CHECK(p.produces.watched() == 0);
  // The high watermark may still come: there is nobody to tell.
  p.reach(kP1, 5);
  CHECK(p.finished.size() == 1);
}

TEST_CASE("a timer that fires for an ended append does not find its successor in the slot") {
  Purgatory p;
  const SlotId first = p.park(1, {waiting(kP0, 5)});
  p.reach(kP0, 5);
  p.finished.clear();
  const SlotId second = p.park(2, {waiting(kP0, 6)});
  CHECK(first.slot == second.slot);
  p.produces.expire(first, p.finished);
  CHECK(p.finished.empty());
  CHECK(SlotId::unpacked(second.packed()) == second);
}

TEST_CASE("losing leadership ends everything that waits there") {
  Purgatory p;
  p.park(1, {waiting(kP0, 5)});
  p.park(2, {waiting(kP1, 5)});
  p.produces.lost_leadership(kP0, p.finished, p.timers);
  REQUIRE(p.finished.size() == 1);
  CHECK(p.finished[0].partitions[0].error == Error::kNotLeaderOrFollower);
  CHECK(p.produces.size() == 1);
}

ParkedFetch fetch_of(uint32_t correlation, List<TopicPartition> partitions) {
  ParkedFetch fetch;
  fetch.request.correlation = correlation;
  for (const TopicPartition partition : partitions) {
    fetch.body.partitions.push_back({partition, Offset{0}, {}});
  }
  return fetch;
}

TEST_CASE("a fetch is watched at each of its partitions until it is taken") {
  DelayedFetches fetches;
  const SlotId both = fetches.park(fetch_of(1, {kP0, kP1, kP0}));
  const SlotId one = fetches.park(fetch_of(2, {kP1}));
  CHECK(fetches.watching(kP0) == std::vector<SlotId>{both});
  CHECK(fetches.watching(kP1) == std::vector<SlotId>{both, one});
  CHECK(fetches.take(both).request.correlation == 1);
  CHECK(fetches.watching(kP0).empty());
  CHECK(fetches.watching(kP1) == std::vector<SlotId>{one});
  CHECK(fetches.find(both) == nullptr);
  CHECK(fetches.size() == 1);
}

}  // namespace
}  // namespace eosim::kafka
