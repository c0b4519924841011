// transactions.md 3.5, first table.
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;

TEST_CASE("EndTxn checks in the order of table 3.5") {
  Harness h("C");
  const auto p = h.reach("t", kEmpty);
  const ProducerIdAndEpoch wrong_id = pair_of(p.id.value + 1, 9);
  CHECK(h.error(h.end("", wrong_id, true)) == Error::kInvalidRequest);
  CHECK(h.error(h.end("nobody", wrong_id, true)) == Error::kInvalidProducerIdMapping);
  h.add("t", p, {kX0});  // pending Ongoing
  CHECK(h.error(h.end("t", wrong_id, true)) == Error::kInvalidProducerIdMapping);
  CHECK(h.error(h.end("t", pair_of(p.id.value, 9), true)) == Error::kProducerFenced);
  CHECK(h.error(h.end("t", p, true)) == Error::kConcurrentTransactions);
  h.ack(Error::kNotEnoughReplicas);
  CHECK(h.error(h.end("t", p, true)) == Error::kInvalidTxnState);
  const int32_t partition = h.tc_.partition_of(h.names_, h.name("t"));
  h.tc_.begin_load(partition, {1});
  CHECK(h.error(h.end("t", wrong_id, true)) == Error::kCoordinatorLoadInProgress);
  TransactionCoordinator::Effects effects;
  h.tc_.resign(partition, {1}, effects);
  CHECK(h.error(h.end("t", wrong_id, true)) == Error::kNotCoordinator);
}

TEST_CASE("a decision is durable before the answer, the answer comes before the markers") {
  Harness h;
  const auto p = h.reach("t", kOngoing);
  h.story_.clear();
  const uint32_t asked = h.end("t", p, true);
  CHECK(h.at("t").pending == kPrepareCommit);
  CHECK(h.at("t").state == kOngoing);
  CHECK(h.record(h.appends_[0]).partitions == List<TopicPartition>{kX0, kX1});
  h.ack();
  CHECK(h.error(asked) == Error::kNone);
  CHECK(h.answer(asked).producer == ProducerIdAndEpoch{});
  CHECK(h.at("t").state == kPrepareCommit);
  CHECK(h.at("t").pending == kCompleteCommit);
  CHECK(h.story_ == std::vector<std::string>{"append", "answer NONE", "markers", "markers"});
}

TEST_CASE("A and B take an end with a higher epoch and get stuck, C refuses it (KAFKA-9600)") {
  for (const std::string& letter : kVariants) {
    INFO(letter);
    Harness h(letter);
    const auto p = h.reach("t", kOngoing);
    const ProducerIdAndEpoch higher = pair_of(p.id.value, p.epoch.value + 1);
    const uint32_t asked = h.end("t", higher, true);
    if (letter != "A" && letter != "B") {
      CHECK(h.error(asked) == Error::kProducerFenced);
      continue;
    }
    REQUIRE(h.appends_.size() == 1);
    CHECK(h.record(h.appends_[0]).producer == p);
    h.ack();
    CHECK(h.error(asked) == Error::kInvalidProducerEpoch);
    CHECK(h.sends_.empty());
    CHECK(h.at("t").state == kPrepareCommit);
    CHECK_FALSE(h.at("t").pending);
    CHECK(h.count(Event::kTransactionStuck) == 1);
    REQUIRE(h.tc_.debts(h.names_).size() == 1);
    CHECK(h.tc_.debts(h.names_)[0].waits_for == TransactionWait::kNothing);
    // A load sends the markers.
    h.load(h.tc_.partition_of(h.names_, h.name("t")), 1);
    CHECK(h.sends_.size() == 2);
    h.settle();
    CHECK(h.at("t").state == kCompleteCommit);
  }
}
