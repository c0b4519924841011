// transactions.md 3.7 and 3.8.
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;

TEST_CASE("the scan aborts a transaction whose time is over, and nobody is answered") {
  Harness h;
  const auto p = h.reach("t", kOngoing);  // timeout 60 s, scans every 10 s from the start
  h.advance(60'000);
  CHECK(h.appends_.empty());  // start + timeout < now, not <=
  h.story_.clear();
  h.advance(10'000);
  REQUIRE(h.appends_.size() == 1);
  CHECK(h.record(h.appends_[0]).state == kPrepareAbort);
  CHECK(h.events_.back().event == Event::kTransactionFenced);
  CHECK(h.events_.back().values[4] == 1);
  h.settle();
  CHECK(h.at("t").state == kCompleteAbort);
  CHECK(h.at("t").producer == pair_of(p.id.value, p.epoch.value + 1));
  for (const std::string& line : h.story_) CHECK(line.rfind("answer", 0) != 0);
  CHECK(h.error(h.end("t", p, true)) == Error::kProducerFenced);
}

TEST_CASE("a scan whose append failed tries again at the next scan") {
  Harness h;
  const auto p = h.reach("t", kOngoing);
  h.advance(70'000);
  h.ack(Error::kRequestTimedOut);
  CHECK(h.at("t").state == kOngoing);
  CHECK(h.appends_.empty());
  h.advance(10'000);
  REQUIRE(h.appends_.size() == 1);
  h.settle();
  CHECK(h.at("t").producer == pair_of(p.id.value, p.epoch.value + 1));
}

TEST_CASE("the wall clock decides about timeouts, the steady clock about scans") {
  Harness h;
  h.reach("t", kOngoing);
  h.wall_ = h.wall_ + eosim::sim::seconds(61);
  h.advance(9'999);
  CHECK(h.appends_.empty());
  h.advance(1);
  CHECK(h.appends_.size() == 1);
}

TEST_CASE("timed-out transactions are aborted in the order of their ids' text") {
  Harness h;
  for (const char* id : {"m", "a", "z", "k"}) h.reach(id, kOngoing);
  h.advance(70'000);
  REQUIRE(h.appends_.size() == 4);
  std::string order;
  for (const AppendEffect& effect : h.appends_) {
    order += h.names_.text(h.record(effect).transactional_id);
  }
  CHECK(order == "akmz");
}

TEST_CASE("unused ids are removed by a tombstone, and come back with a new producer id") {
  Harness h;
  const auto p = h.reach("idle", kCompleteAbort);
  h.reach("empty", kEmpty);
  h.reach("stuck", kPrepareCommit);
  h.advance(604'800'000 - 3'600'000);
  h.reach("young", kEmpty);
  h.init("failed");
  h.ack(Error::kNotEnoughReplicas);
  h.advance(2 * 3'600'000);
  size_t tombstones = 0;
  for (const AppendEffect& effect : h.appends_) {
    CHECK(effect.timeout == eosim::sim::milliseconds(30'000));
    const RecordBatch& batch = h.batches_[effect.batch];
    const auto& records = std::get<List<TransactionLogRecord>>(batch.payload);
    CHECK(batch.count == static_cast<int32_t>(records.size()));
    for (const auto& record : records) CHECK(record.tombstone);
    tombstones += records.size();
  }
  CHECK(tombstones == 2);
  CHECK(h.at("idle").pending == kDead);
  h.settle();
  CHECK_FALSE(h.known("idle"));
  CHECK_FALSE(h.known("empty"));
  CHECK(h.known("young"));
  CHECK(h.known("failed"));
  CHECK(h.known("stuck"));
  CHECK(h.count(Event::kTransactionExpired) == 2);
  CHECK(h.error(h.add("idle", p, {kX0})) == Error::kInvalidProducerIdMapping);
  const uint32_t again = h.init("idle");
  h.settle();
  CHECK(h.answer(again).producer.epoch.value == 0);
  CHECK(h.answer(again).producer.id > p.id);
}

TEST_CASE("a tombstone that failed leaves the id usable") {
  Harness h;
  h.reach("t", kCompleteCommit);
  h.advance(604'800'000 + 3'600'000);
  REQUIRE(h.appends_.size() == 1);
  h.ack(Error::kNotEnoughReplicas);
  CHECK(h.known("t"));
  CHECK_FALSE(h.at("t").pending);
  h.advance(3'600'000);
  h.settle();
  CHECK_FALSE(h.known("t"));
}

TEST_CASE("the next deadline is the next scan, also after a pause over many of them") {
  Harness h;
  CHECK(h.tc_.next_deadline() - h.steady_ == eosim::sim::seconds(10));
  h.steady_ = h.steady_ + eosim::sim::seconds(35);
  TransactionCoordinator::Effects effects;
  h.tc_.on_deadline(h.env(), effects);
  CHECK(h.tc_.next_deadline() - h.steady_ == eosim::sim::seconds(5));
}

TEST_CASE("an id that never got an epoch ends the expiry scan before 3.5 (KAFKA-14880)") {
  for (const std::string& letter : kVariants) {
    INFO(letter);
    const bool dies = letter == "A" || letter == "B" || letter == "C";
    Harness h(letter);
    const auto a = h.reach("a", kEmpty);
    h.init("b");
    h.ack(Error::kNotEnoughReplicas);
    h.reach("c", kEmpty);
    h.advance(604'800'000 + 3'600'000);
    if (!dies) {
      h.settle();
      for (const char* id : {"a", "b", "c"}) CHECK_FALSE(h.known(id));
      continue;
    }
    CHECK(h.appends_.empty());
    CHECK(h.known("c"));
    // What came before it was gathered and lost.
    CHECK(h.at("a").pending == kDead);
    CHECK(h.error(h.init("a")) == Error::kConcurrentTransactions);
    CHECK(h.tc_.debts(h.names_).at(0).waits_for == TransactionWait::kNothing);
    CHECK(h.mismatch() == std::nullopt);
    h.load(h.tc_.partition_of(h.names_, h.name("a")), 1);
    CHECK_FALSE(h.at("a").pending);
    CHECK(h.at("a").producer == a);
  }
}
