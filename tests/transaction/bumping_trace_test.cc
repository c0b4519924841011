// transactions.md 11.2 to 11.4 of variant E, and the timeouts of 3.7.
#include "harness.h"

using namespace eosim::kafka;
using namespace eosim::kafka::test;

TEST_CASE("trace 11.2: a committed transaction of version 2") {
  for (const std::string& letter : kBumping) {
    INFO(letter);
    Harness h(letter);
    const uint32_t init = h.init("T");
    h.ack();
    REQUIRE(h.answer(init).producer == pair_of(7, 0));
    h.register_for("T", pair_of(7, 0), {kX0});
    CHECK(h.record(h.appends_[0]).state == kOngoing);
    CHECK(h.record(h.appends_[0]).client_transaction_version == 2);
    h.ack();
    const uint32_t end = h.end("T", pair_of(7, 0), true, 5);
    CHECK(h.record(h.appends_[0]).state == kPrepareCommit);
    CHECK(h.record(h.appends_[0]).producer == pair_of(7, 1));
    CHECK(h.record(h.appends_[0]).partitions == List<TopicPartition>{kX0});
    CHECK(h.error(h.end("T", pair_of(7, 0), true, 5)) == Error::kConcurrentTransactions);
    h.ack();
    CHECK(h.answer(end).producer == pair_of(7, 1));
    CHECK(h.error(h.end("T", pair_of(7, 0), true, 5)) == Error::kConcurrentTransactions);
    CHECK(h.error(h.register_for("T", pair_of(7, 1), {kX0})) == Error::kConcurrentTransactions);
    REQUIRE(h.sends_.size() == 1);
    CHECK(h.sends_[0].request.markers[0].producer == pair_of(7, 1));
    h.markers();
    CHECK(h.record(h.appends_[0]).state == kCompleteCommit);
    CHECK(h.record(h.appends_[0]).producer == pair_of(7, 1));
    h.ack();
    const uint32_t repeated = h.end("T", pair_of(7, 0), true, 5);
    CHECK(h.error(repeated) == Error::kNone);
    CHECK(h.answer(repeated).producer == pair_of(7, 1));
    h.register_for("T", pair_of(7, 1), {kX1});
    h.ack();
    CHECK(h.at("T").partitions == List<TopicPartition>{kX1});
    CHECK(h.error(h.end("T", pair_of(7, 0), true, 5)) == Error::kProducerFenced);
  }
}

TEST_CASE("trace 11.3 of E1 and E2: a fence bumps in its record, E0 bumps twice (KAFKA-19367)") {
  for (const std::string& letter : kBumping) {
    for (const bool client_of_two : {true, false}) {
      INFO(letter << client_of_two);
      const bool twice = letter == "E0";
      const int aborted = twice ? 7 : 6;
      Harness h(letter);
      TransactionLogRecord open = make_record(pair_of(7, 5), kOngoing, {kX0});
      open.client_transaction_version = client_of_two ? 2 : 0;
      h.reload_with("t", open, 1);
      const uint32_t first = h.init("t");
      CHECK(h.at("t").producer == pair_of(7, twice ? 6 : 5));
      CHECK(h.record(h.appends_[0]).state == kPrepareAbort);
      CHECK(h.record(h.appends_[0]).producer == pair_of(7, aborted));
      CHECK(h.mismatch() == std::nullopt);
      h.ack();
      CHECK(h.error(first) == Error::kConcurrentTransactions);
      CHECK(h.at("t").producer == pair_of(7, aborted));
      CHECK(h.at("t").last_producer_epoch.value == aborted - 1);
      CHECK(h.sends_[0].request.markers[0].producer == pair_of(7, aborted));
      CHECK(h.sends_[0].request.markers[0].result == ControlType::kAbort);
      h.settle();
      CHECK(h.at("t").state == kCompleteAbort);
      const uint32_t last = h.init("t");
      h.settle();
      CHECK(h.answer(last).producer == pair_of(7, aborted + 1));
      CHECK(h.error(h.end("t", pair_of(7, 5), true)) == Error::kProducerFenced);
      CHECK(h.error(h.end("t", pair_of(7, 5), true, 5)) == Error::kProducerFenced);
      CHECK(h.error(h.register_for("t", pair_of(7, 5), {kX0})) == Error::kProducerFenced);
    }
  }
}

TEST_CASE("failed fences burn one epoch in all, in E0 two (txn.T20)") {
  for (const std::string& letter : kBumping) {
    for (int failures = 0; failures < 4; ++failures) {
      INFO(letter << " " << failures);
      Harness h(letter);
      const auto p = h.reach_bumping("t", kOngoing);
      for (int i = 0; i < failures; ++i) {
        const uint32_t asked = h.init("t");
        h.ack(Error::kRequestTimedOut);
        CHECK(h.error(asked) == Error::kCoordinatorNotAvailable);
        CHECK(h.at("t").failed_epoch_fence == (letter == "E0"));
        // Until the record is there the old producer of E1 may still end its transaction.
        CHECK(h.at("t").producer == pair_of(p.id.value, p.epoch.value + (letter == "E0" ? 1 : 0)));
        CHECK(h.mismatch() == std::nullopt);
      }
      h.init("t");
      h.settle();
      CHECK(h.at("t").state == kCompleteAbort);
      CHECK(h.at("t").producer == pair_of(p.id.value, p.epoch.value + (letter == "E0" ? 2 : 1)));
      CHECK_FALSE(h.at("t").failed_epoch_fence);
    }
  }
}

TEST_CASE("trace 11.4: the last epoch leads to a new producer id, promised before it is there") {
  for (const std::string& letter : kBumping) {
    Harness h(letter);
    h.reload_with("t", make_record(pair_of(5, 32766), kOngoing, {kX0}), 1);
    const uint32_t asked = h.end("t", pair_of(5, 32766), true, 5);
    CHECK(h.record(h.appends_[0]).producer == pair_of(5, 32767));
    h.ack();
    CHECK(h.answer(asked).producer == pair_of(7, 0));
    CHECK(h.sends_[0].request.markers[0].producer == pair_of(5, 32767));
    // The client goes on with a pair that the cache does not have yet.
    CHECK(h.error(h.register_for("t", pair_of(7, 0), {kX0})) == Error::kConcurrentTransactions);
    CHECK(h.error(h.end("t", pair_of(7, 0), false, 5)) == Error::kConcurrentTransactions);
    h.markers();
    CHECK(h.record(h.appends_[0]).producer == pair_of(7, 0));
    h.ack();
    CHECK(h.at("t").producer == pair_of(7, 0));
    CHECK(h.at("t").previous_producer_id.value == 5);
    CHECK(h.at("t").last_producer_epoch.value == 32766);
    CHECK_FALSE(h.at("t").next_producer_id.valid());
    CHECK(h.mismatch() == std::nullopt);
    const uint32_t repeated = h.end("t", pair_of(5, 32766), true, 5);
    CHECK(h.answer(repeated).producer == pair_of(7, 0));
    CHECK(h.error(h.end("t", pair_of(5, 32766), false, 5)) == Error::kInvalidTxnState);
    CHECK(h.error(h.end("t", pair_of(5, 32765), true, 5)) == Error::kInvalidProducerIdMapping);
    // So is InitProducerId with the pair of before.
    const uint32_t init = h.init("t", pair_of(5, 32766));
    h.settle();
    CHECK(h.answer(init).producer == pair_of(7, 0));
    h.register_for("t", pair_of(7, 0), {kX1});
    h.ack();
    CHECK(h.at("t").state == kOngoing);
  }
}

TEST_CASE("what came before an overflow is known until the next transaction, to 4.0 beyond it") {
  struct Row {
    const char* variant;
    Error end;
    Error init;
  };
  for (const Row& row : {Row{"E0", Error::kProducerFenced, Error::kConcurrentTransactions},
                         Row{"E1", Error::kInvalidProducerIdMapping, Error::kProducerFenced}}) {
    CAPTURE(row.variant);
    Harness h(row.variant);
    h.reload_with("t", make_record(pair_of(5, 32766), kOngoing, {kX0}), 1);
    h.end("t", pair_of(5, 32766), true, 5);
    h.settle();
    REQUIRE(h.at("t").producer == pair_of(7, 0));
    CHECK(h.answer(h.end("t", pair_of(5, 32766), true, 5)).producer == pair_of(7, 0));
    h.register_for("t", pair_of(7, 0), {kX1});
    h.ack();
    CHECK(h.error(h.end("t", pair_of(5, 32766), true, 5)) == row.end);
    // To 4.0 the pair of before is good enough to fence the transaction of its successor.
    const uint32_t init = h.init("t", pair_of(5, 32766));
    h.settle();
    CHECK(h.error(init) == row.init);
    CHECK(h.at("t").state == (row.init == Error::kProducerFenced ? kOngoing : kCompleteAbort));
  }
}

TEST_CASE("with no producer id at hand an end at the last epoch writes nothing") {
  Harness h("E1");
  h.reload_with("t", make_record(pair_of(5, 32766), kOngoing, {kX0}), 1);
  while (h.error(h.init("(null)")) == Error::kNone) h.hold_ids_ = true;
  const uint32_t asked = h.end("t", pair_of(5, 32766), true, 5);
  CHECK(h.error(asked) == Error::kCoordinatorLoadInProgress);
  CHECK(h.appends_.empty());
  CHECK_FALSE(h.at("t").pending);
}

TEST_CASE("a failover between the promise and the Complete record loses it (KAFKA-20310)") {
  Harness h("E2");
  h.reload_with("t", make_record(pair_of(5, 32766), kOngoing, {kX0}), 1);
  const uint32_t asked = h.end("t", pair_of(5, 32766), true, 5);
  h.ack();
  REQUIRE(h.answer(asked).producer == pair_of(7, 0));
  h.load(h.tc_.partition_of(h.names_, h.name("t")), 2);
  h.settle();
  CHECK(h.at("t").state == kCompleteCommit);
  CHECK(h.at("t").producer == pair_of(5, 32767));
  CHECK(h.error(h.register_for("t", pair_of(7, 0), {kX0})) == Error::kInvalidProducerIdMapping);
}

TEST_CASE("a fence at the last epoch does not rotate, and its victim gets stuck (KAFKA-20090)") {
  Harness h("E2");
  h.reload_with("a", make_record(pair_of(5, 32766), kOngoing, {kX0}), 1);
  h.init("a");
  h.settle();
  REQUIRE(h.at("a").producer == pair_of(5, 32767));
  const uint32_t late = h.end("a", pair_of(5, 32766), false, 5);
  CHECK(h.answer(late).producer == pair_of(5, 32767));  // no client should ever see it (txn.T3)
  h.register_for("a", pair_of(5, 32767), {kX0});
  h.ack();
  CHECK(h.error(h.end("a", pair_of(5, 32767), true, 5)) == Error::kUnknownServerError);
  CHECK(h.error(h.init("a")) == Error::kUnknownServerError);
  h.reach_bumping("b", kOngoing);
  h.advance(200'000);  // the scan dies of it, before it comes to b
  CHECK(h.appends_.empty());
  CHECK(h.at("a").state == kOngoing);
  CHECK(h.at("b").state == kOngoing);
}

TEST_CASE("E0 cannot fence at the last epoch at all (KAFKA-19367)") {
  Harness h("E0");
  h.reload_with("t", make_record(pair_of(5, 32766), kOngoing, {kX0}), 1);
  for (int i = 0; i < 2; ++i) {
    CHECK(h.error(h.init("t")) == Error::kUnknownServerError);
    CHECK(h.appends_.empty());
    CHECK(h.at("t").state == kOngoing);
    CHECK(h.at("t").producer == pair_of(5, 32767));
    CHECK_FALSE(h.at("t").pending);
  }
}

TEST_CASE("a producer whose transaction timed out sees what 3.7 says of its variant") {
  for (const std::string& letter : kVariants) {
    INFO(letter);
    const bool bumping = is_one_of(letter, kBumping);
    for (const int version : {2, 5}) {
      if (version == 5 && !bumping) continue;
      const auto timed_out = [&] {
        Harness h(letter);
        version == 5 ? h.reach_bumping("t", kOngoing) : h.reach("t", kOngoing);
        h.advance(70'000);
        h.settle();
        REQUIRE(h.at("t").state == kCompleteAbort);
        return h;
      };
      const auto p = pair_of(7, 0);
      const auto ended = static_cast<int16_t>(version);
      Harness h = timed_out();
      CHECK(h.at("t").producer == pair_of(7, letter == "E0" ? 2 : 1));
      CHECK(h.error(h.add("t", p, {kX0})) == fence_code(letter));
      const Error commit =
          letter != "E0" && version == 5 ? Error::kInvalidTxnState : fence_code(letter);
      CHECK(h.error(h.end("t", p, true, ended)) == commit);
      const uint32_t abort = h.end("t", p, false, ended);
      if (letter != "E0" && version == 5) {
        CHECK(h.answer(abort).producer == pair_of(7, 1));  // the producer recovers
      } else {
        CHECK(h.error(abort) == fence_code(letter));
      }
      if (bumping) CHECK(h.error(h.register_for("t", p, {kX0})) == Error::kProducerFenced);
      // InitProducerId with the pair of before: B takes it for a repetition, and so does TV2, whose
      // abort stores the epoch that it raised.
      const uint32_t init = h.init("t", p);
      h.settle();
      const bool repeated = letter == "B" || letter == "E1" || letter == "E2";
      if (letter == "A" || repeated) {
        CHECK(h.answer(init).producer == pair_of(7, letter == "A" ? 2 : 1));
      } else {
        CHECK(h.error(init) == fence_code(letter));
      }
    }
  }
}
