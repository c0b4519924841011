// What failed verification tells (transactions.md 4.11 steps 4 and 6), for everything that the
// partition can know of the producer and in every state of the group.
#include "transactional_client.h"

namespace eosim::kafka {
namespace {

using testing::add_request;
using testing::Cluster;
using testing::end_request;
using testing::initialize;
using testing::kIdleKnown;
using testing::Known;
using testing::second_session;
using testing::with_epoch;
using testing::write_marker;

// Why the coordinator does not vouch for the write.
enum class Reason {
  kNotAdded,     // to the transaction; the leader of old clients says INVALID_TXN_STATE
  kNotAddedNew,  // clients that know TRANSACTION_ABORTABLE
  kUnknownId,
  kStaleEpoch,
};
constexpr Reason kReasons[] = {Reason::kNotAdded, Reason::kNotAddedNew, Reason::kUnknownId,
                               Reason::kStaleEpoch};

Error told(Reason reason) {
  constexpr Error kTold[] = {Error::kInvalidTxnState, Error::kTransactionAbortable,
                             Error::kInvalidProducerIdMapping, Error::kInvalidProducerEpoch};
  return kTold[static_cast<size_t>(reason)];
}

Error try_write(Cluster& cluster, TopicPartition to, ProducerIdAndEpoch producer, const char* id,
                int16_t version) {
  ProduceRequest request = cluster.produce(to, cluster.batch(1, producer, 0, true));
  request.transactional_id = cluster.name(id);
  return cluster.call<ProduceResponse>(cluster.leader(to), request, 0, version)
      .partitions.at(0)
      .error;
}

// Leaves a transaction of one batch behind, whose end leaves the epoch as it is.
void write_transaction(Cluster& cluster, TopicPartition to, ProducerIdAndEpoch producer) {
  const int32_t coordinator = cluster.coordinator(CoordinatorType::kTransaction, "tid");
  cluster.call<AddPartitionsToTxnResponse>(coordinator, add_request(cluster, "tid", producer, to),
                                           0, int16_t{1});
  REQUIRE(try_write(cluster, to, producer, "tid", 9) == Error::kNone);
  cluster.call<EndTxnResponse>(coordinator, end_request(cluster, "tid", producer, false), 0,
                               int16_t{1});
  cluster.run_for(sim::seconds(1));
  REQUIRE(cluster.log(to).open_transactions().empty());
}

void prepare(Cluster& cluster, TopicPartition to, ProducerIdAndEpoch producer, Known known) {
  const auto with = [&](int difference) { return with_epoch(producer, difference); };
  switch (known) {
    case Known::kNothing:
      return;
    case Known::kOlder:
      return write_marker(cluster, to, with(1));
    case Known::kSame:
      return write_transaction(cluster, to, producer);
    case Known::kOnlyMarker:
      return write_marker(cluster, to, producer);
    case Known::kNewer:
      return write_marker(cluster, to, with(-1));
    case Known::kOpenOlder:
    case Known::kOpenSame:
    case Known::kOpenNewer:
      FAIL("not asked for here");
  }
}

TEST_CASE("a write that the coordinator does not vouch for, whatever its partition knows") {
  for (const Known known : kIdleKnown) {
    for (const Reason reason : kReasons) {
      INFO("known " << static_cast<int>(known) << " reason " << static_cast<int>(reason));
      Cluster cluster({.preset = "3.8"});
      const TopicPartition to = cluster.partition("data", 0);
      const ProducerIdAndEpoch producer = second_session(cluster, "tid");
      prepare(cluster, to, producer, known);
      if (reason == Reason::kStaleEpoch) initialize(cluster, "tid");
      const char* id = reason == Reason::kUnknownId ? "nobody" : "tid";
      const int16_t version = reason == Reason::kNotAddedNew ? 11 : 10;
      ProduceRequest request = cluster.produce(to, cluster.batch(1, producer, 7, true));
      request.transactional_id = cluster.name(id);
      const auto answer =
          cluster.call<ProduceResponse>(cluster.leader(to), request, 0, version).partitions.at(0);
      CHECK(answer.error == told(reason));
      CHECK(cluster.broker(cluster.leader(to)).verifications() == 0);
    }
  }
}

TEST_CASE("in 3.6 a leader that cannot ask tells its client so") {
  for (const Known known : kIdleKnown) {
    INFO("known " << static_cast<int>(known));
    Cluster cluster({.preset = "3.6"});
    const int32_t coordinator = cluster.coordinator(CoordinatorType::kTransaction, "tid");
    TopicPartition to = cluster.partition("data", 0);
    if (cluster.leader(to) == coordinator) to = cluster.partition("data", 1);
    REQUIRE(cluster.leader(to) != coordinator);
    const ProducerIdAndEpoch producer = second_session(cluster, "tid");
    prepare(cluster, to, producer, known);
    cluster.part("broker-" + std::to_string(cluster.leader(to)),
                 {"broker-" + std::to_string(coordinator)}, sim::seconds(50));
    CHECK(try_write(cluster, to, producer, "tid", 9) == Error::kNetworkException);
  }
}

// The coordinator's decision waits for a replica that it does not reach.
TEST_CASE("a write of the next transaction is put off while the one before is being decided") {
  for (const Known known : {Known::kNothing, Known::kOnlyMarker, Known::kNewer}) {
    INFO("known " << static_cast<int>(known));
    Cluster cluster({.preset = "4.2"});
    const int32_t coordinator = cluster.coordinator(CoordinatorType::kTransaction, "tid");
    std::vector<TopicPartition> led;  // by the coordinator's broker
    for (int32_t p = 0; p < 4; ++p) {
      const TopicPartition one = cluster.partition("data", p);
      if (cluster.leader(one) == coordinator) led.push_back(one);
    }
    REQUIRE_FALSE(led.empty());
    const TopicPartition to = led.front();
    const ProducerIdAndEpoch producer = second_session(cluster, "tid");
    prepare(cluster, to, producer, known);
    const TopicPartition other = cluster.partition("data", (to.partition + 1) % 4);
    REQUIRE(try_write(cluster, other, producer, "tid", 12) == Error::kNone);
    cluster.part("broker-" + std::to_string(coordinator),
                 {"broker-" + std::to_string((coordinator + 1) % 3)}, sim::seconds(5));
    cluster.send(coordinator, end_request(cluster, "tid", producer, true), 1, int16_t{5});
    cluster.run_for(sim::milliseconds(50));
    CHECK(try_write(cluster, to, producer, "tid", 12) == Error::kConcurrentTransactions);
  }
}

}  // namespace
}  // namespace eosim::kafka
